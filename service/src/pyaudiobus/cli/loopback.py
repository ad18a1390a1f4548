"""`audiobus loopback`: what a source, a sink or a stream gives, played on a sink, as long as this runs."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import milliseconds
from pyaudiobus.cli.pcm_streams import open_playback, open_record, wishes
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.record import format_of
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.mirror import look
from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.client.record import RecordStream, StreamKilled
from pyaudiobus.errors import UserError

LATENCY = 100.0
"""Milliseconds from one end to the other, about."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("source", metavar="NODE", help="a source, a sink or a stream that plays")
    parser.add_argument("sink", metavar="SINK", nargs="?", default="@DEFAULT@", help="default: the default sink")
    parser.add_argument(
        "--latency", type=milliseconds, default=LATENCY, metavar="MS", help=f"from end to end; default: {LATENCY:g}"
    )
    parser.add_argument("--name", default="loopback", help="of both streams")


def command(arguments: argparse.Namespace) -> int:
    """Carry sound until interrupted, or until an end is gone."""
    with ExitStack() as stack:
        remote = stack.enter_context(connect(arguments, "loopback"))
        bus = look(remote)
        heard, sink = choosing.heard(bus, arguments.source), choosing.sink(bus, arguments.sink)
        if heard.serial == sink.serial:
            raise UserError(f"{sink.name} would hear itself, louder and louder", advice="Choose another sink.")
        form = format_of(heard)
        half = wishes(form, arguments.latency / 2)
        ear = stack.enter_context(
            open_record(remote, form, arguments.name, str(heard.serial), {**half, "corked": True}, must_fit=False)
        )
        there = {**wishes(ear.format, arguments.latency / 2), "target": str(sink.serial)}
        mouth = stack.enter_context(open_playback(remote, ear.format, arguments.name, there))
        if arguments.json:
            put_json({"record": ear.serial, "playback": mouth.serial, "from": heard.name, "to": sink.name})
        else:
            put_line(one_line(f"{heard.name} -> {sink.name}, {ear.format}"))
        ear.uncork()
        _carry(ear, mouth)
    return 0


def _carry(ear: RecordStream, mouth: PlaybackStream) -> None:
    try:
        while True:
            mouth.write(ear.read())
    except StreamKilled as killed:
        put_line(f"audiobus: {killed.what}", sys.stderr)
