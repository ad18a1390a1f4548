"""`audiobus play`: encoded files to a DSP, or decoded to a PCM output."""

from __future__ import annotations

import argparse
from math import inf

from pyaudiobus.cli.board_in_use import BoardInUse, add_board_argument
from pyaudiobus.cli.load import ANNOUNCING, DECODED_FILE, FILE_LOUDNESS, JOIN_BUS, load
from pyaudiobus.cli.overwriting import refuse_overwriting
from pyaudiobus.cli.patience import LearningBus
from pyaudiobus.cli.report import choose_report
from pyaudiobus.cli.run import SEVERITY, play_files
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.sources import Sources
from pyaudiobus.cli.wiring import make_bus
from pyaudiobus.client.bus import Bus
from pyaudiobus.client.file_node import DecodedFile
from pyaudiobus.client.player import TrackLoudness
from pyaudiobus.errors import UserError
from pyaudiobus.model.place import find_socket

SUMMARY = "play files on a DSP, undecoded where it can"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="files, http(s) addresses, pipes, - for standard input, and playlists (M3U, PLS) of them",
    )
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
    parser.add_argument(
        "--no-gapless",
        dest="gapless",
        action="store_false",
        help="drain each file before the next; otherwise the device goes from one to the next by itself where it can",
    )
    parser.add_argument(
        "--suspend-after",
        type=_positive,
        metavar="SECONDS",
        help="give the device back after so long a pause, so that the DSP sleeps (default: 30; inf: never)",
    )
    add_board_argument(parser)
    parser.add_argument(
        "--progress",
        type=_positive,
        metavar="SECONDS",
        help="tell the position this often (default: twice a second on a terminal and with --json, "
        "else only when the sink wakes anyway)",
    )
    parser.add_argument(
        "--volume",
        default="",
        metavar="LEVEL",
        help="how loud: 80%%, -6dB, or a change such as +3dB; on a DSP by the mixer control that the board file names",
    )
    parser.add_argument(
        "--replaygain", choices=("off", "track", "album"), default="off", help="follow the gain in the files' tags"
    )
    parser.add_argument(
        "--preamp", type=float, default=0.0, metavar="DB", help="decibels on top of what --replaygain takes from tags"
    )
    parser.add_argument(
        "--follow", action="store_true", help="files are still being written: play on until nobody writes them any more"
    )
    parser.add_argument(
        "--no-keys", action="store_true", help="on a terminal, take no keys: one line, drawn again and again"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--remote", metavar="PATH", help="the daemon's socket (default: AUDIOBUS_REMOTE, or the usual, if one runs)"
    )
    parser.add_argument("--to", default="", metavar="SINK", help="where to play on the daemon's bus")
    parser.add_argument(
        "--private",
        action="store_true",
        help="use devices of its own although a daemon runs; so does every flag that names or shapes a device",
    )


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
        suspend_after=arguments.suspend_after,
    )
    refuse_overwriting(settings, arguments.files)
    bus = _choose_bus(settings.with_environment().checked(), arguments)
    report = choose_report(
        "audiobus", as_json=arguments.json, interval=arguments.progress, has_keys=not arguments.no_keys
    )
    sources = Sources(bus.clock, report.fail, follow=arguments.follow, holds_time=settings.speed == inf)
    sources.add(arguments.files)
    remote = getattr(bus, "remote", None)
    if remote is not None:
        report = load(ANNOUNCING)(report, remote, sources.insert)
    code = play_files(
        LearningBus(bus),
        open_decoded,
        report,
        sources.tracks,
        titles=sources.titles,
        gapless=arguments.gapless,
        loudness=_loudness(arguments),
    )
    return max(sources.exit_code, code, key=SEVERITY.index)


def _loudness(arguments: argparse.Namespace) -> TrackLoudness | None:
    """Return how loud files are to be; None where nobody says, so that no tag is read."""
    if not arguments.volume and arguments.replaygain == "off":
        return None
    found: TrackLoudness = load(FILE_LOUDNESS)(arguments.volume, arguments.replaygain, arguments.preamp)
    return found


def _choose_bus(settings: PlaySettings, arguments: argparse.Namespace) -> Bus:
    """Return the daemon's bus if one runs and nothing was asked for that only this process can do, else our own."""
    is_asked_for = bool(arguments.remote or arguments.to)
    given = "--private was given" if arguments.private else "--board was given" if arguments.board is not None else ""
    why_private = given or settings.why_private()
    if why_private and is_asked_for:
        raise UserError(
            f"--remote and --to speak of a daemon's bus, and {why_private}",
            advice="Leave one of them out.",
        )
    path = None if why_private else arguments.remote or find_socket()
    bus: Bus | None = None
    if path is not None:
        bus = load(JOIN_BUS)(path, is_asked_for=is_asked_for, decode=settings.decode, target=arguments.to)
    elif arguments.to:
        raise UserError("there is no audio bus with sinks to name", advice="Start audiobusd, or leave out --to.")
    return make_bus(settings, BoardInUse(arguments.board)) if bus is None else bus


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
