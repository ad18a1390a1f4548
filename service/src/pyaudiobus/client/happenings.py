"""Events of the bus on their way to whom they concern: a stream, those who watch, or whoever asks later."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from pyaudiobus.model.record import Record

MAX_KEPT = 4096
"""Events that nobody has fetched; the oldest go first, and are counted."""
_OF_OBJECTS = frozenset({"object-added", "object-changed", "object-removed", "metadata-changed"})


class Happening(Record):
    """An event of the bus."""

    name: str
    """As the protocol's table calls it."""
    body: Any
    descriptors: tuple[int, ...] = ()
    """Whoever takes the event owns them."""


Listener = Callable[[Happening], None]


class Watcher(Protocol):
    """Who wants to know what happens to objects and metadata."""

    def take(self, happening: Happening) -> None:
        """Follow an event."""


class Happenings:
    """Hands events on, and keeps those that nobody listens to."""

    def __init__(self) -> None:
        self._kept: deque[Happening] = deque()
        self._streams: dict[int, Listener] = {}
        self.watchers: list[Watcher] = []
        """They are handed what happens to objects and metadata."""
        self.lost = 0
        """How many were not fetched in time."""

    def listen(self, serial: int, listener: Listener) -> None:
        """Hand over what happens to a stream, and does so no more to anybody else."""
        self._streams[serial] = listener

    def unlisten(self, serial: int) -> None:
        """Keep it again."""
        self._streams.pop(serial, None)

    def hear(self, name: str, body: Any, descriptors: tuple[int, ...]) -> None:  # noqa: ANN401
        """Take an event."""
        happening = Happening(name, body, descriptors)
        if name in _OF_OBJECTS:
            for watcher in tuple(self.watchers):
                watcher.take(happening)
            if self.watchers:
                return
        elif (listener := self._streams.get(getattr(body, "serial", -1))) is not None:
            listener(happening)
            return
        self._keep(happening)

    def fetch(self) -> list[Happening]:
        """Return what was kept; descriptors are the caller's."""
        found = list(self._kept)
        self._kept.clear()
        return found

    def close(self) -> None:
        """Close the descriptors of what was never fetched."""
        for happening in self.fetch():
            close_all(happening.descriptors)

    def _keep(self, happening: Happening) -> None:
        self._kept.append(happening)
        if len(self._kept) > MAX_KEPT:
            close_all(self._kept.popleft().descriptors)
            self.lost += 1


def close_all(descriptors: Iterable[int]) -> None:
    """Close descriptors."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
