"""The bus as the session manager knows it: the mirror's picture, with what policy wants to know besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType

from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.mirror import Change, Mirror
from pyaudiobus.model.items import Item
from pyaudiobus.model.memory import Memory
from pyaudiobus.model.policy import PolicySettings
from pyaudiobus.model.snapshot import Entry, Snapshot
from pyaudiobus.policy.concern import concerned

MOST_FAILURES = 1024
"""Links that the bus refused, which are not asked for again; the oldest go first."""


class Picture:
    """Follows the bus; remembers whom its changes concern."""

    def __init__(self, clock: Callable[[], float], changed: Callable[[Change], None]) -> None:
        """Begin with nothing; `changed` is called at every change."""
        self._clock = clock
        self._changed = changed
        self._mirror = Mirror(self._changes)
        self._fresh: dict[int, Item | None] = {}
        """Objects that have changed since the last snapshot."""
        self._entries: dict[tuple[int, str], Entry] = {}
        self._since: dict[int, float] = {}
        self._failures: dict[tuple[int, int], str] = {}
        self._bus = Snapshot.of(())
        self._pending: list[Change] = []
        self.events = 0
        """How many changes there were."""

    def take(self, happening: Happening) -> None:
        """Follow an event."""
        self._mirror.take(happening)

    def _changes(self, change: Change) -> None:
        self.events += 1
        before, after = change.before, change.after
        if isinstance(after, Entry) or isinstance(before, Entry):
            self._note(before, after)
        else:
            self._follow(before, after)
        self._pending.append(change)
        self._changed(change)

    def _note(self, before: Item | Entry | None, after: Item | Entry | None) -> None:
        if isinstance(before, Entry):
            self._entries.pop((before.subject, before.key), None)
        if isinstance(after, Entry):
            self._entries[after.subject, after.key] = after

    def _follow(self, before: Item | None, after: Item | None) -> None:
        if after is not None:
            self._fresh[after.serial] = after
            if before is None or before.state != after.state:
                self._since[after.serial] = self._clock()
        elif before is not None:
            self._fresh[before.serial] = None
            self._since.pop(before.serial, None)

    # ---- what policy decides by ----

    def snapshot(self, memory: Memory, policy: PolicySettings) -> Snapshot:
        """Return the bus as it is now."""
        if self._fresh:
            self._bus = self._bus.with_items(self._fresh)
            self._fresh = {}
        return self._bus.replace(
            entries=MappingProxyType(dict(self._entries)),
            now=self._clock(),
            since=MappingProxyType(dict(self._since)),
            failures=MappingProxyType(dict(self._failures)),
            memory=memory,
            policy=policy,
        )

    def concerned(self, bus: Snapshot) -> set[int]:
        """Return whom the changes since the last call concern; what was refused to them may be asked for again."""
        pending, self._pending = self._pending, []
        found: set[int] = set()
        for change in pending:
            about = concerned(change.before, change.after, bus)
            found |= about
            subject = change.after or change.before
            if about and isinstance(subject, Item) and subject.kind == "node":
                self._forgive(subject.serial)
        return found

    # ---- what the bus refused ----

    def refused(self, stream: int, target: int, why: str) -> None:
        """Remember that a stream cannot be linked to a target, until one of them changes."""
        self._failures.pop((stream, target), None)
        self._failures[stream, target] = why
        while len(self._failures) > MOST_FAILURES:
            self._failures.pop(next(iter(self._failures)))

    def _forgive(self, serial: int) -> None:
        for pair in [pair for pair in self._failures if serial in pair]:
            del self._failures[pair]

    def known(self, serials: Iterable[int]) -> set[int]:
        """Return those that are there."""
        return {serial for serial in serials if serial in self._bus.items}
