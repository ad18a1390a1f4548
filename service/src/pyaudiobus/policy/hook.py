"""What makes a function a hook. An owner's script needs nothing but this, verdict.py and what is in model/."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.verdict import Verdict

Decider = Callable[[Item, Snapshot], Verdict]
_OWN = "pyaudiobus.policy."


class Hook(Record):
    """A function that may decide a question, and where it stands in the question's order."""

    question: str
    name: str
    """The function's name; unique in its question."""
    decider: Decider
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    summary: str = ""
    """The first line of the function's docstring."""
    source: str = ""
    """A script's path; empty for those that come along."""

    def __call__(self, subject: Item, bus: Snapshot) -> Verdict:
        """Ask it."""
        return self.decider(subject, bus)


def hook(question: str = "", *, before: Iterable[str] = (), after: Iterable[str] = ()) -> Callable[[Decider], Hook]:
    """Make a hook of a function (subject, snapshot) -> verdict.

    `question` is one of policy/questions.py; hooks that come along need not say it, as their folder does. `before` and
    `after` name hooks of the same question. UserError where a name is no word.
    """
    earlier, later = _names(after, "after"), _names(before, "before")

    def made(decider: Decider) -> Hook:
        asked = question or _folder_of(decider.__module__)
        if not asked:
            raise UserError(
                f"the hook {decider.__name__} does not say which question it decides",
                advice='Name it first: @hook("target", after=["find_named_target"]).',
            )
        summary = (decider.__doc__ or "").strip().partition("\n")[0]
        return Hook(asked, decider.__name__, decider, later, earlier, summary)

    return made


def _names(given: Iterable[str], what: str) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    if not all(isinstance(name, str) for name in names):
        raise UserError(f"{what} takes names of hooks, not {names!r}")
    return names


def _folder_of(module: str) -> str:
    return module.removeprefix(_OWN).partition(".")[0] if module.startswith(_OWN) else ""
