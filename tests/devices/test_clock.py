"""Clocks: real, paced, and turned by hand."""

from __future__ import annotations

import threading
import time

import pytest

from pyaudiobus.devices.clock import ManualClock, MonotonicClock, PacedClock
from pyaudiobus.errors import UserError


def sleeper(clock: ManualClock | PacedClock, deadlines: list[float], woke: list[float]) -> threading.Thread:
    """Start a joined thread that sleeps until each deadline and notes when it woke."""

    def sleep() -> None:
        signal = clock.signal()
        for deadline in deadlines:
            clock.wait(signal, deadline)
            woke.append(clock.now())
        clock.leave()

    clock.join()
    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    return thread


def test_real_time_passes_by_itself() -> None:
    clock = MonotonicClock()
    before = clock.now()
    signal = clock.signal()
    assert not clock.wait(signal, before + 0.001)
    assert clock.now() >= before + 0.001
    signal.set()
    assert clock.wait(signal, before + 1e6)
    assert abs(clock.now() - time.monotonic()) < 60


def test_a_clock_turned_by_hand_stands_still_otherwise() -> None:
    clock = ManualClock()
    assert clock.now() == 0
    clock.advance(2.5)
    clock.advance(0.5)
    assert clock.now() == 3


def test_sleepers_wake_on_the_way_each_at_its_instant() -> None:
    clock = ManualClock()
    woke: list[float] = []
    threads = [sleeper(clock, [1.0, 2.0], woke), sleeper(clock, [1.5, 9.0], woke)]
    clock.advance(4)
    assert woke == [1.0, 1.5, 2.0]
    assert clock.now() == 4
    clock.advance(10)
    for thread in threads:
        thread.join(30)
    assert woke == [1.0, 1.5, 2.0, 9.0]


def test_a_raised_flag_wakes_a_sleeper_before_its_time() -> None:
    clock = ManualClock()
    signal = clock.signal()
    answers: list[bool] = []

    def sleep() -> None:
        answers.append(clock.wait(signal, 1e9))
        clock.leave()

    clock.join()
    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    clock.advance(1)
    signal.set()
    thread.join(30)
    assert answers == [True]
    assert signal.is_set()
    signal.clear()
    assert not signal.is_set()


@pytest.mark.parametrize("speed", [float("inf"), 1e6])
def test_a_paced_clock_jumps_to_the_next_deadline_when_all_sleep(speed: float) -> None:
    clock = PacedClock(speed)
    woke: list[float] = []
    thread = sleeper(clock, [10.0, 30.0], woke)
    assert not clock.wait(clock.signal(), 20.0)
    assert clock.now() == 20
    clock.leave()
    thread.join(30)
    assert woke == [10.0, 30.0]


def test_a_paced_clock_is_never_ahead_of_its_pace() -> None:
    clock = PacedClock(1000.0)
    begun = time.monotonic()
    clock.wait(clock.signal(), 5.0)
    assert time.monotonic() - begun >= 0.005 * 0.99


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_a_clock_that_does_not_run_forwards_is_refused(speed: float) -> None:
    with pytest.raises(UserError, match="cannot run"):
        PacedClock(speed)
