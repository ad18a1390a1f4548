"""Who has the one DSP, and who sleeps until it does something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyaudiobus.devices.clock import Clock, Signal


class Hardware:
    """The one DSP that several VirtualDsp objects may stand for; it serves one of them at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: object = None

    def take(self, owner: object) -> bool:
        """Become the owner; False if there is another one."""
        with self._lock:
            if self._owner is None:
                self._owner = owner
            return self._owner is owner

    def give_back(self) -> None:
        """Let others take it."""
        with self._lock:
            self._owner = None


class Sleepers:
    """Threads that sleep on the clock until a device changes (the kernel's wait queue)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signals: set[Signal] = set()

    @contextmanager
    def one(self) -> Iterator[Signal]:
        """Make a flag that wake() raises."""
        signal = self._clock.signal()
        self._signals.add(signal)
        try:
            yield signal
        finally:
            self._signals.discard(signal)

    def wake(self) -> None:
        """Raise every flag."""
        for signal in tuple(self._signals):
            signal.set()
