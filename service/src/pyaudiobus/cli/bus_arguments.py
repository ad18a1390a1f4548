"""What every tool for a running bus has: `--remote`, `--json`, a connection, and the bus as it is now."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pyaudiobus.cli.printing import put
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot


class View(Record):
    """The bus at one moment, and who told it."""

    bus: Snapshot
    version: str
    """The daemon's."""
    host: str
    own: int = 0
    """The serial of the client that asked; it is left out of pictures. 0: it is not in there."""


def add_bus_arguments(parser: argparse.ArgumentParser, *, json_help: str = "print JSON") -> None:
    """Add the flags that all have."""
    parser.add_argument("--json", action="store_true", help=json_help)
    parser.add_argument("--remote", metavar="PATH", help="the daemon's socket (default: AUDIOBUS_REMOTE, or the usual)")


def add_view_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them for a command that can also look at a dump."""
    add_bus_arguments(parser)
    parser.add_argument("--from", metavar="FILE", dest="dump", help="look at what `audiobus dump` wrote, at no daemon")


def connect(arguments: argparse.Namespace, name: str) -> Remote:
    """Connect as `audiobus NAME`. UserError where no daemon listens."""
    return Remote(f"audiobus {name}", arguments.remote)


def view(arguments: argparse.Namespace, name: str) -> View:
    """Return the bus as it is now, or as a dump has it. UserError."""
    if arguments.dump:
        return _view_of_dump(arguments.dump)
    with connect(arguments, name) as remote:
        return View(look(remote), remote.welcome.daemon, remote.welcome.host, remote.welcome.client)


def put_json(value: object) -> None:
    """Print a value as one line of JSON."""
    put(json.dumps(value) + "\n")


def _view_of_dump(path: str) -> View:
    advice = "Write one with: audiobus dump > FILE"
    try:
        with open(path, encoding="utf-8") as file:
            words: dict[str, Any] = json.load(file)
        return View(Snapshot.from_words(words["bus"]), words["daemon"]["version"], words["daemon"]["host"])
    except OSError as error:
        raise UserError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserError(f"{path} is no dump of a bus", advice=advice) from None
