"""What PulseAudio 16 answered, asked with a null sink at s16, 44.1 kHz, stereo."""

import pytest

from pyaudiobus.model.buffering import (
    LatencyMode,
    PlaybackBuffering,
    RecordBuffering,
    StreamClock,
    settle_playback,
    settle_record,
)

CLOCK = StreamClock(44100, 4)
T, A, E = LatencyMode.TRADITIONAL, LatencyMode.ADJUST, LatencyMode.EARLY_REQUESTS


def null_sink(usec: int) -> int:
    return min(max(usec, 500), 2_000_000)


@pytest.mark.parametrize(
    ("asked", "mode", "got", "latency"),
    [
        ((-1, -1, -1, -1), T, (4194304, 352800, 349276, 3528), 1_960_000),
        ((0, 0, 0, 0), T, (4, 4, 0, 4), 500),
        ((-1, 17640, -1, -1), A, (4194304, 12348, 8824, 3528), 30_000),
        ((-1, 17640, -1, -1), T, (4194304, 17640, 14116, 3528), 60_000),
        ((-1, 17640, -1, -1), E, (4194304, 17640, 14116, 3528), 20_000),
        ((-1, 100, -1, -1), A, (4194304, 140, 120, 24), 500),
        ((10001, 5003, 777, 333), A, (10004, 2832, 780, 332), 12_290),
        ((4096, -1, -1, -1), A, (4096, 3072, 2052, 1024), None),
    ],
)
def test_playback_gets_what_pulseaudio_gives(
    asked: tuple[int, ...], mode: LatencyMode, got: tuple[int, ...], latency: int | None
) -> None:
    result, granted = settle_playback(PlaybackBuffering(*asked), CLOCK, mode, null_sink)
    assert (result.maxlength, result.tlength, result.prebuf, result.minreq) == got
    if latency is not None:
        assert abs(granted - latency) < 30


@pytest.mark.parametrize(
    ("asked", "mode", "fragsize"),
    [((-1, -1), T, 352800), ((-1, 0), T, 4), ((-1, 1001), T, 1000), ((2000, 9000), T, 2000), ((-1, 4410), A, 4408)],
)
def test_recording_gets_what_pulseaudio_gives(asked: tuple[int, int], mode: LatencyMode, fragsize: int) -> None:
    assert settle_record(RecordBuffering(*asked), CLOCK, mode, null_sink)[0].fragsize == fragsize


@pytest.mark.parametrize(
    ("clock", "asked", "mode", "got", "latency"),
    [
        (StreamClock(11_025, 4), (124, 40), T, (124, 40), 0),
        (StreamClock(48_000, 4), (-1, -1), T, (4194304, 384000), 0),
        (StreamClock(96_000, 2), (-1, 100), A, (4194304, 100), 520),
        (StreamClock(8000, 16), (-1, 3), A, (4194304, 64), 500),
        (StreamClock(44_100, 3), (5773746, 1), E, (4194306, 3), 500),
        (StreamClock(22_050, 24), (6488, 11), A, (6504, 264), 500),
    ],
)
def test_recording_asks_its_source_as_pulseaudio_does(
    clock: StreamClock, asked: tuple[int, int], mode: LatencyMode, got: tuple[int, int], latency: int
) -> None:
    """As measured on PulseAudio 16.1, from the monitor of a null sink."""
    result, granted = settle_record(RecordBuffering(*asked), clock, mode, null_sink)
    assert ((result.maxlength, result.fragsize), granted) == (got, latency)
