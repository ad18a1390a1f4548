"""Draining in a thread of its own: how it ends, and what becomes of a drain that does not."""

from __future__ import annotations

import threading
from errno import EIO
from math import inf

from pyaudiobus.devices.clock import MonotonicClock, PacedClock
from pyaudiobus.errors import DeviceError
from pyaudiobus.nodes.drain import DrainWorker


class Sieve:
    """A device whose drain ends when it is let go."""

    name = "sieve"

    def __init__(self, error: DeviceError | None = None) -> None:
        self.free = threading.Event()
        self.error = error

    def drain(self) -> None:
        self.free.wait()
        if self.error is not None:
            raise self.error


def test_a_drain_runs_beside_its_caller_and_raises_the_flag_when_it_is_over() -> None:
    sieve, clock = Sieve(), MonotonicClock()
    over = clock.signal()
    worker = DrainWorker(sieve, clock, over)
    finished = [worker.finished]
    sieve.free.set()
    assert clock.wait(over, inf)
    assert worker.join()
    finished.append(worker.finished)
    assert finished == [False, True]
    assert worker.error is None


def test_the_error_of_a_drain_is_kept_for_its_caller() -> None:
    error = DeviceError.from_errno("drain", "sieve", EIO)
    sieve, clock = Sieve(error), MonotonicClock()
    over = clock.signal()
    worker = DrainWorker(sieve, clock, over)
    sieve.free.set()
    clock.wait(over, inf)
    assert worker.join()
    assert worker.error is error


def test_a_thread_that_the_driver_never_lets_go_keeps_nobody_waiting() -> None:
    sieve, clock = Sieve(), MonotonicClock()
    worker = DrainWorker(sieve, clock, clock.signal())
    assert not worker.join(patience=0.0)
    sieve.free.set()
    assert worker.join()


def test_a_drain_that_is_over_does_not_hold_the_clock() -> None:
    sieve, clock = Sieve(), PacedClock(inf)
    over = clock.signal()
    worker = DrainWorker(sieve, clock, over)
    sieve.free.set()
    clock.wait(over, inf)
    worker.join()
    assert not clock.wait(clock.signal(), clock.now() + 1000.0)
    assert clock.now() == 1000.0
