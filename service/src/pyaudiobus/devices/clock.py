"""Time as a device sees it: real, paced N times faster, or turned by hand. The only room that sleeps."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from math import inf
from typing import Protocol

from pyaudiobus.errors import UserError


class Signal(Protocol):
    """A flag one thread sets and another waits for."""

    def set(self) -> None:
        """Raise the flag and wake whoever waits."""

    def clear(self) -> None:
        """Lower the flag."""

    def is_set(self) -> bool:
        """Tell whether the flag is up."""


class Clock(Protocol):
    """Where now() and every wait of a player and its device come from."""

    def now(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    def signal(self) -> Signal:
        """Make a flag that wait() of this clock can be woken by."""

    def wait(self, signal: Signal, deadline: float) -> bool:
        """Sleep until the flag is up (True) or the clock reads `deadline` (False)."""

    def join(self) -> None:
        """Say that one more thread will wait on this clock; called before that thread starts."""

    def leave(self) -> None:
        """Say that a thread that had joined will wait no more."""


class Flag:
    """A flag that one thread waits for, at a fifth of what threading.Event costs it."""

    def __init__(self) -> None:
        self._is_set = False
        self._asleep = threading.Lock()  # held, but for a wakeup that nobody has taken yet
        self._asleep.acquire()

    def set(self) -> None:
        """Raise the flag and wake whoever waits."""
        self._is_set = True
        with suppress(RuntimeError):  # it is not held: the wakeup before this one will do
            self._asleep.release()

    def clear(self) -> None:
        """Lower the flag."""
        self._is_set = False

    def is_set(self) -> bool:
        """Tell whether the flag is up."""
        return self._is_set

    def sleep(self, seconds: float) -> None:
        """Sleep until the flag is raised, at most so long; it may end early."""
        self._asleep.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))


class MonotonicClock:
    """CLOCK_MONOTONIC."""

    def now(self) -> float:
        """Seconds of CLOCK_MONOTONIC."""
        return time.monotonic()

    def signal(self) -> Flag:
        """Make a flag."""
        return Flag()

    def wait(self, signal: Signal, deadline: float) -> bool:
        """Sleep until the flag is up or the time has come."""
        assert isinstance(signal, Flag)  # noqa: S101  # tells the type checker what signal() makes
        while not signal.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            signal.sleep(left)
        return True

    def join(self) -> None:
        """Real time passes whoever waits."""

    def leave(self) -> None:
        """Real time passes whoever waits."""


class SteppedSignal:
    """A flag that wakes a stepped clock's sleepers."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed
        self._flag = False

    def set(self) -> None:
        """Raise the flag and wake whoever waits."""
        with self._changed:
            self._flag = True
            self._changed.notify_all()

    def clear(self) -> None:
        """Lower the flag."""
        with self._changed:
            self._flag = False

    def is_set(self) -> bool:
        """Tell whether the flag is up."""
        return self._flag


class SteppedClock:
    """Time that moves only while every thread that joined is asleep, and never past a deadline.

    So work costs no time: a slow machine plays the same events at the same instants as a fast one.
    The thread that made the clock counts as joined.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = 0.0
        self._joined = 1
        self._deadlines: dict[int, float] = {}
        self._signals: dict[int, Signal] = {}

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def signal(self) -> SteppedSignal:
        """Make a flag."""
        return SteppedSignal(self._changed)

    def join(self) -> None:
        """Hold time until this thread sleeps too."""
        with self._changed:
            self._joined += 1

    def leave(self) -> None:
        """Let time pass without this thread."""
        with self._changed:
            self._joined -= 1
            self._changed.notify_all()

    def wait(self, signal: Signal, deadline: float) -> bool:
        """Sleep until the flag is up or the time has come."""
        me = threading.get_ident()
        with self._changed:
            self._deadlines[me], self._signals[me] = deadline, signal
            self._changed.notify_all()
            try:
                while not signal.is_set() and self._now < deadline:
                    self._sleep_a_little()
            finally:
                del self._deadlines[me], self._signals[me]
            return signal.is_set()

    def _sleep_a_little(self) -> None:
        """Called with the lock held by a sleeper: move time on if it may, or wait for a change."""
        raise NotImplementedError

    def _all_asleep(self) -> bool:
        return self._asleep() >= self._joined

    def _asleep(self) -> int:
        """Sleepers that nobody has woken: whose flag is up will run, though it still stands in the list."""
        return sum(not signal.is_set() for signal in self._signals.values())

    def _move_to(self, instant: float) -> None:
        self._now = max(self._now, instant)
        self._changed.notify_all()


class PacedClock(SteppedClock):
    """A stepped clock that runs `speed` times faster than real time, if the machine can; infinity never sleeps."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise UserError(f"a clock cannot run {speed:g} times as fast", advice="Give a speed above 0.")
        super().__init__()
        self._speed = speed
        self._origin = time.monotonic()

    def _sleep_a_little(self) -> None:
        target = min(self._deadlines.values())
        if not self._all_asleep() or target <= self._now or target == inf:  # somebody is awake, or about to wake
            self._changed.wait()
            return
        behind = self._origin + target / self._speed - time.monotonic()
        if behind <= 0 or not self._changed.wait(behind):
            self._move_to(target)


class ManualClock(SteppedClock):
    """A stepped clock that a test turns by hand."""

    def advance(self, seconds: float) -> None:
        """Turn the clock on; sleepers whose time comes on the way run before it goes further.

        Call it from the thread that made the clock; that thread counts as awake.
        """
        with self._changed:
            end = self._now + seconds
            while True:
                self._changed.wait_for(self._others_asleep)
                due = [deadline for deadline in self._deadlines.values() if deadline <= end]
                if not due:
                    break
                self._move_to(min(due))
                self._changed.wait_for(lambda: all(deadline > self._now for deadline in self._deadlines.values()))
            self._move_to(end)

    def _others_asleep(self) -> bool:
        return self._asleep() >= self._joined - 1

    def _sleep_a_little(self) -> None:
        self._changed.wait()
