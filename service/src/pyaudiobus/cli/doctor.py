"""`audiobus doctor`: why a board makes no sound, and the next command to run. Changes nothing."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable

from pyaudiobus.cli.board_in_use import add_board_argument
from pyaudiobus.cli.doctor_report import describe, objects
from pyaudiobus.cli.printing import put, put_line
from pyaudiobus.config.locate import find_board
from pyaudiobus.doctor.diagnosis import Diagnosis, diagnose
from pyaudiobus.doctor.evidence.machine import Machine
from pyaudiobus.doctor.evidence.scene import look_around
from pyaudiobus.doctor.wait import wait_until_well
from pyaudiobus.errors import UserError

BROKEN = 1
_LONGEST_WAIT = 86_400.0
"""Seconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--wait", metavar="SECONDS", type=_seconds, default=0.0, help="wait so long for what comes late"
    )
    add_board_argument(parser)


def command(arguments: argparse.Namespace) -> int:
    """Look, wait if asked to, and tell. 0 if nothing is broken, else 1."""
    board = find_board(arguments.board)
    if arguments.board and not os.path.exists(arguments.board):
        raise UserError(f"there is no board file {arguments.board}", advice="Use --board '' to do without one.")
    machine = Machine()
    found = wait_until_well(lambda: diagnose(look_around(board, machine)), arguments.wait, _teller(arguments.wait))
    if arguments.json:
        put("".join(f"{line}\n" for line in objects(found)))
    else:
        put(describe(found, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0 if found.is_well else BROKEN


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait: write seconds, up to a day")
    return seconds


def _teller(seconds: float) -> Callable[[Diagnosis], None]:
    """Return what says once, on stderr, what is being waited for."""

    def tell(found: Diagnosis) -> None:
        missing = next(cause.judgement.line for cause in found.causes if cause.heals)
        put_line(f"audiobus: not yet well ({missing}); looking again for up to {seconds:g} s", sys.stderr)

    return tell
