"""Sources that are slow, end early, or fail: what is heard, and what a person is told. In virtual time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.origin.origin import Title
from pyaudiobus.model.events import Event, Failed, Negotiated, Notice, Playing, Sought, Summary
from pyaudiobus.model.source_events import Flows, Waiting
from pyaudiobus.model.source_events import Title as Titled
from tests.client.stream.scripted import Delivery, ScriptedOrigin, player, track
from tests.client.studio import DEMO_FLAC, DEMO_MP3, MEDIA, Studio
from tests.media.build_flac import block, laced, page, stream_info
from tests.media.taps import open_real, tap
from tests.nodes.bench import FRAME, HUM

RATE = 16_000
"""Bytes a second of the hum, at 128 kbit/s."""


def hum(seconds: float) -> bytes:
    data = HUM.read_bytes()
    count = int(seconds * RATE) // FRAME
    return (data * (count * FRAME // len(data) + 1))[: count * FRAME]


def trickle(data: bytes, speed: float, *, first: float = 0.0) -> list[Delivery]:
    """Bring a second of sound every 1/speed seconds."""
    return [(first + at / RATE / speed, data[at : at + RATE]) for at in range(0, len(data), RATE)]


def play(studio: Studio, origin: ScriptedOrigin) -> list[Event]:
    return list(player(studio, 0.5).play_all([track(origin, studio)]))


def told(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tap=tmp_path / "tap")


@pytest.mark.parametrize("name", ["lame-vbr.mp3", "lame-id3v2-art-ape-id3v1.mp3", "flac-24-stereo.flac", "flac.oga"])
def test_what_comes_in_order_goes_to_the_dsp_as_the_same_file_would(studio: Studio, tmp_path: Path, name: str) -> None:
    data = (MEDIA / name).read_bytes()
    events = play(studio, ScriptedOrigin(studio.clock, [(0, data[:5000]), (0.1, data[5000:])]))
    assert isinstance(events[-1], Summary)
    assert events[-1].mode == "offload"
    assert (tmp_path / "tap").read_bytes() == tap(open_real(name))
    assert not told(events, Waiting)


def test_a_source_that_is_fast_enough_never_waits_and_one_that_is_ahead_begins_soon(studio: Studio) -> None:
    events = play(studio, ScriptedOrigin(studio.clock, trickle(hum(60), 1.2)))
    assert not told(events, Waiting)
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert summary.counters.underruns == 0
    assert studio.clock.now() == pytest.approx(60 + 5 / 1.2, abs=1.5)


def test_a_slow_source_pauses_the_dsp_before_it_runs_dry_and_says_so(studio: Studio, tmp_path: Path) -> None:
    song = hum(40)
    events = play(studio, ScriptedOrigin(studio.clock, trickle(song, 0.5)))
    waits, flows = told(events, Waiting), told(events, Flows)
    assert len(waits) == len(flows) > 2
    assert all(isinstance(event, Waiting) and 0 < event.buffered <= 2.5 for event in waits)
    assert all(isinstance(event, Flows) and event.buffered >= 5 for event in flows[:-1])
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert summary.counters.underruns == 0
    assert (tmp_path / "tap").read_bytes() == song


def test_a_source_that_stops_in_the_middle_for_a_minute_is_waited_for(studio: Studio) -> None:
    song = hum(30)
    late = [(0.0, song[: 10 * RATE]), (90.0, song[10 * RATE :])]
    origin = ScriptedOrigin(studio.clock, late)
    events = play(studio, origin)
    [wait], [flow] = told(events, Waiting), told(events, Flows)
    assert isinstance(wait, Waiting)
    assert isinstance(flow, Flows)
    assert wait.position.seconds == pytest.approx(9, abs=1.2)
    assert flow.position.seconds == pytest.approx(wait.position.seconds, abs=0.3)
    summary = events[-1]
    assert isinstance(summary, Summary)
    assert summary.counters.underruns == 0


def test_a_source_that_fails_is_heard_as_far_as_it_came_and_then_told(studio: Studio, tmp_path: Path) -> None:
    song = hum(10)
    origin = ScriptedOrigin(studio.clock, [(0.0, song)], error=MediaError("the line was cut"))
    events = play(studio, origin)
    assert isinstance(events[-1], Failed)
    assert events[-1].error.what == "the line was cut"
    assert (tmp_path / "tap").read_bytes() == song
    assert studio.clock.now() == pytest.approx(10, abs=1)
    assert origin.is_closed


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "script is empty"),
        (b"<html><body>not found</body></html>", "script is a web page"),
        (bytes(10_000), "no audio"),
    ],
)
def test_what_is_no_sound_is_one_sentence(studio: Studio, data: bytes, words: str) -> None:
    before = threading.active_count()
    [event] = play(studio, ScriptedOrigin(studio.clock, [(0.0, data)] if data else []))
    assert isinstance(event, Failed)
    assert words in event.error.what
    assert threading.active_count() == before


def test_other_codecs_are_decoded_as_they_come(studio: Studio) -> None:
    events = play(studio, ScriptedOrigin(studio.clock, [(0.0, (MEDIA / "aac.aac").read_bytes())]))
    first, last = events[0], events[-1]
    assert isinstance(first, Negotiated)
    assert isinstance(last, Summary)
    assert (first.mode, last.mode) == ("pcm", "pcm")
    assert "not aac" in first.reason


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=["mp3", "flac"])
def test_decoded_here_it_sounds_as_the_file_would(path: Path) -> None:
    whole = Studio(has_dsp=False)
    list(whole.play(path))
    studio = Studio(has_dsp=False)
    data = path.read_bytes()
    events = play(studio, ScriptedOrigin(studio.clock, [(0, data[:9000]), (0.5, data[9000:])]))
    assert isinstance(events[-1], Summary)
    assert studio.tape.kept == whole.tape.kept
    assert not told(events, Notice)


def test_a_station_whose_next_song_is_of_another_kind_is_heard_to_its_end_and_told(
    studio: Studio, tmp_path: Path
) -> None:
    song = (MEDIA / "flac.oga").read_bytes()
    body = b"\x7fFLAC\x01\0\0\1fLaC" + block(0, stream_info(rate=8000))
    other = page(body, laced(body), sequence=0, serial=9, flags=2)
    events = play(studio, ScriptedOrigin(studio.clock, [(0.0, song + other)]))
    assert isinstance(events[-1], Failed)
    assert events[-1].error.what == "script goes on in another format"
    assert (tmp_path / "tap").read_bytes() == tap(open_real("flac.oga"))


def test_a_stream_that_begins_in_mid_frame_begins_with_the_next(studio: Studio, tmp_path: Path) -> None:
    song = hum(8)
    play(studio, ScriptedOrigin(studio.clock, [(0.0, song[100:])], is_live=True))
    assert (tmp_path / "tap").read_bytes() == song[FRAME:]


def test_titles_are_told_when_what_they_name_is_heard(studio: Studio) -> None:
    titles = [Title(0, "first"), Title(5 * RATE, "second")]
    events = play(studio, ScriptedOrigin(studio.clock, [(0.0, hum(10))], titles=titles))
    told_at: dict[str, float] = {}
    position = 0.0
    for event in events:
        if isinstance(event, Playing):
            position = event.position.seconds
        elif isinstance(event, Titled):
            told_at[event.title] = position
    assert list(told_at) == ["first", "second"]
    assert told_at["second"] == pytest.approx(5, abs=1.5)


def test_what_plays_and_waits_ends_with_its_threads_when_it_is_left(studio: Studio) -> None:
    before = threading.active_count()
    origin = ScriptedOrigin(studio.clock, [(0.0, hum(10)), (1000.0, hum(1))])
    events = player(studio, 0.5).play_all([track(origin, studio)])
    for event in events:
        if isinstance(event, Waiting):
            break
    events.close()  # type: ignore[attr-defined]
    assert origin.is_closed
    assert threading.active_count() == before


def seek_at(studio: Studio, origin: ScriptedOrigin, start: float, to: float) -> list[Event]:
    """Play, and once `start` was heard go to another place."""
    made = player(studio, 0.5)
    events = []
    for event in made.play_all([track(origin, studio)]):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds >= start:
            made.controls.seek(to)
            start = 1e9
    return events


def test_a_stream_that_is_kept_is_sought_in_by_asking_for_the_rest(studio: Studio) -> None:
    song = hum(100)
    origin = ScriptedOrigin(studio.clock, trickle(song, 4), whole=song)
    events = seek_at(studio, origin, 3, 90)
    [sought] = told(events, Sought)
    assert isinstance(sought, Sought)
    assert sought.position.seconds == pytest.approx(90, abs=0.05)
    last = events[-1]
    assert isinstance(last, Summary)
    assert last.seconds == pytest.approx(100, abs=0.1)


def test_a_pipe_goes_back_as_far_as_it_is_remembered(studio: Studio) -> None:
    events = seek_at(studio, ScriptedOrigin(studio.clock, [(0.0, hum(20))]), 12, 2)
    [sought] = told(events, Sought)
    assert isinstance(sought, Sought)
    assert sought.position.seconds == pytest.approx(2, abs=0.05)
    assert isinstance(events[-1], Summary)


def test_a_pipe_cannot_be_sought_ahead_and_plays_on_with_a_word(studio: Studio) -> None:
    events = seek_at(studio, ScriptedOrigin(studio.clock, trickle(hum(20), 1.1)), 3, 500)
    [notice] = told(events, Notice)
    assert isinstance(notice, Notice)
    assert notice.text == "script comes in order"
    assert not told(events, Sought)
    assert isinstance(events[-1], Summary)
