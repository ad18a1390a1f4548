"""Decisions as they were made, for people who ask why: the last of each question about each subject, and its story."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

from pyaudiobus.model.items import Item
from pyaudiobus.policy.decide import Decision

MOST_SUBJECTS = 512
"""Subjects that are remembered, also for a while after they are gone; the longest untouched goes first."""
MOST_OF_A_SUBJECT = 32
"""Decisions about one subject; one that is the same again takes the place of the first."""


class History:
    """What was decided."""

    def __init__(self) -> None:
        self._subjects: OrderedDict[int, deque[Decision]] = OrderedDict()
        self._names: dict[int, str] = {}
        self.made = 0
        """How many decisions there were in all."""

    def keep(self, decisions: Iterable[Decision]) -> None:
        """Remember decisions."""
        for decision in decisions:
            self.made += 1
            kept = self._subjects.setdefault(decision.subject, deque(maxlen=MOST_OF_A_SUBJECT))
            self._subjects.move_to_end(decision.subject)
            self._names[decision.subject] = decision.name
            if kept and any(old.id == decision.id for old in kept):
                kept.remove(next(old for old in kept if old.id == decision.id))
            kept.append(decision)
        while len(self._subjects) > MOST_SUBJECTS:
            gone, _ = self._subjects.popitem(last=False)
            self._names.pop(gone, None)

    def about(self, subject: int) -> list[Decision]:
        """List what was decided about a subject, oldest first."""
        return list(self._subjects.get(subject, ()))

    def last(self, subject: int, question: str) -> Decision | None:
        """Return the last decision of a question."""
        return next((found for found in reversed(self.about(subject)) if found.question == question), None)

    def with_id(self, decision: str) -> Decision | None:
        """Return a decision by the id that stands on a link."""
        known = (found for kept in self._subjects.values() for found in kept)
        return next((found for found in known if found.id == decision), None)

    def find(self, wanted: str, present: Iterable[Item]) -> int | None:
        """Return the serial that a name or serial means: of what is there, else of what was decided about last."""
        for item in present:
            if wanted in (item.name, str(item.serial)):
                return item.serial
        named = [serial for serial, name in self._names.items() if wanted in (name, str(serial))]
        return named[-1] if named else None
