"""Real time for a thread that other descriptors may wake, in native code too: whoever sleeps, polls one epoll."""

from __future__ import annotations

import contextlib
import os
import select
import weakref

from pyaudiobus.devices.clock import Flag, MonotonicClock

_LONGEST = 1_000_000.0
"""Seconds; the kernel counts in milliseconds, with 31 bits."""


class PolledFlag(Flag):
    """A flag that is heard through a descriptor, and raised by others that are watched.

    All are polled edge triggered and none is ever read: an eventfd tells of each write, whatever it has counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll = select.epoll()
        weakref.finalize(self, _close, self._poll, self._event)
        self.watch(self._event)

    def fileno(self) -> int:
        """Return the epoll that can be read when the flag was raised."""
        return self._poll.fileno()

    def watch(self, descriptor: int) -> None:
        """Be raised by what can be read from another descriptor from now on."""
        self._poll.register(descriptor, select.EPOLLIN | select.EPOLLET)

    def unwatch(self, descriptor: int) -> None:
        """Watch a descriptor no more."""
        self._poll.unregister(descriptor)

    def set(self) -> None:
        """Raise the flag and wake whoever waits."""
        if not self._is_set:
            self._is_set = True
            with contextlib.suppress(OSError):  # it was closed: nobody waits any more
                os.eventfd_write(self._event, 1)

    def sleep(self, seconds: float) -> None:
        """Sleep until the flag is raised, at most so long; it may end early."""
        for descriptor, _ in self._poll.poll(min(seconds, _LONGEST)):
            if descriptor != self._event:
                self._is_set = True


class PolledClock(MonotonicClock):
    """CLOCK_MONOTONIC, with such flags."""

    def signal(self) -> PolledFlag:
        """Make a flag that wait() of this clock can be woken by."""
        return PolledFlag()


def _close(poll: select.epoll, event: int) -> None:
    poll.close()
    os.close(event)
