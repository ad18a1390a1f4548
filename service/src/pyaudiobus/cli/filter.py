"""`audiobus filter`: a sink that stands before others, and passes on what is played there, louder or softer.

The smallest smart filter: what it does to the sound is one gain. Programs that do more are built alike.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.loudness import parse_level
from pyaudiobus.cli.numbers import milliseconds
from pyaudiobus.cli.pcm_streams import open_playback, open_record, parse_pcm, wishes
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.record import StreamKilled
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import CreateNode

LATENCY = 100.0
"""Milliseconds from one end to the other, about."""
USUAL = PcmFormat(Encoding.S16, 48_000, 2)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("name", metavar="NAME", help="of the sink that others see")
    parser.add_argument("--for", dest="target", metavar="SINK", help="what it stands before; default: any sink")
    parser.add_argument("--before", metavar="NAME", help="the filter behind which it does not stand")
    parser.add_argument("--after", metavar="NAME", help="the filter before which it does not stand")
    parser.add_argument("--format", type=parse_pcm, default=USUAL, metavar="ENCODING/RATE/CHANNELS")
    parser.add_argument("--volume", metavar="LEVEL", help="such as 80%% or -6dB")
    parser.add_argument(
        "--latency", type=milliseconds, default=LATENCY, metavar="MS", help=f"from end to end; default: {LATENCY:g}"
    )


def command(arguments: argparse.Namespace) -> int:
    """Filter until interrupted, or until an end is gone."""
    name, form = arguments.name, arguments.format
    group = {"node.link-group": f"filter-{name}"}
    level = parse_level(arguments.volume).applied(1) if arguments.volume else None
    half = wishes(form, arguments.latency / 2)
    with ExitStack() as stack:
        remote = stack.enter_context(connect(arguments, "filter"))
        made = remote.ask("create-node", CreateNode(name, {**_properties(arguments), **group})).serial
        heard = {**half, "corked": True, "properties": {**group, "node.passive": "true"}}
        ear = stack.enter_context(open_record(remote, form, f"{name} in", str(made), heard, must_fit=False))
        told = {**half, "properties": group, "volume": () if level is None else (level,)}
        mouth = stack.enter_context(open_playback(remote, ear.format, f"{name} out", told))
        if arguments.json:
            put_json({"sink": made, "record": ear.serial, "playback": mouth.serial})
        else:
            put_line(one_line(f"{name} ({made}) filters {arguments.target or 'whatever is played'}, {ear.format}"))
        ear.uncork()
        try:
            while True:
                mouth.write(ear.read())
        except StreamKilled as killed:
            put_line(f"audiobus: {killed.what}", sys.stderr)
    return 0


def _properties(arguments: argparse.Namespace) -> dict[str, str]:
    given = {
        "media.class": "Audio/Sink",
        "audio.format": str(arguments.format),
        "filter.smart": "true",
        "filter.name": arguments.name,
        "filter.smart.target": arguments.target or "",
        "filter.smart.before": arguments.before or "",
        "filter.smart.after": arguments.after or "",
    }
    return {key: value for key, value in given.items() if value}
