"""Where a stream is: by the device's frames, or by the bytes it took and the time that passed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.nodes.compressed_sink.position import PositionTracker
from tests.nodes.bench import BYTE_RATE, FRAME, FRAME_SAMPLES, MP3

RING = Geometry(8192, 8)
FRAGMENT_SECONDS = 8192 / BYTE_RATE
COUNT = 5000
INDEX = TimeIndex([FRAME] * COUNT, FRAME_SAMPLES)
DURATION = COUNT * FRAME_SAMPLES / MP3.rate
ALL = COUNT * FRAME


def tracker(delay: int = 0, padding: int = 0) -> PositionTracker:
    return PositionTracker(MP3.replace(encoder_delay=delay, encoder_padding=padding), INDEX, RING)


def took(count: int) -> Progress:
    return Progress(count, None, 0)


def test_before_it_runs_a_stream_is_at_zero() -> None:
    assert tracker().read(took(0), 65536, 100.0).seconds == 0.0


def test_a_device_with_a_clock_is_believed() -> None:
    position = tracker().read(Progress(50_000, 96_000, 48_000), 65536, 1.0)
    assert (position.seconds, position.uncertainty) == (2.0, 0.0)


def test_frames_that_the_device_counts_at_another_rate_are_converted() -> None:
    assert tracker().read(Progress(0, 88_200, 44_100), 65536, 1.0).seconds == 2.0


def test_a_frame_count_without_a_rate_is_not_believed() -> None:
    at = tracker()
    at.run(0.0)
    assert at.read(Progress(16_384, 0, 0), 65536, 1.0).seconds == pytest.approx(1.0)


def test_between_two_fragments_time_is_interpolated() -> None:
    at = tracker()
    at.run(10.0)
    assert at.read(took(16_384), 65536, 11.1).seconds == pytest.approx(1.1)


def test_interpolation_stays_within_a_fragment_of_what_the_device_took() -> None:
    at = tracker()
    at.run(0.0)
    assert at.read(took(16_384), 65536, 60.0).seconds == pytest.approx(3 * FRAGMENT_SECONDS, abs=0.024)
    slow = tracker()
    slow.run(0.0)
    slow.read(took(8192), 65536, 0.5)
    behind = 2 * 0.024  # an encoded frame that is not whole, and one that a decoder may hold back
    assert slow.read(took(10 * 65536), 11 * 65536, 1.0).seconds == pytest.approx(79 * FRAGMENT_SECONDS, abs=behind)


def test_what_a_device_reads_ahead_is_not_heard_ahead() -> None:
    at = tracker()
    at.run(0.0)
    for now, count in ((0.0, 3), (0.5, 4), (1.1, 5), (1.6, 6), (20.1, 42), (20.4, 42)):
        position = at.read(took(count * 8192), 65536 + count * 8192, now)
        assert position.seconds == pytest.approx(now)
        assert position.uncertainty <= 2.1 * FRAGMENT_SECONDS


def test_the_end_of_what_was_read_ahead_is_played_by_the_clock() -> None:
    at = tracker()
    at.run(0.0)
    at.read(took(24_576), 65536, 0.0)
    for now in (3.0, 3.5, 4.0):
        assert at.read(took(65536), 65536, now).seconds == pytest.approx(now)


def test_the_uncertainty_covers_every_place_the_device_can_be_at() -> None:
    at = tracker()
    at.run(0.0)
    position = at.read(took(16_384), 65536, 1.0)
    for edge in (FRAGMENT_SECONDS, 3 * FRAGMENT_SECONDS):
        assert abs(position.seconds - edge) <= position.uncertainty + 1e-9


def test_a_device_that_tells_nothing_is_followed_by_the_clock_up_to_what_was_written() -> None:
    at, silent = tracker(), Progress(None, None, 0)
    at.run(0.0)
    assert at.read(silent, 65536, 2.0).seconds == pytest.approx(2.0)
    assert at.read(silent, 65536, 99.0).seconds == pytest.approx(65536 / BYTE_RATE, abs=0.024)


def test_a_pause_stops_the_interpolation_and_its_length_does_not_count() -> None:
    at = tracker()
    at.run(0.0)
    at.hold(1.0)
    assert at.read(took(16_384), 65536, 500.0).seconds == pytest.approx(1.0)
    at.run(500.0)
    assert at.read(took(24_576), 65536, 500.4).seconds == pytest.approx(1.4)


def test_starting_twice_does_not_begin_anew() -> None:
    at = tracker()
    at.run(0.0)
    at.run(1.0)
    assert at.elapsed(2.0) == 2.0


def test_the_encoders_delay_is_before_zero_and_its_padding_after_the_end() -> None:
    at = tracker(delay=1105, padding=1000)
    assert at.duration == pytest.approx(DURATION - 2105 / 48_000)
    late = 529  # an MP3 decoder is late by so much itself
    assert at.read(Progress(0, 1105 + late + 48_000, 48_000), ALL, 0.0).seconds == pytest.approx(1.0)
    assert at.read(Progress(0, COUNT * FRAME_SAMPLES, 48_000), ALL, 0.0).seconds == at.duration


def test_the_encoders_delay_is_never_shown_as_a_negative_time() -> None:
    at = tracker(delay=1105)
    at.run(0.0)
    assert at.read(took(0), 65536, 0.001).seconds == 0.0


def test_a_finished_stream_is_exactly_at_its_end_without_doubt() -> None:
    at = tracker(delay=1105, padding=1000)
    at.run(0.0)
    at.read(took(8192), ALL, 1.0)
    at.finish()
    position = at.read(took(8192), ALL, 1.0)
    assert (position.seconds, position.uncertainty) == (at.duration, 0.0)


@given(
    steps=st.lists(st.tuples(st.floats(0, 5), st.integers(0, 30_000), st.integers(-1, 100_000)), max_size=40),
    delay=st.integers(0, 3000),
)
def test_position_never_goes_back_and_never_passes_the_end(steps: list[tuple[float, int, int]], delay: int) -> None:
    at, now, taken, last = tracker(delay=delay), 0.0, 0, 0.0
    at.run(now)
    for passed, more, rendered in steps:
        now, taken = now + passed, min(ALL, taken + more)
        progress = Progress(taken, rendered, 48_000) if rendered >= 0 else took(taken)
        position = at.read(progress, min(ALL, taken + 65536), now)
        assert last <= position.seconds <= at.duration
        assert position.uncertainty >= 0
        last = position.seconds


def test_an_hour_of_a_day_long_stream_is_told_as_exactly_as_a_second() -> None:
    day = TimeIndex([FRAME] * 3_600_000, FRAME_SAMPLES)
    at = PositionTracker(MP3, day, RING)
    at.run(0.0)
    assert at.read(took(82_000 * BYTE_RATE), 82_030 * BYTE_RATE, 82_000.0).seconds == pytest.approx(82_000.0)


def test_a_device_without_a_clock_goes_on_no_later_than_it_can_be_after_many_pauses() -> None:
    at, played, now = tracker(), 0, 0.0
    for _ in range(7):
        at.run(now)
        now += 100.9 / MP3.rate  # of which it plays whole frames
        played += 100
        at.hold(now)
    assert at.frame(took(16_384), 65536, now) <= played
    assert at.frame(took(16_384), 65536, now) >= played - 7
