"""Frames that are found as they pass are where a scan of the whole file finds them, and stay there while some go."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pyaudiobus.daemon.passing_index import PassingIndex
from pyaudiobus.media.encoded import open_encoded

DEMO = Path(__file__).parents[2] / "service" / "share" / "demo"


@pytest.mark.parametrize("name", ["carillon.mp3", "carillon.flac"])
def test_a_stream_in_pieces_has_its_frames_where_the_whole_file_has_them(name: str) -> None:
    song = open_encoded(str(DEMO / name))
    assert song is not None
    data = song.reader().peek(song.index.total_bytes)
    dice, at = random.Random(name), 0
    passing = PassingIndex(song.form)
    while at < len(data):
        at = min(len(data), at + dice.randrange(1, 30_000))
        passing.follow(data[passing.followed : at])
    passing.total_bytes = len(data)
    passing.finish(data[passing.followed :])
    assert passing.total_frames == song.index.total_frames
    first = 0
    for half in (0, len(data) // 2, len(data) * 3 // 4):
        first = passing.forget(half)
        assert first == (song.index.boundary_at(half) if half else len(song.header))
        for _ in range(200):
            byte, frame = (
                dice.randrange(first, len(data) + 1),
                dice.randrange(passing.first_frame, passing.total_frames),
            )
            assert passing.frames_at(byte) == song.index.frames_at(byte)
            assert passing.byte_at(frame) == song.index.byte_at(frame)
