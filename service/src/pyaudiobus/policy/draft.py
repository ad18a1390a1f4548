"""A plan while it is made: each decision sees the bus as the actions before it will have left it."""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.actions import Action, Duck
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.decide import Ask, Decision, decide


class Draft:
    """Actions and decisions so far. Lives as long as one call of plan()."""

    def __init__(self, bus: Snapshot, chains: Chains, dirty: Collection[int] | None, ask: Ask | None) -> None:
        self.bus = bus
        self.actions: list[Action] = []
        self.decisions: list[Decision] = []
        self.notes: list[str] = []
        self.wake_at: float | None = None
        self.dirty = None if dirty is None else set(dirty)
        self._chains = chains
        self._ask = ask

    def concerns(self, serial: int) -> bool:
        """Tell whether anything about an object is to be asked."""
        return self.dirty is None or serial in self.dirty

    def decide(self, subject: Item, question: str) -> Decision:
        """Ask a question, and keep what was said."""
        decision = decide(self.bus, subject, question, self._chains, self._ask)
        self.decisions.append(decision)
        return decision

    def forget(self, subject: int, questions: Collection[str]) -> None:
        """Drop what was decided about a subject: it is asked again in the same plan."""
        self.decisions = [one for one in self.decisions if one.subject != subject or one.question not in questions]

    def settle(self, question: str, subject: int, value: object) -> None:
        """Let later questions know an answer."""
        decided = {**self.bus.decided, (question, subject): value}
        self.bus = self.bus.replace(decided=MappingProxyType(decided))

    def do(self, action: Action) -> None:
        """Add an action. How soft a stream is changes no other decision."""
        self.actions.append(action)
        if not isinstance(action, Duck):
            self.bus = applied(self.bus, action)

    def wake(self, at: float | None) -> None:
        """Have it all asked again at a time."""
        if at is not None:
            self.wake_at = at if self.wake_at is None else min(at, self.wake_at)
