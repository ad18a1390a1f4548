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
_SETTLE = 0.2
"""Seconds between an event and a look: devices come in bunches, and udev has still to do its part."""


class Events:
    """The kernel's events about devices. Where a sandbox forbids them, only time passes."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _KERNEL_EVENTS)
            self._socket.bind((0, _KERNEL_GROUP))
            self._socket.settimeout(0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def wait(self, seconds: float) -> None:
        """Sleep until something comes, or time is up."""
        watched = [self._socket] if self._socket is not None else []
        ready, _, _ = select.select(watched, [], [], seconds)
        if ready:
            time.sleep(min(seconds, _SETTLE))
            self._forget()

    def _forget(self) -> None:
        """Drop what came: the next look sees it all. ENOBUFS says that some were lost, which is as well."""
        while self._socket is not None:
            try:
                self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                continue


def wait_until_well(look: Callable[[], Diagnosis], seconds: float, waiting: Callable[[Diagnosis], None]) -> Diagnosis:
    """Look again and again until all is well, nothing is left that time may mend, or `seconds` are over.

    `waiting` is called once, before the first wait.
    """
    diagnosis, deadline, has_told = look(), time.monotonic() + seconds, False
    with Events() as events:
        while not diagnosis.is_well and diagnosis.may_heal:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if not has_told:
                waiting(diagnosis)
                has_told = True
            events.wait(min(left, _TICK))
            diagnosis = look()
    return diagnosis
