"""`audiobus record`: what a source captures, a sink plays or one stream says, into a WAV file or standard output."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from typing import Protocol

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import milliseconds, seconds
from pyaudiobus.cli.pcm_streams import open_record, parse_pcm, wishes
from pyaudiobus.cli.printing import put, put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.client.record import RecordStream, StreamKilled
from pyaudiobus.devices.wav_file import WavFile
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.snapshot import SOURCE, Item, Snapshot

LATENCY = 200.0
"""Milliseconds of sound that an interruption loses at most."""


class Output(Protocol):
    """Where the sound goes."""

    def write(self, pcm: bytes) -> None:
        """Take whole frames."""

    def close(self) -> None:
        """Finish."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print what is recorded, and at the end how much, as JSON (on stderr with -)")
    parser.add_argument("file", metavar="FILE", help="a WAV file; -: raw PCM on standard output")
    parser.add_argument(
        "--from", metavar="NODE", dest="node", help="a source, a sink or a stream; default: the default source"
    )
    parser.add_argument("--monitor", action="store_true", help="record what the default sink plays")
    parser.add_argument("--format", type=parse_pcm, metavar="ENCODING/RATE/CHANNELS", help="default: as it is heard")
    parser.add_argument("--seconds", type=seconds, metavar="S", help="end after so much sound")
    parser.add_argument(
        "--latency",
        type=milliseconds,
        default=LATENCY,
        metavar="MS",
        help=f"bring it in pieces of this length; default: {LATENCY:g}",
    )
    parser.add_argument("--wav", action="store_true", help="with -: begin with a WAV header")
    parser.add_argument("--name", default="record", help="of the stream")


def command(arguments: argparse.Namespace) -> int:
    """Record until it is interrupted, the time is up, or what is heard is gone. The file is valid in any case."""
    if arguments.monitor and arguments.node:
        raise UserError("--monitor and --from contradict each other")
    with ExitStack() as stack:
        remote = stack.enter_context(connect(arguments, "record"))
        bus = look(remote)
        heard = _heard(bus, arguments)
        form = arguments.format or format_of(heard)
        wish = wishes(form, arguments.latency)
        must_fit = arguments.format is not None
        opened = open_record(remote, form, arguments.name, str(heard.serial), wish, must_fit=must_fit)
        stream = stack.enter_context(opened)
        form = stream.format
        told = {"event": "recording", "serial": stream.serial, "from": heard.name, "format": str(form)}
        output = _Standard() if arguments.file == "-" and not arguments.wav else _wav(arguments.file, form)
        stack.callback(output.close)
        _tell(arguments, told)
        most = None if arguments.seconds is None else max(1, round(arguments.seconds * form.rate))
        frames = take(stream, output, form.frame_size, most)
        _tell(arguments, {"event": "recorded", "frames": frames, "seconds": frames / form.rate})
    return 0


def take(stream: RecordStream, output: Output, frame: int, most: int | None) -> int:
    """Write what arrives, up to `most` frames; return how many came."""
    frames = 0
    while most is None or frames < most:
        try:
            data = stream.read()
        except StreamKilled as killed:
            put_line(f"audiobus: {killed.what}", sys.stderr)
            break
        if most is not None:
            data = data[: (most - frames) * frame]
        output.write(data)
        frames += len(data) // frame
    return frames


def format_of(heard: Item) -> PcmFormat:
    """Return the PCM format that a node tells of. UserError where it is none."""
    told = str(heard.facts.get("format", ""))
    try:
        return parse_pcm(told)
    except argparse.ArgumentTypeError:
        raise UserError(
            f"{heard.name} gives no PCM ({told or 'no format'})", advice="Name one with --format."
        ) from None


def _heard(bus: Snapshot, arguments: argparse.Namespace) -> Item:
    if arguments.node:
        return choosing.heard(bus, arguments.node)
    if arguments.monitor or not bus.nodes(SOURCE):
        return choosing.default_sink(bus)
    return choosing.default_source(bus)


class _Standard:
    """Standard output, raw."""

    def write(self, pcm: bytes) -> None:
        """Write all of it."""
        rest = memoryview(pcm)
        while rest:
            try:
                rest = rest[os.write(sys.stdout.fileno(), rest) :]
            except BrokenPipeError:
                raise
            except OSError as error:
                raise AudiobusError(f"cannot write to standard output: {(error.strerror or '').lower()}") from None

    def close(self) -> None:
        """Leave it open: it is not ours."""


def _wav(path: str, form: PcmFormat) -> WavFile:
    return WavFile("/dev/stdout" if path == "-" else path, form)


def _tell(arguments: argparse.Namespace, words: dict[str, object]) -> None:
    if arguments.json and arguments.file != "-":
        put_json(words)
    elif arguments.json:
        put(json.dumps(words) + "\n", sys.stderr)
