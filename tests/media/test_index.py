"""TimeIndex against a plain list of every frame."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.media.index import TimeIndex

SIZES = st.lists(st.integers(1, 3000), min_size=1, max_size=300)


def edges(values: Sequence[int], start: int = 0) -> list[int]:
    found = [start]
    for number in values:
        found.append(found[-1] + number)
    return found


@given(SIZES, st.integers(0, 50), st.data())
def test_frames_of_equal_duration(sizes: list[int], header: int, data: st.DataObject) -> None:
    index = TimeIndex(sizes, 1152, header=header)
    starts = edges(sizes, header)
    assert (index.total_bytes, index.total_frames) == (starts[-1], 1152 * len(sizes))
    number = data.draw(st.integers(0, len(sizes) - 1))
    inside = data.draw(st.integers(0, sizes[number] - 1))
    assert index.frames_at(starts[number]) == number * 1152
    assert index.frames_at(starts[number] + inside) == number * 1152 + 1152 * inside // sizes[number]
    assert index.boundary_at(starts[number] + inside) == starts[number]
    assert index.byte_at(number * 1152 + data.draw(st.integers(0, 1151))) == starts[number]


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 5000)), min_size=1, max_size=300), st.data())
def test_frames_of_different_durations(frames: list[tuple[int, int]], data: st.DataObject) -> None:
    sizes, durations = zip(*frames, strict=True)
    index = TimeIndex(sizes, durations, header=42)
    starts, times = edges(sizes, 42), edges(durations)
    number = data.draw(st.integers(0, len(sizes) - 1))
    inside = data.draw(st.integers(0, durations[number] - 1))
    assert index.total_frames == times[-1]
    assert index.frames_at(starts[number]) == times[number]
    assert index.byte_at(times[number] + inside) == starts[number]


@given(SIZES, st.lists(st.integers(0, 900_000), min_size=2, max_size=2))
def test_time_never_runs_backwards(sizes: list[int], places: list[int]) -> None:
    index = TimeIndex(sizes, 576, header=42)
    before, after = sorted(places)
    assert index.frames_at(before) <= index.frames_at(after)


@pytest.mark.parametrize("byte", [0, 41])
def test_the_header_has_no_time_and_is_sent_from_its_start(byte: int) -> None:
    index = TimeIndex([10, 10], 100, header=42)
    assert index.frames_at(byte) == 0
    assert index.boundary_at(byte) == 0


def test_past_the_end_everything_was_played() -> None:
    index = TimeIndex([10, 10], 100, last=30)
    assert index.total_frames == 130
    assert (index.frames_at(20), index.frames_at(99)) == (130, 130)
    assert (index.byte_at(130), index.boundary_at(20)) == (20, 20)
    assert index.byte_at(129) == 10
