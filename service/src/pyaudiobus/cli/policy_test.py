"""`audiobus policy test`: a product's expectations compared with what would be done; 1 where one is not met."""

from __future__ import annotations

import argparse
from difflib import ndiff

from pyaudiobus.cli.bus_arguments import put_json
from pyaudiobus.cli.policy_check import Run, dry_run
from pyaudiobus.cli.policy_sources import Sources, add_source_arguments, read_snapshot, sources
from pyaudiobus.cli.printing import put_line
from pyaudiobus.config.policy_tests import Expectation, load_tests
from pyaudiobus.errors import UserError
from pyaudiobus.model.policy import STATE
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.streams import place_of

FAILED = 1


class Result(Record):
    """One test's outcome."""

    name: str
    place: str
    diff: tuple[str, ...]
    """Lines of a comparison; none where it is as expected."""


def add_test_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_source_arguments(parser)
    parser.add_argument("files", metavar="FILE", nargs="+", help="tests, as service/docs/policy.md describes them")


def test(arguments: argparse.Namespace) -> int:
    """Run them all."""
    with sources(arguments) as found:
        results = [_result(one, found) for file in arguments.files for one in load_tests(file)]
    if not results:
        raise UserError("there is no test in these files")
    failed = [one for one in results if one.diff]
    if arguments.json:
        put_json({"tests": [_as_words(one) for one in results], "failed": len(failed)})
    else:
        for one in results:
            put_line(f"{'FAILED' if one.diff else 'ok    '} {one.name}" + (f" ({one.place})" if one.diff else ""))
            for line in one.diff:
                put_line(f"    {line}")
        put_line(f"{len(results) - len(failed)} as expected, {len(failed)} not")
    return FAILED if failed else 0


def _result(expected: Expectation, found: Sources) -> Result:
    bus = read_snapshot(expected.snapshot) if expected.bus is None and expected.snapshot else expected.bus
    if bus is None:
        raise UserError(f"{expected.place}: {expected.name} has neither a bus nor a snapshot")
    try:
        done = dry_run(bus.replace(policy=found.policy), found, list(expected.events))
    except UserError as error:
        raise UserError(f"{expected.place}: {error.what}", facts=error.facts) from None
    diff = _compared(expected.actions, tuple(words for _, words in done.actions))
    return Result(expected.name, expected.place, (*diff, *_misplaced(expected, done)))


def _compared(expected: tuple[str, ...] | None, actual: tuple[str, ...]) -> tuple[str, ...]:
    """Return a comparison: - what was expected, + what would be done."""
    if expected is None or expected == actual:
        return ()
    return tuple(line for line in ndiff(expected, actual) if not line.startswith("?"))


def _misplaced(expected: Expectation, done: Run) -> list[str]:
    found = [(name, wanted, where(name, done.bus)) for name, wanted in expected.streams]
    return [f"{name}: expected {wanted}, is {actual}" for name, wanted, actual in found if wanted != actual]


def where(name: str, bus: Snapshot) -> str:
    """Return where a stream is: the name of its sink, "waiting", "refused", or "nowhere"."""
    stream = bus.find(name, "node")
    if stream is None:
        return "nowhere"
    place = place_of(stream, bus)
    return place.name if place is not None else stream.properties.get(STATE, "nowhere")


def _as_words(one: Result) -> dict[str, object]:
    return {"name": one.name, "place": one.place, "passed": not one.diff, "diff": list(one.diff)}
