"""Frames that are found as they pass: reckoned, let go, and told from what is none."""

from __future__ import annotations

from pathlib import Path

from pyaudiobus.engine.frame_log import FrameLog
from pyaudiobus.media.encoded import EncodedFile, open_encoded
from pyaudiobus.model.format import Codec

DEMO = Path(__file__).parents[2] / "service" / "share" / "demo"


def opened(name: str) -> tuple[EncodedFile, memoryview]:
    song = open_encoded(str(DEMO / name))
    assert song is not None
    return song, song.reader().peek(song.index.total_bytes)


def test_what_was_not_followed_is_reckoned_by_the_rate_and_never_lies_before_the_beginning() -> None:
    log = FrameLog(48_000, 16_000.0)
    assert [log.frames_at(byte) for byte in (-5, 0, 16_000)] == [0, 0, 48_000]
    assert [log.byte_at(frame) for frame in (-5, 0, 48_000)] == [0, 0, 16_000]
    log.begin(100)
    log.add(400, 1200)
    assert log.byte_rate == 16_000
    assert [log.frames_at(byte) for byte in (100, 300, 500, 4_500)] == [0, 600, 1200, 13_200]
    assert log.forget(500) == 500
    assert [log.frames_at(byte) for byte in (500, 100, 0)] == [1200, 1200 - 1200, 0]
    assert log.frames_at(1 << 62) > 1 << 50


def test_a_frame_of_another_kind_behind_a_run_is_told_from_one_that_is_not_whole_yet() -> None:
    song, data = opened("carillon.mp3")
    assert song.form.codec is Codec.MP3
    log = FrameLog(song.form.rate, 1.0)
    end = song.index.byte_at(5 * 1152)
    first = bytes(data[:4])
    assert log.follow_mp3(data[: end + 10], first, 1152) == (end, False)
    assert log.follow_mp3(memoryview(bytes(data[:end]) + b"TAG+"), first, 1152) == (end, True)
