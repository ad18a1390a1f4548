"""`audiobus metadata`: the small facts that programs leave on the bus: show, set, delete, watch."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import clear_metadata, set_metadata
from pyaudiobus.client.mirror import Change, follow, look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import BUS, Entry, Snapshot

STRING = "Spa:String"
ACTIONS = ("get", "set", "delete", "watch")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print one JSON object a line")
    parser.add_argument("action", choices=ACTIONS, nargs="?", default="get", metavar="get|set|delete|watch")
    parser.add_argument("subject", metavar="OBJECT", nargs="?", help="whom it is about: serial or name; 0: the bus")
    parser.add_argument("key", metavar="KEY", nargs="?")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="set only")
    parser.add_argument("--type", default=STRING, help=f"of the value; default: {STRING}")


def command(arguments: argparse.Namespace) -> int:
    """Do it."""
    _check(arguments)
    with connect(arguments, "metadata") as remote:
        if arguments.action == "watch":
            return _watch(remote, arguments)
        bus = look(remote)
        subject = None if arguments.subject is None else _subject(bus, arguments.subject)
        if arguments.action == "set" and subject is not None:
            entry = Entry(subject, arguments.key, arguments.type, arguments.value)
            remote.do(set_metadata(entry.subject, entry.key, entry.value, entry.type))
            _tell(entry, is_json=arguments.json)
            return 0
        found = _found(bus, subject, arguments.key)
        if arguments.action == "delete":
            if not found:
                raise UserError(f"there is no such entry about {arguments.subject}")
            remote.do(clear_metadata(subject or BUS, arguments.key or ""))
        for entry in found:
            _tell(entry, is_json=arguments.json)
    return 0 if found or arguments.key is None else 1


def _check(arguments: argparse.Namespace) -> None:
    """UserError where the words do not fit the action."""
    action, words = arguments.action, (arguments.subject, arguments.key, arguments.value)
    needs = {"set": 3, "delete": 1}.get(action, 0)
    most = {"set": 3, "delete": 2, "get": 2, "watch": 2}[action]
    given = sum(word is not None for word in words)
    if not needs <= given <= most:
        forms = {"set": "OBJECT KEY VALUE", "delete": "OBJECT [KEY]"}
        raise UserError(f"write: audiobus metadata {action} {forms.get(action, '[OBJECT [KEY]]')}")


def _subject(bus: Snapshot, wanted: str) -> int:
    return BUS if wanted == str(BUS) else choosing.anything(bus, wanted).serial


def _found(bus: Snapshot, subject: int | None, key: str | None) -> list[Entry]:
    """Return the entries about a subject, or all; with one key, or all."""
    entries = sorted(bus.entries.values(), key=lambda entry: (entry.subject, entry.key))
    return [entry for entry in entries if subject in (None, entry.subject) and key in (None, entry.key)]


def _watch(remote: Remote, arguments: argparse.Namespace) -> int:
    """Tell what is there, then each change, until interrupted."""
    subject = None if arguments.subject is None else _subject(_look_once(arguments), arguments.subject)
    changes: list[Change] = []
    follow(remote, ("metadata",), changes.append)
    while True:
        for change in changes:
            entry = change.after or change.before
            if not isinstance(entry, Entry) or subject not in (None, entry.subject):
                continue
            if arguments.key in (None, entry.key):
                _tell(entry, is_json=arguments.json, is_gone=change.after is None)
        changes.clear()
        remote.wait()


def _look_once(arguments: argparse.Namespace) -> Snapshot:
    """Return the bus as a connection of its own sees it."""
    with connect(arguments, "metadata") as remote:
        return look(remote)


def _tell(entry: Entry, *, is_json: bool, is_gone: bool = False) -> None:
    if is_json:
        put_json(
            {
                "event": "cleared" if is_gone else "entry",
                "subject": entry.subject,
                "key": entry.key,
                "type": "" if is_gone else entry.type,
                "value": "" if is_gone else entry.value,
            }
        )
    else:
        put_line(one_line(f"{entry.subject} {entry.key}{' cleared' if is_gone else ' = ' + entry.value}"))
