"""`audiobus cat`: raw PCM from standard input or a file to a stream. No header is looked at: `play` plays files."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from typing import IO

from pyaudiobus.cli import choosing, loudness
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import milliseconds
from pyaudiobus.cli.pcm_streams import open_playback, parse_pcm, wishes
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import PcmFormat

CHUNK = 1 << 16
"""Bytes read at a time, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print what was agreed on, and at the end what was played, as JSON")
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="raw PCM; default: standard input")
    parser.add_argument("--format", type=parse_pcm, default="s16/48000/2", metavar="ENCODING/RATE/CHANNELS")
    parser.add_argument("--to", metavar="SINK", default="", help="default: the default sink")
    parser.add_argument("--latency", type=milliseconds, metavar="MS", help="keep so much queued; default: the bus's")
    parser.add_argument("--name", default="cat", help="of the stream")
    parser.add_argument("--volume", metavar="LEVEL", help="such as 80%% or 0dB")


def command(arguments: argparse.Namespace) -> int:
    """Play until the input ends, and until all was heard."""
    form: PcmFormat = arguments.format
    level = loudness.parse_level(arguments.volume).applied(1) if arguments.volume else None
    with ExitStack() as stack:
        source = stack.enter_context(_opened(arguments.file))
        remote = stack.enter_context(connect(arguments, "cat"))
        target = str(choosing.sink(look(remote), arguments.to).serial) if arguments.to else ""
        wish = {**wishes(form, arguments.latency), "target": target, "volume": () if level is None else (level,)}
        stream = stack.enter_context(open_playback(remote, form, arguments.name, wish))
        _tell(arguments, stream, "started", {"format": str(form), "sink": stream.device, "reason": stream.state.reason})
        played = pour(source, stream, form.frame_size)
        stream.drain()
        _tell(arguments, stream, "drained", {"bytes": played, "seconds": played / form.frame_size / form.rate})
    return 0


def pour(source: IO[bytes], stream: PlaybackStream, frame: int) -> int:
    """Write all that comes, in whole frames; return how many bytes. A part of a frame at the end is left out."""
    rest, played = b"", 0
    while chunk := _read(source):
        data = rest + chunk
        whole = len(data) - len(data) % frame
        rest = data[whole:]
        if whole:
            stream.write(data[:whole])
        played += whole
    if rest:
        put_line(f"audiobus: the last {len(rest)} bytes are no whole frame of {frame} and were left out", sys.stderr)
    return played


def _read(source: IO[bytes]) -> bytes:
    return source.read1(CHUNK)  # type: ignore[attr-defined, no-any-return]  # both kinds of source have it


def _opened(path: str) -> IO[bytes]:
    if path == "-":
        if sys.stdin is None:
            raise UserError("standard input is closed")
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return open(path, "rb")
    except OSError as error:
        raise UserError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


def _tell(arguments: argparse.Namespace, stream: PlaybackStream, event: str, words: dict[str, object]) -> None:
    if arguments.json:
        put_json({"event": event, "serial": stream.serial, **words})
