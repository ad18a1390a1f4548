"""`audiobus`: finds the command that was typed. Each command lives in a module of its own, loaded when it is run."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import ModuleType

from pyaudiobus import __version__
from pyaudiobus.cli.run import run

COMMANDS = {
    "play": "play files on a DSP, undecoded where it can",
    "probe": "tell what is in a file",
    "devices": "list compress devices, what they take, and why one cannot be used",
    "board": "check, show and apply the board file",
    "doctor": "find out why a board makes no sound, and the next command to run",
}


def main() -> int:
    """Run the command line in sys.argv and return the exit code."""
    return run("audiobus", lambda: _main(sys.argv[1:]))


def _main(words: list[str]) -> int:
    name = next((word for word in words if not word.startswith("-")), "")
    parser = argparse.ArgumentParser(prog="audiobus", description="An audio bus that hands encoded audio to a DSP.")
    parser.add_argument("--version", action="version", version=f"audiobus {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    modules: dict[str, ModuleType] = {}
    for command, summary in COMMANDS.items():
        sub = commands.add_parser(command, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if command == name:
            modules[command] = import_module(f"pyaudiobus.cli.{command}")
            modules[command].add_arguments(sub)
    arguments = parser.parse_args(words)
    code: int = modules[name].command(arguments)
    return code
