"""`audiobus resume`: open the device of a sink or source that was suspended; what waited plays on."""

from __future__ import annotations

import argparse

from pyaudiobus.cli.bus_arguments import add_bus_arguments
from pyaudiobus.cli.suspend import be_suspended


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("node", metavar="NODE", nargs="?", default="@DEFAULT@", help="a sink or source; @DEFAULT@")


def command(arguments: argparse.Namespace) -> int:
    """Open it, and tell how it is."""
    return be_suspended(arguments, is_suspended=False)
