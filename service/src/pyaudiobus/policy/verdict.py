"""What a hook says: a choice, no opinion, that the subject has to wait, or that it is refused. Always with a reason."""

from __future__ import annotations

from pyaudiobus.model.record import Record

Value = int | float | str | tuple[float, ...]
"""What is chosen: a serial, a name, a word of a question's table, gains. See policy/questions.py."""


class Rejected(Record):
    """A candidate that was looked at and not taken."""

    serial: int
    name: str
    reason: str


class Choice(Record):
    """This one. The chain ends here."""

    value: Value
    reason: str
    rejected: tuple[Rejected, ...] = ()


class Pass(Record):
    """No opinion; the next hook is asked."""

    reason: str
    rejected: tuple[Rejected, ...] = ()


class Wait(Record):
    """Not now. The chain ends here; the question is asked again when something changes, or at a time."""

    reason: str
    until: float | None = None
    """On the snapshot's clock; None: no time is known."""
    rejected: tuple[Rejected, ...] = ()


class Refuse(Record):
    """No. The chain ends here."""

    reason: str
    is_final: bool = False
    """The subject is to be ended, as it does not want to wait for better times."""
    rejected: tuple[Rejected, ...] = ()


Verdict = Choice | Pass | Wait | Refuse


class Failed(Record):
    """A hook that raised, overran its deadline or said nonsense. It counts as one that has no opinion."""

    reason: str
    rejected: tuple[Rejected, ...] = ()


Outcome = Verdict | Failed
