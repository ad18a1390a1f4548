"""Waiting for a compress device: for room by poll(), and for the end of a drain when signals interrupt it."""

from __future__ import annotations

import errno as errno_names
import time
from collections.abc import Callable
from threading import Event

from pyaudiobus.devices import uapi
from pyaudiobus.devices.ledger import Ledger
from pyaudiobus.devices.node import CompressNode
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.units import Seconds

_LOOK_STEP = 0.05
"""Seconds between looks where poll() cannot be used: 4 GiB into one stream before Linux 6.18, and while draining."""


def wait_for_room(node: CompressNode, ledger: Ledger, fragment_size: int, timeout: Seconds) -> bool:
    """Wait until a fragment is free or something is wrong; False on time-out."""
    deadline = time.monotonic() + timeout
    while True:
        left = deadline - time.monotonic()
        if _look(node, ledger, fragment_size, max(0.0, left)):
            return True
        if left <= 0:
            return False


def _look(node: CompressNode, ledger: Ledger, fragment_size: int, seconds: float) -> bool:
    if not ledger.poll_is_wrong:
        return node.poll(uapi.POLLOUT, milliseconds(seconds)) > 0
    if ledger.room("wait for") >= fragment_size:
        return True
    return node.poll(0, milliseconds(min(seconds, _LOOK_STEP))) > 0


def milliseconds(seconds: float) -> int:
    """Round up, within an int: a wait must not end before its time."""
    return int(min(-(-seconds * 1000 // 1), 0x7FFFFFFF))


def drain_to_the_end(drain: Callable[[], object], stopped: Event) -> None:
    """Call `drain` until it ends. A signal ends only the waiting, not the draining: then it is asked for again.

    `stopped` goes up when another thread stops the stream. It must be down at the start.
    """
    interrupted = False
    while True:
        try:
            drain()
        except DeviceError as error:
            is_over = interrupted or stopped.is_set()
            if is_over and error.errno == errno_names.EPERM:  # it ended, or was stopped, before this call
                return
            if error.errno != errno_names.EINTR:
                raise
            interrupted = True
        else:
            return


def drain_track_to_the_end(drain: Callable[[], object], node: CompressNode, ledger: Ledger, stopped: Event) -> None:
    """Call `drain` for a partial drain. After a signal it cannot be asked for again, so its end is looked for."""
    try:
        drain()
    except DeviceError as error:
        if stopped.is_set() and error.errno == errno_names.EPERM:
            return
        if error.errno != errno_names.EINTR:
            raise
        while not (stopped.is_set() or _takes_data(node, ledger)):
            stopped.wait(_LOOK_STEP)


def _takes_data(node: CompressNode, ledger: Ledger) -> bool:
    """Whether the stream runs again: an empty write is refused (EBADFD) while it drains, and changes nothing."""
    ledger.room("drain the track on")  # raises after an xrun
    try:
        node.write(memoryview(b""), 0)
    except DeviceError as error:
        if error.errno != errno_names.EBADFD:
            raise
        return False
    return True
