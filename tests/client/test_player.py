"""The player: which events come in which order, when it wakes, and how it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from errno import EBUSY, EIO
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from pyaudiobus.errors import DeviceBusy, MediaError
from pyaudiobus.model.events import (
    Drained,
    Event,
    Moved,
    Negotiated,
    Notice,
    Playing,
    Recovered,
    Stalled,
    Started,
    Summary,
)
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.client.studio import AAC, DEMO_FLAC, DEMO_MP3, MEDIA, Studio, open_files, write_song
from tests.nodes.bench import KIB, is_free

SMALL = RingRequest(4 * 8 * KIB, 4)


def positions(events: list[Event]) -> list[float]:
    return [event.position.seconds for event in events if isinstance(event, Playing)]


def summary(events: list[Event]) -> Summary:
    last = events[-1]
    assert isinstance(last, Summary)
    return last


def watch(studio: Studio, see: Callable[[Event], None]) -> None:
    for event in studio.play(DEMO_MP3, 0.5):
        see(event)


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC, AAC], ids=lambda path: path.name)
@pytest.mark.parametrize("report_every", [None, 0.5])
def test_events_come_in_their_order(path: Path, report_every: float | None) -> None:
    kinds = [type(event) for event in Studio().play(path, report_every)]
    assert kinds[:3] == [Negotiated, Started, Playing]
    assert kinds[-2:] == [Drained, Summary]
    assert set(kinds[2:-2]) == {Playing}


def test_negotiation_and_start_are_told_before_anything_else_happens() -> None:
    studio = Studio(ring=SMALL)
    events = studio.play(DEMO_MP3)
    first, second = next(events), next(events)
    assert isinstance(first, Negotiated)
    assert (first.mode, first.sink, first.duration) == ("offload", "virtual:q6asm", 9.0)
    assert "undecoded" in first.reason
    assert isinstance(second, Started)
    assert (second.ring_size, second.fragment_size) == (32 * KIB, 8 * KIB)
    assert studio.clock.now() == 0.0


@pytest.mark.parametrize(
    ("path", "encoded_frame"),
    [(DEMO_MP3, 0.0), (DEMO_FLAC, 0.0), (MEDIA / "lame-vbr.mp3", 0.0), (AAC, 1024 / 44_100)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_summary_ends_at_the_duration_and_everything_sent_was_consumed(path: Path, encoded_frame: float) -> None:
    events = list(Studio().play(path))
    first, last = events[0], summary(events)
    assert isinstance(first, Negotiated)
    assert last.seconds == pytest.approx(first.duration, abs=encoded_frame + 1e-6)
    assert last.counters.bytes_sent == last.counters.bytes_consumed > 0
    assert last.counters.underruns == 0
    assert last.mode == first.mode


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
def test_positions_come_at_least_once_a_second_of_media_time(profile: str, ring: RingRequest | None) -> None:
    seen = positions(list(Studio(profile=profile, ring=ring).play(DEMO_MP3, report_every=0.5)))
    assert (seen[0], seen[-1]) == (0.0, 9.0)
    assert all(0 <= later - earlier <= 1.0 for earlier, later in pairwise(seen))


def test_the_position_told_is_the_position_heard_within_what_it_admits() -> None:
    studio = Studio(profile="q6asm")
    for event in studio.play(DEMO_MP3, report_every=0.25):
        if isinstance(event, Playing):
            heard = studio.dsp.stream.firmware.rendered / 44_100 - 1105 / 44_100
            assert abs(max(0.0, heard) - event.position.seconds) <= event.position.uncertainty + 0.06


def test_fill_is_told_as_a_share_of_the_ring() -> None:
    fills = [event.fill for event in Studio(ring=SMALL).play(DEMO_MP3, 0.5) if isinstance(event, Playing)]
    assert fills[0] > 0.7
    assert fills[-1] == 0.0
    assert all(0.0 <= fill <= 1.0 for fill in fills)


def test_a_player_that_reports_nothing_sleeps_only_when_the_sink_does(tmp_path: Path) -> None:
    studio = Studio()
    events = list(studio.play(write_song(tmp_path / "song.mp3", 57)))
    wakeups = summary(events).counters.wakeups
    assert len(positions(events)) == wakeups
    assert studio.clock.sleeps <= wakeups
    assert wakeups <= 10


def test_reports_cost_the_sink_no_wakeups(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.mp3", 57)
    quiet, chatty = (summary(list(Studio().play(song, every))).counters.wakeups for every in (None, 0.5))
    assert quiet == chatty


def test_a_file_without_a_fault_gives_no_notice_and_one_with_a_fault_plays_with_one(tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp3"
    cut.write_bytes(DEMO_MP3.read_bytes()[:60_000])
    assert not [event for event in Studio().play(DEMO_MP3) if isinstance(event, Notice)]
    events = list(Studio().play(cut))
    assert [event.file for event in events if isinstance(event, Notice)] == [str(cut)]
    assert isinstance(events[1], Notice)
    assert isinstance(events[-1], Summary)


@pytest.mark.parametrize("after", [Negotiated, Started, Playing])
@pytest.mark.parametrize("seconds", [3, 60])
def test_a_player_that_is_interrupted_leaves_device_files_and_threads_as_they_were(
    tmp_path: Path, after: type[Event], seconds: int
) -> None:
    song = write_song(tmp_path / "song.mp3", seconds)
    studio = Studio()
    before, threads = open_files(), threading.active_count()
    events = cast("Generator[Event]", studio.play(song, 0.5))
    for event in events:
        if isinstance(event, after):
            break
    events.close()
    assert studio.sink.state is SinkState.CLOSED
    assert is_free(studio.dsp)
    assert open_files() == before
    assert threading.active_count() == threads


def test_ctrl_c_inside_the_player_closes_the_device_too() -> None:
    studio = Studio()
    events = cast("Generator[Event]", studio.play(DEMO_MP3, 0.5))
    next(events)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt())
    assert is_free(studio.dsp)


@pytest.mark.parametrize("call", ["set_params", "write", "start", "progress", "drain"])
def test_a_device_that_fails_once_plays_its_file_to_the_end_all_the_same(call: str) -> None:
    studio = Studio()
    player = studio.player()
    list(player.play(str(DEMO_MP3)))
    studio.dsp.faults.fail(call, EIO)
    last = summary(list(player.play(str(DEMO_MP3))))
    assert last.mode == ("pcm" if call == "set_params" else "offload")
    assert is_free(studio.dsp)
    assert isinstance(list(player.play(str(DEMO_FLAC)))[-1], Summary)


def test_a_stall_that_does_not_end_is_told_and_the_rest_is_decoded() -> None:
    studio = Studio()
    events: list[Event] = []

    def see(event: Event) -> None:
        events.append(event)
        if len(positions(events)) == 4:
            studio.dsp.faults.stall()

    watch(studio, see)
    kinds = [type(event) for event in events if not isinstance(event, Playing)]
    assert kinds == [Negotiated, Started, Stalled, *[Recovered] * (len(kinds) - 6), Moved, Drained, Summary]
    assert summary(events).mode == "pcm"
    assert is_free(studio.dsp)


def test_a_device_that_vanishes_is_told_and_the_rest_is_decoded_from_the_very_frame() -> None:
    studio = Studio(fall_back=False)
    events: list[Event] = []

    def see(event: Event) -> None:
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 3 and event.fill:
            studio.dsp.faults.unplug()

    watch(studio, see)
    moved = next(event for event in events if isinstance(event, Moved))
    assert len(studio.tape.kept) == (9 * 44_100 - int(moved.position.seconds * 44_100 + 0.5)) * 4
    assert next(studio.play(DEMO_MP3)).as_json()["mode"] == "pcm"


@pytest.mark.parametrize("name", ["no-such-file.mp3", "README.md", "video-only.mp4"])
def test_a_bad_file_is_told_before_any_device_is_touched(name: str) -> None:
    studio = Studio()
    with pytest.raises(MediaError) as failure:
        next(studio.play(MEDIA / name))
    assert name in failure.value.what
    assert studio.dsp.opens == 0


def test_an_mp3_is_decoded_when_its_dsp_is_busy_and_the_reason_is_told() -> None:
    studio = Studio()
    studio.dsp.faults.fail("open", EBUSY)
    events = list(studio.play(DEMO_MP3))
    first = events[0]
    assert isinstance(first, Negotiated)
    assert (first.mode, first.sink) == ("pcm", "tape")
    assert "virtual:q6asm" in first.reason
    assert "EBUSY" in first.reason
    assert len(studio.tape.kept) == 9 * 44_100 * 4


def test_a_busy_dsp_that_was_asked_for_by_name_is_an_error() -> None:
    studio = Studio(fall_back=False)
    studio.dsp.faults.fail("open", EBUSY)
    with pytest.raises(DeviceBusy):
        next(studio.play(DEMO_MP3))
    assert studio.tape.calls == []


def test_the_words_of_the_json_contract_are_there() -> None:
    lines = [event.as_json() for event in Studio().play(DEMO_MP3, 0.5)]
    assert [line["event"] for line in lines if line["event"] != "position"] == [
        "negotiated",
        "started",
        "drained",
        "summary",
    ]
    assert {"event", "file", "mode", "sink", "format", "reason"} <= lines[0].keys()
    assert {"event", "file", "mode", "seconds", "bytes_sent", "bytes_consumed", "wakeups", "underruns"} <= (
        lines[-1].keys()
    )
    assert all({"seconds", "uncertainty"} <= line.keys() for line in lines if line["event"] == "position")
