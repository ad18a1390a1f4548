"""Drivers that end a partial drain when they have fetched a track and not when it was heard: when the tracks change."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.model.events import Moved, Paused, Playing, Sought, Stalled, Started, Stopped, TrackChanged
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.stream import DRIFT, TRUST
from tests.client.studio import Studio
from tests.client.test_gapless import SMALL, album, changes, heard, song
from tests.nodes.bench import KIB

KINDS = {
    "a driver with a clock": ("generic", quirks_for("generic-virtual")),
    "one that takes a track only when the last was fetched": (
        "generic",
        quirks_for("generic-virtual").replace(write_before_partial_drain=False),
    ),
    "one without a clock": ("q6asm", quirks_for("q6asm-virtual")),
}
LARGE = RingRequest(16 * 8 * KIB, 16)
"""All of a track fits in, and every track has more than a fragment."""
RATE, SIZE = 44_100, 2
"""Of the album: frames a second, bytes a frame."""


@pytest.fixture(params=list(KINDS.values()), ids=list(KINDS))
def kind(request: pytest.FixtureRequest) -> tuple[str, Quirks]:
    """A profile, and how its driver is treated."""
    return request.param  # type: ignore[no-any-return]


def early(kind: tuple[str, Quirks], render: Path | None = None, ring: RingRequest = SMALL) -> Studio:
    profile, quirks = kind
    studio = Studio(profile=profile, ring=ring, render=render, quirks=quirks)
    studio.dsp.faults.ends_tracks_early = True
    return studio


def boundaries(studio: Studio) -> list[tuple[float, int]]:
    """When the DSP went from one track to the next, and after how many frames."""
    notes = [(at, what.split()) for at, what in studio.dsp.journal.events if what.startswith("track boundary")]
    return [(at, int(words[-1])) for at, words in notes]


@pytest.mark.parametrize("ring", [LARGE, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("codec", ["mp3", "flac"])
def test_the_tracks_change_when_the_old_one_was_heard_and_nothing_lies_between_them(
    tmp_path: Path, kind: tuple[str, Quirks], codec: str, ring: RingRequest
) -> None:
    studio, told = early(kind, tmp_path / "render.wav", ring), []
    events = []
    for event in studio.player().play_all(album(codec)):
        events.append(event)
        if isinstance(event, TrackChanged):
            told.append(studio.clock.now())
    doubt = 1.5 / RATE if studio.dsp.driver == "generic-virtual" else TRUST + DRIFT * 10
    assert told == pytest.approx([at for at, _ in boundaries(studio)], abs=doubt)
    assert changes(events) == [(f"2.{codec}", 0.0, True), (f"3.{codec}", 0.0, True)]
    assert (
        studio.dsp.stream.firmware.starvations == 0 or ring is None
    )  # a track of less than a fragment comes at its turn
    assert not studio.dsp.journal.incidents
    wanted = b"".join(map(song, album(codec)))
    assert wanted in heard(tmp_path / "render.wav")


def test_a_count_that_is_rounded_down_keeps_no_track_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each track is less than a fragment, so that nothing of the next is there before its turn.
    studio = early(KINDS["a driver with a clock"], ring=RingRequest(4 * 64 * KIB, 4))
    progress = studio.dsp.progress

    def rounded_down() -> Progress:
        told = progress()
        return told if told.rendered is None else Progress(told.taken, max(0, told.rendered - 1), told.rate)

    monkeypatch.setattr(studio.dsp, "progress", rounded_down)
    events = list(studio.player().play_all(album("mp3")))
    assert not [event for event in events if isinstance(event, Stalled | Moved)]
    assert [file for file, _, _ in changes(events)] == ["2.mp3", "3.mp3"]


def test_the_position_is_that_of_the_track_which_is_heard(kind: tuple[str, Quirks]) -> None:
    studio, before, total = early(kind), 0.0, 0.0
    frames = 0
    for event in studio.player(0.01).play_all(album("flac")):
        if isinstance(event, TrackChanged):
            before += total
        if isinstance(event, Started):
            total = len(song(event.file)) / SIZE / RATE
        if isinstance(event, Playing):
            there = studio.dsp.stream.firmware.rendered / RATE - before
            doubt = 1.5 / RATE + event.position.uncertainty
            assert event.position.seconds == pytest.approx(max(0.0, min(there, total)), abs=doubt)
            frames += 1
    assert frames > 100


@pytest.mark.parametrize("seconds", [0.0, 0.5], ids=["to the start", "to the middle"])
def test_a_seek_while_the_next_track_is_written_goes_to_a_place_in_the_one_that_is_heard(
    tmp_path: Path, kind: tuple[str, Quirks], seconds: float
) -> None:
    studio = early(kind, tmp_path / "render.wav")
    player, sought = studio.player(0.01), list[Sought]()
    for event in player.play_all(album("flac")[:2]):
        if isinstance(event, Playing) and not sought and is_between(studio):
            player.controls.seek(seconds)
        if isinstance(event, Sought):
            sought.append(event)
    assert [(Path(event.file).name, event.position.seconds) for event in sought] == [("1.flac", seconds)]
    first, second = map(song, album("flac")[:2])
    assert (first[round(seconds * RATE) * SIZE :] + second) in heard(tmp_path / "render.wav")


def test_a_skip_while_the_next_track_is_written_leaves_the_one_that_is_heard(kind: tuple[str, Quirks]) -> None:
    studio = early(kind)
    player, stopped = studio.player(0.01), list[str]()
    played = []
    for event in player.play_all(album("flac")):
        if isinstance(event, Playing) and not stopped and is_between(studio):
            player.controls.next()
        if isinstance(event, Stopped):
            stopped.append(Path(event.file).name)
        if isinstance(event, Started):
            played.append(Path(event.file).name)
    assert stopped == ["1.flac"]
    assert played == ["1.flac", "2.flac", "3.flac"]


def test_a_pause_while_the_next_track_is_written_goes_on_with_every_sample(
    tmp_path: Path, kind: tuple[str, Quirks]
) -> None:
    studio = early(kind, tmp_path / "render.wav")
    player, paused = studio.player(0.01), list[str]()
    for event in player.play_all(album("flac")[:2]):
        if isinstance(event, Playing) and not paused and is_between(studio):
            player.controls.pause()
        if isinstance(event, Paused):
            paused.append(Path(event.file).name)
            player.controls.resume()
    assert paused == ["1.flac"]
    assert b"".join(map(song, album("flac")[:2])) in heard(tmp_path / "render.wav")


def is_between(studio: Studio) -> bool:
    """Whether a partial drain is over and its track is still to be heard."""
    notes = [what.split()[0] for _, what in studio.dsp.journal.events]
    return "drained" in notes and not boundaries(studio)
