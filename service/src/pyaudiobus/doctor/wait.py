"""Waiting for a board that comes up late: until the kernel tells of a device, or a moment has passed."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from pyaudiobus.doctor.diagnosis import Diagnosis

_KERNEL_EVENTS = 15
"""NETLINK_KOBJECT_UEVENT (linux/netlink.h)."""
_KERNEL_GROUP = 1
_TICK = 2.0
"""Seconds after which to look without having been told: a file that is copied makes no event."""
_SETTLE = 0.5
"""Seconds without an event before a look: devices come in bunches, and a look costs a booting board time."""
_LONGEST_EVENT = 1 << 16
"""Bytes."""


class Events:
    """The kernel's events about devices, and the clock. Where a sandbox forbids the events, only time passes."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._socket = self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def listen(self) -> socket.socket:
        """Return a socket on which events come. OSError where that is not allowed."""
        listener = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _KERNEL_EVENTS)
        try:
            listener.bind((0, _KERNEL_GROUP))
        except OSError:
            listener.close()
            raise
        return listener

    def now(self) -> float:
        """Return the time, in seconds."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep until something came and all is quiet again, or time is up."""
        watched = [self._socket] if self._socket is not None else []
        deadline, quiet = self.now() + seconds, seconds
        while (left := deadline - self.now()) > 0:
            ready, _, _ = select.select(watched, [], [], min(left, quiet))
            if not ready:
                return
            self._forget(ready[0])
            quiet = _SETTLE

    @staticmethod
    def _forget(listener: socket.socket) -> None:
        """Drop what came: the next look sees it all."""
        listener.settimeout(0)
        while True:
            try:
                if not listener.recv(_LONGEST_EVENT):
                    return
            except BlockingIOError:
                return
            except OSError:  # some were lost, which is as well
                continue


def wait_until_well(
    look: Callable[[], Diagnosis], seconds: float, waiting: Callable[[Diagnosis], None], events: Events | None = None
) -> Diagnosis:
    """Look again and again until all is well, nothing is left that time may mend, or `seconds` are over.

    `waiting` is called once, before the first wait; `events` are another source of events and time, for tests.
    """
    with events or Events() as source:
        diagnosis, deadline = look(), source.now() + seconds
        if seconds and _is_worth_waiting(diagnosis):
            waiting(diagnosis)
        while _is_worth_waiting(diagnosis) and (left := deadline - source.now()) > 0:
            source.wait(min(left, _TICK))
            diagnosis = look()
    return diagnosis


def _is_worth_waiting(diagnosis: Diagnosis) -> bool:
    return not diagnosis.is_well and diagnosis.may_heal
