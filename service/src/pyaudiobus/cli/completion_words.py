"""What may be typed behind each command, read from its parser: the facts from which completion scripts are made."""

from __future__ import annotations

import argparse

from pyaudiobus.model.record import Record

KINDS = {
    "FILE": "files",
    "PATH": "files",
    "OUT.wav": "files",
    "OUT.bin": "files",
    "SINK": "sinks",
    "STREAM": "streams",
    "NODE": "nodes",
    "OUTPUT": "nodes",
    "LINK|OUTPUT": "nodes",
    "INPUT": "nodes",
    "CLIENT": "clients",
    "PLAYER": "players",
    "OBJECT": "objects",
}
"""What a metavar stands for: files, or names that the bus is asked for."""


class Argument(Record):
    """A word that may be typed, or the value of a flag."""

    flags: tuple[str, ...]
    """How it is written; none for a word without a flag."""
    summary: str
    takes_value: bool
    kind: str
    """files, one of the bus's kinds of name, or empty."""
    words: tuple[str, ...]
    """What it can be, where that is fixed."""
    repeats: bool


class Command(Record):
    """One command."""

    name: str
    summary: str
    flags: tuple[Argument, ...]
    words: tuple[Argument, ...]
    """In order."""

    def as_words(self) -> dict[str, object]:
        """Put it into words for JSON."""
        return {
            "name": self.name,
            "summary": self.summary,
            "flags": [_as_words(flag) for flag in self.flags],
            "words": [_as_words(word) for word in self.words],
        }


def command_of(name: str, summary: str, parser: argparse.ArgumentParser) -> Command:
    """Read one command's parser."""
    read = [_argument(action) for action in parser._actions]
    flags = tuple(argument for argument in read if argument.flags)
    return Command(name, summary, flags, tuple(argument for argument in read if not argument.flags))


def _argument(action: argparse.Action) -> Argument:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    choices = tuple(str(choice) for choice in action.choices or ())
    shown = (metavar or "").split("|")
    words = tuple(word for word in shown if word in choices) if len(shown) > 1 and choices else choices
    return Argument(
        tuple(action.option_strings),
        (action.help or metavar or action.dest).replace("%%", "%"),
        takes_value=action.nargs != 0,
        kind=KINDS.get(metavar or "", ""),
        words=words,
        repeats=action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction),
    )


def _as_words(argument: Argument) -> dict[str, object]:
    return {name: getattr(argument, name) for name in type(argument).__annotations__}
