"""What a check says: how things stand, in one line, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from pyaudiobus.model.record import Record


class Standing(Enum):
    """How one thing stands."""

    OK = "ok"
    WARNING = "warning"
    """It works, or will; somebody should know."""
    BROKEN = "broken"
    UNCHECKED = "not checked"
    """Nothing needs it here, or it cannot be seen from here; the line says which."""


class Judgement(Record):
    """The outcome of one check."""

    standing: Standing
    line: str
    """One sentence without its full stop; for UNCHECKED the reason."""
    facts: tuple[str, ...] = ()
    """What it was judged by, one a line: the kernel's own words, names that are there instead."""
    advice: str = ""
    """What a person is to do, where a command alone does not say it."""
    command: str = ""
    """The next command to run on this machine, with its names filled in; empty where none helps."""
    because: str = ""
    """The line as a part of a longer sentence; empty where it explains nothing further."""
    is_original: bool = False
    """Whether no failure before this one can explain it."""
    not_from: tuple[str, ...] = ()
    """Topics whose failure cannot explain this one, though it explains others of its topic."""


def well(line: str, facts: Iterable[str] = ()) -> Judgement:
    """Say that it is as it must be."""
    return Judgement(Standing.OK, line, tuple(facts))


def doubtful(line: str, facts: Iterable[str] = (), *, advice: str = "", command: str = "") -> Judgement:
    """Say that somebody should look at it."""
    return Judgement(Standing.WARNING, line, tuple(facts), advice, command)


def broken(
    line: str, facts: Iterable[str] = (), *, advice: str = "", command: str = "", because: str = ""
) -> Judgement:
    """Say that it keeps the board from playing."""
    return Judgement(Standing.BROKEN, line, tuple(facts), advice, command, because)


def unchecked(reason: str) -> Judgement:
    """Say why nothing was judged."""
    return Judgement(Standing.UNCHECKED, reason)
