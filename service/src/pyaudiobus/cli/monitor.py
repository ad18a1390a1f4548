"""`audiobus monitor`: what happens on the bus, a line each, as it happens."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping

from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import whole
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.table import GREEN, RED, one_line, paint
from pyaudiobus.client.mirror import Change, follow
from pyaudiobus.model.snapshot import KINDS, Entry, Item

COUNTERS = frozenset({"wakeups", "cycles", "frames", "wait", "busy", "longest_busy", "total_busy"})
"""Facts that change all the time: shown by top."""
Words = dict[str, object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print one JSON object a line")
    parser.add_argument(
        "--kind", action="append", choices=KINDS, metavar="KIND", help=f"only these: {', '.join(KINDS)}; repeatable"
    )
    parser.add_argument("--new", action="store_true", help="leave out what is there already")
    parser.add_argument("-n", "--count", type=whole, metavar="N", help="end after so many events")


def command(arguments: argparse.Namespace) -> int:
    """Tell until interrupted."""
    waiting: list[Change] = []
    kinds = arguments.kind or KINDS
    with connect(arguments, "monitor") as remote:
        follow(remote, kinds, waiting.append)
        if arguments.new:
            waiting.clear()
        tell = _teller(arguments, remote.welcome.client)
        while tell(waiting):
            waiting.clear()
            remote.wait()
    return 0


def _teller(arguments: argparse.Namespace, own: int) -> Callable[[list[Change]], bool]:
    """Return what tells changes; it returns False once as many as were asked for are told."""
    left = arguments.count

    def tell(changes: list[Change]) -> bool:
        nonlocal left
        for change in changes:
            words = as_words(change)
            if not words or words.get("serial") == own:
                continue
            if arguments.json:
                put_json({"time": round(time.time(), 6), **words})
            else:
                put(_line(words) + "\n")
            left = None if left is None else left - 1
            if left == 0:
                return False
        return True

    return tell


def as_words(change: Change) -> Words:
    """Return one event as --json prints it; empty where nothing that is told here is different."""
    before, after = change.before, change.after
    if isinstance(after, Entry) or isinstance(before, Entry):
        return _entry(after or before, is_gone=after is None)
    if after is None:
        return _named("removed", before) if before else {}
    if before is None:
        return {**_named("added", after), "facts": dict(after.facts), "properties": dict(after.properties)}
    changes: Words = {} if before.state == after.state else {"state": [before.state, after.state]}
    facts = {key: pair for key, pair in _differences(before.facts, after.facts).items() if key not in COUNTERS}
    properties = _differences(before.properties, after.properties)
    changes |= {"facts": facts} if facts else {}
    changes |= {"properties": properties} if properties else {}
    return {**_named("changed", after), "changes": changes} if changes else {}


def _entry(entry: Item | Entry | None, *, is_gone: bool) -> Words:
    if not isinstance(entry, Entry):
        return {}
    return {
        "event": "metadata-cleared" if is_gone else "metadata",
        "subject": entry.subject,
        "key": entry.key,
        "type": entry.type,
        "value": entry.value,
    }


def _named(event: str, item: Item | Entry) -> Words:
    if isinstance(item, Entry):
        return {}
    return {
        "event": event,
        "serial": item.serial,
        "kind": item.kind,
        "name": item.name,
        "state": item.state,
        "owner": item.owner,
    }


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    keys = [*before, *(key for key in after if key not in before)]
    return {key: [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}


def _line(words: Words) -> str:
    event = words["event"]
    if event in ("metadata", "metadata-cleared"):
        value = f"= {words['value']}" if event == "metadata" else "cleared"
        return one_line(f"m {words['subject']} {words['key']} {value}")
    what = one_line(f"{words['kind']} {words['serial']} {words['name']}")
    if event == "removed":
        return paint(f"- {what}", RED)
    if event == "added":
        return paint(f"+ {what} ({words['state']})", GREEN)
    return f"~ {what}: {one_line(_told(words['changes']))}"


def _told(changes: object) -> str:
    told = []
    if isinstance(changes, dict):
        pairs = {"state": changes["state"]} if "state" in changes else {}
        for part in ("facts", "properties"):
            pairs |= changes.get(part, {})
        told = [f"{key} {_word(old)} -> {_word(new)}" for key, (old, new) in pairs.items()]
    return "; ".join(told)


def _word(value: object) -> str:
    return "none" if value is None else str(value)
