"""Lists that are decoded here: what is heard of them on a sound card, sample for sample, and what is told of it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from pyaudiobus.cli import local_connection
from pyaudiobus.devices.null_output import NullOutput
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.events import (
    Drained,
    Event,
    Failed,
    Moved,
    Negotiated,
    Paused,
    Playing,
    Sought,
    Started,
    Summary,
    TrackChanged,
)
from pyaudiobus.model.format import PcmFormat
from tests.client.studio import AAC, MEDIA, Studio
from tests.client.test_gapless import album, heard, song

OPUS = [MEDIA / name for name in ("opus.opus", "opus.webm", "opus.mp4")]


class Card(NullOutput):
    """A sound card that keeps what was written between opening and closing."""

    kept = b""
    opened = 0

    def open(self, form: PcmFormat) -> None:
        super().open(form)
        self.opened += 1

    def write(self, data: memoryview) -> int:
        taken = super().write(data)
        self.kept += bytes(data[:taken])
        return taken


def room() -> tuple[Studio, Card]:
    studio = Studio(has_dsp=False)
    card = Card(studio.clock)
    studio.output = card
    return studio, card


def changes(events: list[Event]) -> list[tuple[str, float, bool]]:
    return [(Path(event.file).name, event.gap, event.gapless) for event in events if isinstance(event, TrackChanged)]


@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_an_album_is_heard_as_one_recording_on_one_opening_of_the_card(kind: str) -> None:
    studio, card = room()
    events = list(studio.player().play_all(album(kind)))
    assert card.kept == b"".join(map(song, album(kind)))
    assert card.opened == 1
    assert changes(events) == [(f"2.{kind}", 0.0, True), (f"3.{kind}", 0.0, True)]
    assert [event.file for event in events if isinstance(event, Summary)] == album(kind)
    assert sum(isinstance(event, Drained) for event in events) == 1
    assert studio.clock.now() == pytest.approx(len(card.kept) / 88_200, abs=0.05)


def test_the_position_is_that_of_the_track_which_is_heard() -> None:
    studio, card = room()
    before, total, told = 0.0, 0.0, 0
    for event in studio.player(0.02).play_all(album("flac")):
        if isinstance(event, TrackChanged):
            before += total
        if isinstance(event, Started):
            total = len(song(event.file)) / 88_200
        if isinstance(event, Playing):
            there = len(card.kept) / 88_200 - card.queued() / 44_100 - before
            assert event.position.seconds == pytest.approx(max(0.0, min(there, total)), abs=1.5 / 44_100)
            told += 1
    assert told > 50


def test_a_seek_while_the_next_track_is_written_goes_to_a_place_in_the_one_that_is_heard() -> None:
    studio, card = room()
    player, sought = studio.player(0.02), list[str]()
    first, second = map(song, album("flac")[:2])
    for event in player.play_all(album("flac")[:2]):
        if isinstance(event, Playing) and not sought and len(card.kept) > len(first):
            card.kept = b""
            player.controls.seek(0.5)
        if isinstance(event, Sought):
            sought.append(Path(event.file).name)
    assert sought == ["1.flac"]
    assert card.kept.endswith(first[44_100:] + second)


def test_a_pause_between_two_tracks_loses_nothing() -> None:
    studio, card = room()
    player, paused = studio.player(0.02), list[str]()
    for event in player.play_all(album("flac")[:2]):
        if isinstance(event, Playing) and not paused and len(card.kept) > len(song(album("flac")[0])):
            player.controls.pause()
        if isinstance(event, Paused):
            paused.append(Path(event.file).name)
            player.controls.resume()
    assert paused == ["1.flac"]
    assert card.kept == b"".join(map(song, album("flac")[:2]))


def test_files_of_different_shapes_are_drained_and_the_card_is_opened_anew() -> None:
    studio, card = room()
    events = list(studio.player().play_all([album("mp3")[0], str(OPUS[0])]))
    assert [gapless for _, _, gapless in changes(events)] == [False]
    assert card.opened == 2


def test_the_next_file_goes_to_the_dsp_if_that_takes_it_and_is_not_joined_to_a_decoded_one() -> None:
    studio = Studio(profile="q6asm")
    events = list(studio.player().play_all([str(AAC), album("mp3")[0]]))
    assert [event.mode for event in events if isinstance(event, Negotiated)] == ["pcm", "offload"]
    assert not [event for event in events if isinstance(event, Failed)]


def test_an_album_that_found_the_dsp_taken_is_one_recording_and_goes_there_at_once_when_it_is_free() -> None:
    studio = Studio(profile="generic")
    card = Card(studio.clock)
    studio.output = card
    thief = VirtualDsp("generic", studio.clock, hardware=studio.hardware)
    thief.open()
    events = list[Event]()
    for event in studio.player(0.1).play_all([*album("flac"), *album("flac")]):
        events.append(event)
        if isinstance(event, TrackChanged) and event.file == album("flac")[2]:
            thief.close()
    assert card.kept[: sum(map(len, map(song, album("flac")[:2])))] == b"".join(map(song, album("flac")[:2]))
    assert [gapless for _, _, gapless in changes(events)][:2] == [True, True]
    last = events[-1]
    assert isinstance(last, Summary)
    assert last.mode == "offload"


def test_the_next_track_is_told_of_though_the_dsp_is_found_free_in_the_very_moment_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = album("flac")
    monkeypatch.setattr(local_connection, "RETURN_AFTER", len(song(files[0])) / 88_200)
    studio = Studio(profile="generic")
    studio.output = card = Card(studio.clock)
    thief = VirtualDsp("generic", studio.clock, hardware=studio.hardware)
    thief.open()
    events = list[Event]()
    for event in studio.player().play_all(files):
        events.append(event)
        if len(card.kept) > len(song(files[0])):  # the next is written
            thief.close()
    assert [(event.file, event.mode) for event in events if isinstance(event, Summary)] == [
        (files[0], "pcm"),
        (files[1], "offload"),
        (files[2], "offload"),
    ]
    assert [event.file for event in events if isinstance(event, Moved)] == [files[1]]


@pytest.mark.parametrize("frames", [181_841, 161_124, 186_235])
def test_an_mp4_whose_length_is_rounded_to_its_clock_ends_with_its_last_sample_too(tmp_path: Path, frames: int) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        silence = av.AudioFrame(format="s16", layout="mono", samples=frames)
        silence.planes[0].update(bytes(2 * frames))
        silence.rate, silence.pts, silence.time_base = 44_100, 0, Fraction(1, 44_100)
        container.mux([*stream.encode(silence), *stream.encode()])
    studio, card = room()
    list(studio.player().play(str(path)))
    assert len(card.kept) == frames * 2


@pytest.mark.parametrize("path", [AAC, MEDIA / "aac-itunsmpb.m4a", *OPUS], ids=lambda path: path.name)
def test_delay_and_padding_are_cut_off_to_the_sample_on_a_dsp_and_decoded_here(tmp_path: Path, path: Path) -> None:
    encoded = open_encoded(str(path))
    assert encoded is not None
    form, frames = encoded.form, round(encoded.duration * encoded.form.rate)
    encoded.close()
    assert form.encoder_delay > 0
    assert form.encoder_padding > 0
    studio, card = room()
    events = list(studio.player().play(str(path)))
    assert len(card.kept) == frames * 2 * form.channels
    assert song(str(path)).startswith(card.kept)
    assert isinstance(events[-1], Summary)
    assert events[-1].seconds == pytest.approx(frames / form.rate)
    dsp = Studio(profile="generic", render=tmp_path / "render.wav")
    assert isinstance(list(dsp.player().play(str(path)))[-1], Summary)
    assert heard(tmp_path / "render.wav") == card.kept


def test_an_album_of_opus_is_one_recording_on_a_dsp_and_decoded_here(tmp_path: Path) -> None:
    files = [str(path) for path in OPUS]
    studio, card = room()
    list(studio.player().play_all(files))
    assert card.opened == 1
    dsp = Studio(profile="generic", render=tmp_path / "render.wav")
    events = list(dsp.player().play_all(files))
    assert [gapless for _, _, gapless in changes(events)] == [True, True]
    assert heard(tmp_path / "render.wav") == card.kept
