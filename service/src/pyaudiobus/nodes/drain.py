"""Draining in a thread of its own, because a drain blocks. The watchdog over it is the sink's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from errno import EPERM
from typing import Protocol

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import DeviceError

LET_GO = 2.0
"""Seconds of real time: a driver that failed to stop may never let go of the thread in its drain."""


class Drainable(Protocol):
    """A compress device or a PCM output."""

    name: str

    def drain(self) -> None:
        """Block until everything written was heard."""


class DrainWorker:
    """Runs one blocking drain() and raises a flag when it is over, for good or ill."""

    def __init__(self, device: Drainable, clock: Clock, over: Signal, drain: Callable[[], None] | None = None) -> None:
        """Begin; `drain` is what is called, the device's own drain() if it is None."""
        self.drain = device.drain if drain is None else drain
        """What is called."""
        self.was_held = False
        """The device was paused after this began, which may have come before the drain itself."""
        self.ended_at = 0.0
        """When it was over, by the clock."""
        self._clock = clock
        self._over = over
        self._finished = False
        self.error: DeviceError | None = None
        self._thread = threading.Thread(target=self._run, name=f"drain {device.name}", daemon=True)
        clock.join()
        self._thread.start()

    @property
    def finished(self) -> bool:
        """True once the device came back from the drain."""
        return self._finished

    @property
    def came_too_late(self) -> bool:
        """Whether a pause came before the drain, which was refused therefore; it is to be asked for again."""
        return self.was_held and self.error is not None and self.error.errno == EPERM

    def join(self, patience: float = LET_GO) -> bool:
        """Wait for the thread to end; stop the device first if it must end now.

        False if it does not within `patience` seconds: it is left behind then, and keeps nobody from ending.
        """
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.drain()
        except DeviceError as error:
            self.error = error
        finally:
            self.ended_at = self._clock.now()
            self._finished = True
            self._over.set()
            self._clock.leave()
