"""`audiobus set-default`: `audiobus default` by the name that says what it does; a name is needed."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import default
from pyaudiobus.errors import UserError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    default.add_arguments(parser)


def command(arguments: argparse.Namespace) -> int:
    """Choose it, or try what that would lead to."""
    if not arguments.sink and not arguments.clear:
        raise UserError("which sink or source? Name one", advice="See what there is with: audiobus status")
    return default.command(arguments)
