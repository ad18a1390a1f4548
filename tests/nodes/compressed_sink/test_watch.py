"""When the sink looks after the device again, and when it gives the device up."""

from __future__ import annotations

import pytest

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.graph.source import FixedIndex
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.nodes.compressed_sink.watch import MAX_SLEEP, STILL_SECONDS, Watch
from tests.nodes.bench import KIB

RATE = 16_000
STEADY = FixedIndex(1, 100_000_000)
"""16000 bytes a second, a frame each."""
BIG, SMALL = Geometry(8 * KIB, 64), Geometry(8 * KIB, 4)


def steady(ring: Geometry) -> Watch:
    watch = Watch(STEADY, RATE, ring)
    watch.begin(0.0)
    return watch


def test_a_small_ring_is_looked_at_when_two_fragments_are_left() -> None:
    look = steady(SMALL).next_look(taken=0, written=SMALL.ring_size, now=0.0)
    assert look == pytest.approx(2 * 8 * KIB / RATE)


def test_a_large_ring_is_looked_at_when_a_tenth_is_left_but_every_fifteen_seconds_at_least() -> None:
    assert steady(BIG).next_look(0, BIG.ring_size, 0.0) == MAX_SLEEP
    watch = steady(BIG)
    watch.is_still(BIG.ring_size // 2, 100.0)
    look = watch.next_look(BIG.ring_size // 2, BIG.ring_size, 100.0)
    assert look == pytest.approx(100.0 + BIG.ring_size * 0.4 / RATE, abs=0.01)


def test_a_ring_that_is_already_low_is_looked_at_within_half_a_fragment() -> None:
    watch = steady(SMALL)
    watch.is_still(SMALL.ring_size, 10.0)
    assert watch.next_look(SMALL.ring_size, SMALL.ring_size + 100, 10.0) == pytest.approx(10.0 + 4 * KIB / RATE)


def test_the_look_follows_a_variable_bit_rate_and_not_its_average() -> None:
    loud, quiet = [1600] * 100, [160] * 900
    index = TimeIndex(loud + quiet, 1600)  # ten seconds at 16000 bytes a second, then ninety at 1600
    watch = Watch(index, RATE, Geometry(8 * KIB, 13))
    watch.begin(0.0)
    in_the_loud_part = watch.next_look(0, 100_000, 0.0)
    assert in_the_loud_part == pytest.approx((100_000 - 16 * KIB) / 16_000, abs=0.2)
    watch.is_still(150_000, 9.0)
    over_the_edge = watch.next_look(150_000, 190_000, 9.0) - 9.0
    assert over_the_edge == pytest.approx(10_000 / 16_000 + (30_000 - 16 * KIB) / 1_600, abs=0.2)


def test_a_device_that_moves_is_never_still() -> None:
    watch = steady(SMALL)
    assert not any(watch.is_still(taken=8 * KIB * step, now=100.0 * step) for step in range(1, 20))


def test_a_device_is_given_the_time_of_four_fragments_and_two_seconds_at_least() -> None:
    watch = steady(SMALL)
    four = 4 * 8 * KIB / RATE
    assert watch.patience(0) == pytest.approx(four)
    assert not watch.is_still(0, four)
    assert watch.is_still(0, four + 0.01)
    assert Watch(STEADY, 1_000_000, SMALL).patience(0) == STILL_SECONDS


def test_a_device_that_did_not_move_is_looked_at_again_as_soon_as_patience_ends() -> None:
    watch = steady(BIG)
    watch.is_still(0, 1.0)
    assert watch.next_look(0, BIG.ring_size, 1.0) == pytest.approx(watch.patience(0) + 0.01)


def test_after_a_pause_patience_begins_anew() -> None:
    watch = steady(SMALL)
    watch.begin(1000.0)
    assert not watch.is_still(0, 1001.0)


def test_the_next_look_always_lies_ahead() -> None:
    watch = steady(SMALL)
    assert watch.next_look(0, 0, 50.0) > 50.0
