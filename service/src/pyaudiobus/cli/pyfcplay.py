"""`pyfcplay`: tinycompress's fcplay by its flags and exit habits, on this player."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from math import inf
from typing import NoReturn

from pyaudiobus import __version__
from pyaudiobus.cli.board_in_use import BoardInUse
from pyaudiobus.cli.load import CONCATENATE, load
from pyaudiobus.cli.play import open_decoded
from pyaudiobus.cli.report import LineReport, TerminalReport
from pyaudiobus.cli.run import play_files, run
from pyaudiobus.cli.settings import DeviceName, PlaySettings
from pyaudiobus.cli.signals import INTERRUPTED
from pyaudiobus.cli.wiring import make_bus
from pyaudiobus.client.bus import Bus, Connection
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.turn import Track
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import Codec

FAILURE = 1
"""fcplay knows one exit code for everything that goes wrong."""

_CONCATENATE, _GAPLESS, _RESTART = range(3)
"""What -p means."""

KERNEL_CODEC_IDS = {
    1: Codec.PCM,
    2: Codec.MP3,
    3: Codec.AMR,
    4: Codec.AMR_WB,
    6: Codec.AAC,
    7: Codec.WMA,
    8: Codec.REAL,
    9: Codec.VORBIS,
    0xA: Codec.FLAC,
    0xB: Codec.IEC61937,
    0xF: Codec.ALAC,
    0x10: Codec.APE,
    0x11: Codec.OPUS,
}
"""SND_AUDIOCODEC_* of `sound/compress_params.h`, as fcplay's -I takes them."""


class _Parser(argparse.ArgumentParser):
    """Ends as fcplay does when the command line is wrong."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILURE, f"{self.prog}: {message}\n")


def main() -> int:
    """Run the command line in sys.argv and return the exit code."""
    code = run("pyfcplay", _main)
    return code if code in (0, INTERRUPTED) or code > INTERRUPTED else FAILURE


def _main() -> int:
    arguments = _parser().parse_args()
    settings = PlaySettings(
        device=DeviceName("hw", card=str(arguments.card), device=arguments.device),
        ring_size=arguments.buffer,
        fragments=arguments.fragments,
    ).with_environment()
    bus: Bus = make_bus(settings, BoardInUse())
    if arguments.codec is not None:
        bus = _OneCodecBus(bus, arguments.codec)
    report = _report(verbose=arguments.verbose)
    files: Sequence[str | Track] = arguments.files
    if len(files) > 1 and arguments.join == _CONCATENATE:
        files = load(CONCATENATE)(arguments.files)
    return play_files(bus, open_decoded, report, files, gapless=arguments.join == _GAPLESS)


def _report(*, verbose: bool) -> LineReport:
    if not verbose:
        return LineReport("pyfcplay", quiet=True, interval=inf)
    return TerminalReport("pyfcplay") if sys.stdout.isatty() else LineReport("pyfcplay")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="pyfcplay", description="Play files on a compress device, with fcplay's flags.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-c", dest="card", default=0, type=_number, metavar="CARD", help="card number (0)")
    parser.add_argument("-d", dest="device", default=0, type=_number, metavar="DEVICE", help="device number (0)")
    parser.add_argument("-b", dest="buffer", type=_number, metavar="BYTES", help="buffer size")
    parser.add_argument("-f", dest="fragments", type=_number, metavar="N", help="number of fragments")
    parser.add_argument(
        "-p",
        dest="join",
        choices=(0, 1, 2),
        default=_RESTART,
        type=int,
        help="files of one form: 0 as one stream, 1 gapless; others, and all with 2: drained, device opened anew (2)",
    )
    parser.add_argument("-I", dest="codec", type=_codec, metavar="CODEC", help="the files must hold this codec")
    parser.add_argument("-v", dest="verbose", action="store_true", help="tell what happens")
    parser.add_argument("--version", action="version", version=f"pyfcplay {__version__}")
    return parser


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def _codec(text: str) -> Codec:
    """Read a codec's name, or its kernel number when it begins with 0, as fcplay does."""
    if text.startswith("0"):
        try:
            return KERNEL_CODEC_IDS[int(text, 0)]
        except (ValueError, KeyError):
            raise argparse.ArgumentTypeError(f"{text!r} is not the number of a codec") from None
    for codec in Codec:
        if codec.value == text.lower():
            return codec
    known = ", ".join(codec.value for codec in Codec)
    raise argparse.ArgumentTypeError(f"{text!r} is not a codec ({known})")


class _OneCodecBus:
    """A bus that refuses files of any codec but the one that -I names."""

    def __init__(self, bus: Bus, codec: Codec) -> None:
        self.clock = bus.clock
        self._bus = bus
        self._codec = codec

    def connect(self, node: FileNode, *, joins: bool = False) -> Connection:
        """Link a file if it holds the right codec."""
        form = node.encoded_format
        if form is None or form.codec is not self._codec:
            found = form.codec.value if form else "something else"
            raise UserError(
                f"{node.name} holds {found}, not {self._codec.value} as -I says",
                advice="Leave -I out: the file itself tells its codec.",
            )
        return self._bus.connect(node, joins=joins)
