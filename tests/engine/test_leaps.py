"""How far a device's position leaps ahead of time, as it is found out by looking at it. Time is turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from pyaudiobus.engine._engine import ffi, lib
from pyaudiobus.engine.driver import EventKind, SampleCode
from tests.engine.arithmetic import encode
from tests.engine.sink import RATE, ScriptedDevice, Sink

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

SECOND = 1_000_000_000
ALLOWED = RATE // 100
ROOM = 2 * RATE


class Watched:
    """A device that plays from time 0 on, and is looked at; `position` tells frames by the time in ns."""

    def __init__(self, position: Callable[[int], int], allowed: int = ALLOWED) -> None:
        self.leaps: CData = ffi.new("struct leaps *")
        lib.leaps_begin(self.leaps, allowed)
        lib.leaps_start(self.leaps)
        self._position = position
        self._written = ROOM

    def watch(self, begin: int, end: int, quantum: int) -> None:
        """Look once a quantum (ns), and fill it up each time."""
        for time in range(begin or quantum, end, quantum):
            queued = self._written - self._position(time)
            lib.leaps_look(self.leaps, time, queued, RATE)
            lib.leaps_write(self.leaps, ROOM - queued)
            self._written += ROOM - queued

    @property
    def kept(self) -> int:
        return int(lib.leaps_kept(self.leaps))


def smooth(time: int) -> int:
    return time * RATE // SECOND


def by_ticks(time: int) -> int:
    """Move once in 4 ms, as snd-aloop does where HZ is 250."""
    return smooth(time // 4_000_000 * 4_000_000)


def test_a_device_that_is_not_known_is_given_the_longest_tick() -> None:
    assert Watched(smooth).kept == ALLOWED


def test_a_device_that_is_known_not_to_leap_is_given_nothing() -> None:
    device = Watched(by_ticks, allowed=0)
    device.watch(0, 12 * SECOND, 1_000_000)
    assert device.kept == 0


def test_a_position_that_goes_with_time_needs_nothing_once_that_was_seen() -> None:
    device = Watched(smooth)
    device.watch(0, 12 * SECOND, 1_333_333)
    assert device.kept <= 1


@pytest.mark.parametrize("quantum", [333_333, 1_333_333, 5_333_333, 50_000_003])
def test_what_is_kept_outlasts_every_leap(quantum: int) -> None:
    device = Watched(by_ticks)
    for second in range(0, 28, 7):
        device.watch(second * SECOND, (second + 7) * SECOND, quantum)
        lowest = min(by_ticks(at) - by_ticks(at + quantum) for at in range(0, 40_000_000, 100_000))
        margin = RATE // 1000  # a device's own headroom
        assert smooth(quantum) + device.kept + margin + lowest >= 0


def test_a_leap_that_was_made_once_is_forgotten() -> None:
    device = Watched(lambda time: smooth(time) + (1000 if time >= 12 * SECOND else 0))
    device.watch(0, 13 * SECOND, 10_000_000)
    assert device.kept >= 1000 - 1
    device.watch(13 * SECOND, 32 * SECOND, 10_000_000)
    assert device.kept <= 1


def test_how_a_device_starts_is_no_leap() -> None:
    device = Watched(lambda time: smooth(time) + 300)
    device.watch(0, 12 * SECOND, 10_000_000)
    assert device.kept <= 1


def test_who_ran_dry_is_given_more_but_not_without_end() -> None:
    device = Watched(smooth)
    device.watch(0, 12 * SECOND, 10_000_000)
    given = []
    for _ in range(6):
        lib.leaps_ran_dry(device.leaps, RATE)
        given.append(device.kept)
    assert given[0] >= ALLOWED
    assert given[-1] == RATE // 10
    assert given == sorted(given)


def test_the_cycle_keeps_so_much_in_the_device() -> None:
    device = ScriptedDevice()
    lib.leaps_begin(ffi.addressof(device.device, "leaps"), ALLOWED)
    with Sink(device=device.device) as sink:
        stream = sink.stream()
        stream.write(encode([0.5] * 4000, SampleCode.S16))
        stream.end()
        with sink.driver.together():
            sink.play(stream)
        sink.wait(EventKind.ENDED, stream.serial)
        assert sink.driver.records()[0].queued == 256 + ScriptedDevice.HEADROOM + ALLOWED


def test_a_quantum_leaves_room_for_leaps() -> None:
    device = ScriptedDevice(room=1024)
    lib.leaps_begin(ffi.addressof(device.device, "leaps"), ALLOWED)
    with Sink(device=device.device, quantum=4096) as sink:
        assert sink.driver.counters().quantum == 1024 - ScriptedDevice.HEADROOM - 1024 // 4
