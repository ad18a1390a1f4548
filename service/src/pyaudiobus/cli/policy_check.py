"""`audiobus policy check`: what would be done on a bus, saved or alive, after events that did not happen."""

from __future__ import annotations

import argparse
import sys

from pyaudiobus.cli.bus_arguments import put_json
from pyaudiobus.cli.policy_sources import Sources, add_source_arguments, bus_to_look_at, sources
from pyaudiobus.cli.printing import put_line
from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy import explain
from pyaudiobus.policy.actions import Action, as_words
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.decide import Decision
from pyaudiobus.policy.happening import happen
from pyaudiobus.policy.in_words import in_words
from pyaudiobus.policy.plan import plan


class Run(Record):
    """What a dry run has come to."""

    bus: Snapshot
    """As it would be in the end."""
    actions: tuple[tuple[Action, str], ...]
    """With the words for each."""
    decisions: tuple[Decision, ...]
    notes: tuple[str, ...]


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_source_arguments(parser)
    parser.add_argument("--remote", metavar="PATH", help="the daemon's socket, without --snapshot")
    parser.add_argument("--snapshot", metavar="FILE", help="a bus that `audiobus dump` wrote; -: standard input")
    parser.add_argument(
        "--event",
        action="append",
        default=[],
        metavar="EVENT",
        help='what happens first, as "remove speaker", "default headset"; once for each event',
    )
    parser.add_argument("--explain", action="append", default=[], metavar="NAME", help="tell why, of one object")


def check(arguments: argparse.Namespace) -> int:
    """Print the actions, and what is asked for besides."""
    with sources(arguments) as found:
        done = dry_run(bus_to_look_at(arguments, found.policy), found, arguments.event)
    if arguments.json:
        put_json(
            {
                "actions": [{**as_words(action), "words": words} for action, words in done.actions],
                "decisions": [explain.as_words(one) for one in done.decisions if _is_asked_for(one, arguments)],
                "notes": [*found.mistakes, *done.notes],
            }
        )
    else:
        _print(done, arguments)
    return 0


def dry_run(bus: Snapshot, found: Sources, events: list[str]) -> Run:
    """Decide, let events happen one by one, and decide after each. UserError where an event means nothing.

    With events only what they lead to is told, not what the bus needed before.
    """
    actions: list[tuple[Action, str]] = []
    made = plan(bus, found.chains, ask=found.ask)
    notes, decisions = list(made.notes), list(made.decisions)
    for action in made.actions:
        actions.append((action, in_words(action, bus)))
        bus = applied(bus, action)
    if events:
        actions.clear()
        decisions.clear()
    for event in events:
        after = happen(bus, event)
        made = plan(after.bus, found.chains, after.concerned, found.ask)
        bus = after.bus
        for action in made.actions:
            actions.append((action, in_words(action, bus)))
            bus = applied(bus, action)
        decisions += made.decisions
        notes += made.notes
    return Run(bus, tuple(actions), tuple(decisions), tuple(dict.fromkeys(notes)))


def _print(done: Run, arguments: argparse.Namespace) -> None:
    for action, words in done.actions:
        put_line(f"{words}: {action.reason}")
    if not done.actions:
        put_line("nothing to do")
    for name in arguments.explain:
        told = [one for one in done.decisions if name in (one.name, str(one.subject))]
        if not told:
            raise UserError(f"nothing was decided about {name!r}", facts=[f"decided about: {_names(done)}"])
        for line in ("", *explain.explain(told, done.bus)):
            put_line(line)
    for note in done.notes:
        put_line(f"audiobus: {note}", sys.stderr)


def _is_asked_for(decision: Decision, arguments: argparse.Namespace) -> bool:
    return not arguments.explain or decision.name in arguments.explain or str(decision.subject) in arguments.explain


def _names(done: Run) -> str:
    return ", ".join(dict.fromkeys(one.name for one in done.decisions if one.name)) or "nothing"
