"""`audiobus`: finds the command that was typed. Each command lives in a module of its own, loaded when it is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from importlib import import_module
from types import ModuleType

from pyaudiobus import __version__
from pyaudiobus.cli.run import run

COMMANDS = {
    "play": "play files on a DSP, undecoded where it can",
    "player": "see what programs play, and pause, skip or seek them",
    "probe": "tell what is in a file",
    "devices": "list compress devices, what they take, and why one cannot be used",
    "board": "check, show and apply the board file",
    "doctor": "find out why a board makes no sound, and the next command to run",
    "status": "show the bus as a tree: sinks, sources, who plays where, volumes",
    "inspect": "tell everything about one object of the bus",
    "dump": "print the whole bus as JSON: a bug report in itself",
    "monitor": "tell what happens on the bus as it happens",
    "top": "watch the cycles: quantum, wait, busy, xruns, wakeups",
    "volume": "show or set the volume of a sink or stream",
    "mute": "silence a sink or stream, or let it be heard",
    "default": "show or choose the sink that plays what names no other",
    "card": "show what sound cards are used for, and the ways out of their sinks; choose others",
    "policy": "show the order of decisions, try them on a saved bus, test a product's expectations",
    "set-default": "choose the default sink or source, or tell what that would lead to",
    "explain": "say why a stream plays where it does, and what would change that",
    "settings": "show and change what the policy is set to, while everything runs",
    "session": "show the session manager, its scripts and what it remembers; let it read its files again",
    "move": "let a stream play or record elsewhere",
    "link": "link an output to an input",
    "unlink": "take out a link",
    "suspend": "close a sink's or source's device, for another program to have it",
    "resume": "open the device of a sink or source that was suspended",
    "cat": "play raw PCM from standard input",
    "record": "record a source, a sink or one stream",
    "loopback": "play on a sink what a source or another sink gives",
    "filter": "stand before a sink, and play there, louder or softer, what is meant for it",
    "metadata": "show, set, delete or watch the small facts that programs leave on the bus",
    "dot": "draw the bus for Graphviz",
    "profile": "tell when a sink's last cycles ran, as a table, JSON or a picture",
    "kill": "disconnect a program from the bus",
    "completion": "print what makes a shell complete these commands",
}

_MODULES = {"settings": "bus_settings"}
"""Where a command's module has another name."""


def main() -> int:
    """Run the command line in sys.argv and return the exit code."""
    return run("audiobus", lambda: _main(sys.argv[1:]))


def make_parser(
    shown: Collection[str], loaded: Collection[str]
) -> tuple[argparse.ArgumentParser, dict[str, ModuleType]]:
    """Return a parser of some commands, and the modules of those that are loaded, with their flags."""
    parser = argparse.ArgumentParser(prog="audiobus", description="An audio bus that hands encoded audio to a DSP.")
    parser.add_argument("--version", action="version", version=f"audiobus {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    modules: dict[str, ModuleType] = {}
    for command in shown:
        summary = COMMANDS[command]
        sub = commands.add_parser(command, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if command in loaded:
            name = _MODULES.get(command, command.replace("-", "_"))
            modules[command] = import_module(f"pyaudiobus.cli.{name}")
            modules[command].add_arguments(sub)
    return parser, modules


def _main(words: list[str]) -> int:
    name = next((word for word in words if not word.startswith("-")), "")
    is_first = bool(words) and words[0] == name in COMMANDS  # the others need not be described then
    parser, modules = make_parser((name,) if is_first else tuple(COMMANDS), loaded=(name,))
    arguments = parser.parse_args(words)
    code: int = modules[name].command(arguments)
    return code
