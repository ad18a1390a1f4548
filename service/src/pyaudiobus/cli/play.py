"""`audiobus play`: encoded files to a DSP, or decoded to a PCM output."""

from __future__ import annotations

import argparse

from pyaudiobus.cli.board_in_use import BoardInUse, add_board_argument
from pyaudiobus.cli.load import DECODED_FILE, load
from pyaudiobus.cli.overwriting import refuse_overwriting
from pyaudiobus.cli.report import choose_report
from pyaudiobus.cli.run import play_files
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.wiring import make_bus
from pyaudiobus.client.file_node import DecodedFile

SUMMARY = "play files on a DSP, undecoded where it can"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--device",
        default="auto",
        metavar="DEVICE",
        help="compress device: auto, virtual[:PROFILE], hw:CARD,DEVICE or a sink of the board file "
        "(AUDIOBUS_DEVICE overrides it)",
    )
    parser.add_argument(
        "--backend",
        choices=("auto", "tinycompress", "kernel"),
        default="auto",
        help="how to reach a hw device: libtinycompress, or the kernel's ioctls",
    )
    parser.add_argument(
        "--pcm",
        default="auto",
        metavar="OUTPUT",
        help="where decoded audio goes: auto, null, file:OUT.wav, alsa:NAME or a PCM sink of the board file",
    )
    parser.add_argument("--decode", action="store_true", help="decode here and use the PCM output")
    parser.add_argument("--speed", type=_positive, metavar="N", help="virtual device: N times real time (or inf)")
    parser.add_argument("--render", metavar="OUT.wav", help="virtual device: write what would be heard")
    parser.add_argument("--tap", metavar="OUT.bin", help="virtual device: write the bytes it consumed")
    parser.add_argument("--buffer", type=_whole, metavar="BYTES", help="size of the device's ring")
    parser.add_argument("--fragments", type=_whole, metavar="N", help="number of fragments in the ring")
    parser.add_argument(
        "--route",
        action="append",
        default=[],
        metavar="OUTPUT",
        help="an output of the board's sink, or a mixer control: switched on before opening the device, "
        "and back afterwards",
    )
    add_board_argument(parser)
    parser.add_argument(
        "--progress",
        type=_positive,
        metavar="SECONDS",
        help="tell the position this often (default: twice a second on a terminal and with --json, "
        "else only when the sink wakes anyway)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def command(arguments: argparse.Namespace) -> int:
    """Play, and return the exit code."""
    settings = PlaySettings(
        device=DeviceName.parse(arguments.device),
        backend=arguments.backend,
        pcm=arguments.pcm,
        decode=arguments.decode,
        speed=arguments.speed,
        render=arguments.render,
        tap=arguments.tap,
        ring_size=arguments.buffer,
        fragments=arguments.fragments,
        routes=tuple(arguments.route),
    )
    refuse_overwriting(settings, arguments.files)
    bus = make_bus(settings.with_environment().checked(), BoardInUse(arguments.board))
    report = choose_report("audiobus", as_json=arguments.json, interval=arguments.progress)
    return play_files(bus, open_decoded, report, arguments.files)


def open_decoded(path: str) -> DecodedFile:
    """Open a file for decoding; FFmpeg is loaded here and not before."""
    decoded: DecodedFile = load(DECODED_FILE)(path)
    return decoded


def _whole(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
