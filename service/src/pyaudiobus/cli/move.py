"""`audiobus move`: let a stream play, or record from, somewhere else."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import move
from pyaudiobus.client.mirror import look
from pyaudiobus.model.snapshot import PLAYBACK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("stream", metavar="STREAM", help="a stream, by serial, name or its beginning")
    parser.add_argument("sink", metavar="SINK", help="where to; @DEFAULT@: where the default is, now and later")


def command(arguments: argparse.Namespace) -> int:
    """Move it, and tell where it is."""
    with connect(arguments, "move") as remote:
        bus = look(remote)
        stream = choosing.stream(bus, arguments.stream)
        find = choosing.sink if stream.media_class == PLAYBACK else choosing.heard
        target = find(bus, arguments.sink)
        follows_default = arguments.sink.upper() in (*choosing.DEFAULT_WORDS, *choosing.DEFAULT_SOURCE_WORDS)
        remote.do(move(stream.serial, "" if follows_default else str(target.serial)))
    if arguments.json:
        put_json({"serial": stream.serial, "name": stream.name, "target": target.serial, "target_name": target.name})
    else:
        put_line(one_line(f"{stream.name} ({stream.serial}) -> {target.name} ({target.serial})"))
    return 0
