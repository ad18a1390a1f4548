"""`audiobus default`: which sink plays what names no other, and which source is recorded."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.default_dry_run import try_default
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import clear_metadata, set_default_sink, set_default_source
from pyaudiobus.client.mirror import look
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("sink", metavar="SINK", nargs="?", help="the new default; without it: tell the one there is")
    parser.add_argument("--source", action="store_true", help="the default source is meant")
    parser.add_argument("--clear", action="store_true", help="let the bus choose")
    parser.add_argument("--dry-run", action="store_true", help="tell what the session manager would do, do nothing")


def command(arguments: argparse.Namespace) -> int:
    """Choose it, if asked to, and tell it."""
    if arguments.clear and arguments.sink:
        raise UserError("--clear and a name contradict each other")
    choose, usual, key, set_default = (
        (choosing.source, choosing.default_source, DEFAULT_SOURCE, set_default_source)
        if arguments.source
        else (choosing.sink, choosing.default_sink, DEFAULT_SINK, set_default_sink)
    )
    if arguments.dry_run:
        return try_default(arguments, DEFAULT_SOURCE if arguments.source else DEFAULT_SINK)
    with connect(arguments, "default") as remote:
        bus = look(remote)
        is_chosen = bool(bus.entry(BUS, key))
        if arguments.sink:
            found, is_chosen = choose(bus, arguments.sink), True
            remote.do(set_default(found.name))
        elif arguments.clear:
            remote.do(clear_metadata(BUS, key))
            bus = bus.replace(entries={place: entry for place, entry in bus.entries.items() if place != (BUS, key)})
            found, is_chosen = usual(bus), False
        else:
            found = usual(bus)
    if arguments.json:
        put_json({"serial": found.serial, "name": found.name, "chosen": is_chosen})
    else:
        put_line(one_line(found.name))
    return 0
