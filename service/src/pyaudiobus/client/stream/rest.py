"""How a thread that reads or decodes ahead sleeps until another has something for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf

from pyaudiobus.devices.clock import Clock


class Rest:
    """A place to sleep for one thread.

    With `on_clock` it sleeps on a clock whose time moves only while everybody does; else where no clock knows of it.
    """

    def __init__(self, clock: Clock, *, on_clock: bool) -> None:
        self._clock = clock
        self._signal = clock.signal() if on_clock else None
        self._changed = threading.Condition()

    def wait_for(self, is_due: Callable[[], object]) -> None:
        """Sleep until something is due; it is asked again at every notify()."""
        if self._signal is None:
            with self._changed:
                self._changed.wait_for(is_due)
            return
        self._signal.clear()
        while not is_due():
            self._clock.wait(self._signal, inf)
            self._signal.clear()

    def notify(self) -> None:
        """Say that something may be due."""
        if self._signal is None:
            with self._changed:
                self._changed.notify_all()
        else:
            self._signal.set()
