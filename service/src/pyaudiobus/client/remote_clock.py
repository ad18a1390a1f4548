"""Real time for a player on the bus: while it sleeps, the bus and the ring of its stream are heard."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.ring import RingProducer

if TYPE_CHECKING:
    from pyaudiobus.devices.clock import Signal


class Flag:
    """What wakes a player before its deadline; set by the thread that waits, while it hears the bus, or by another."""

    def __init__(self, poke: Callable[[], None]) -> None:
        """Take what wakes the thread that waits, where another one sets it."""
        self._is_set = False
        self._poke = poke

    def set(self) -> None:
        """Raise it."""
        self._is_set = True
        self._poke()

    def clear(self) -> None:
        """Lower it."""
        self._is_set = False

    def is_set(self) -> bool:
        """Tell whether it is up."""
        return self._is_set


class RemoteClock:
    """CLOCK_MONOTONIC; while it waits, the bus and one ring are heard."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._waker = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._waker)
        self._waiter = threading.get_ident()
        self.ring: RingProducer | None = None
        """What wakes the player besides the bus."""

    def now(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def signal(self) -> Flag:
        """Make a flag."""
        return Flag(self._poke)

    def _poke(self) -> None:
        if threading.get_ident() != self._waiter:
            os.eventfd_write(self._waker, 1)

    def _was_poked(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._waker)

    def wait(self, signal: Signal, deadline: float) -> bool:
        """Sleep until the flag is up or the time has come. PeerError where the bus is gone."""
        self._waiter = threading.get_ident()
        while not signal.is_set():
            left = None if deadline == inf else deadline - self.now()
            if left is not None and left <= 0:
                return False
            others = (self._waker,) if self.ring is None else (self._waker, self.ring.fileno())
            ready = self._remote.ready(others, left)
            if self._waker in ready:
                self._was_poked()
            if self.ring is not None and self.ring.fileno() in ready:  # what was heard may have taken it away
                self.ring.acknowledge()
            if ready:
                signal.set()
        return True

    def join(self) -> None:
        """Real time passes whoever waits."""

    def leave(self) -> None:
        """Real time passes whoever waits."""
