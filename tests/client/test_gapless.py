"""Albums cut from one recording: what is heard between two files, and what a player tells of it."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from pyaudiobus.cli.concatenated import concatenate
from pyaudiobus.graph.node import Command
from pyaudiobus.media.decode import Decoder
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.events import Drained, Event, Paused, Playing, Started, Summary, TrackChanged
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.studio import DEMO_MP3, Studio
from tests.nodes.bench import KIB

ALBUM = Path(__file__).with_name("files") / "album"
SMALL = RingRequest(4 * 8 * KIB, 4)


def album(kind: str) -> list[str]:
    return [str(ALBUM / f"{number}.{kind}") for number in (1, 2, 3)]


def song(path: str) -> bytes:
    decoder = Decoder(path)
    pcm = decoder.read(1 << 30)
    decoder.close()
    return pcm


def heard(render: Path) -> bytes:
    with wave.open(str(render)) as file:
        return bytes(file.readframes(file.getnframes()))


def changes(events: list[Event]) -> list[tuple[str, float, bool]]:
    return [(Path(event.file).name, event.gap, event.gapless) for event in events if isinstance(event, TrackChanged)]


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_an_album_is_heard_as_one_recording_sample_for_sample(
    tmp_path: Path, kind: str, ring: RingRequest | None
) -> None:
    studio = Studio(profile="generic", ring=ring, render=tmp_path / "render.wav")
    events = list(studio.player().play_all(album(kind)))
    assert heard(tmp_path / "render.wav") == b"".join(map(song, album(kind)))
    assert changes(events) == [(f"2.{kind}", 0.0, True), (f"3.{kind}", 0.0, True)]
    assert studio.dsp.opens == 2  # once to ask what it can do
    assert studio.dsp.stream.firmware.starvations == 0
    assert not studio.dsp.journal.incidents
    assert [event.file for event in events if isinstance(event, Summary)] == album(kind)
    assert sum(isinstance(event, Drained) for event in events) == 1
    assert studio.clock.now() == pytest.approx(len(heard(tmp_path / "render.wav")) / 88_200)


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_q6asm_goes_on_without_a_stop_and_is_told_of_the_tracks_as_its_driver_needs(
    tmp_path: Path, kind: str, ring: RingRequest | None
) -> None:
    studio = Studio(ring=ring, render=tmp_path / "render.wav")
    events = list(studio.player().play_all(album(kind)))
    assert changes(events) == [(f"2.{kind}", 0.0, True), (f"3.{kind}", 0.0, True)]
    assert not studio.dsp.journal.incidents
    lead = 2 * (576 + 529) if kind == "mp3" else 0  # this driver leaves the first track its delay
    wanted = b"".join(map(song, album(kind)))
    assert heard(tmp_path / "render.wav")[lead : lead + len(wanted)] == wanted


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_the_position_is_that_of_the_device_on_both_sides_of_a_join(profile: str) -> None:
    studio = Studio(profile=profile)
    told: list[tuple[str, float]] = []
    before, total = 0.0, 0.0
    lead = (576 + 529) / 44_100 if profile == "q6asm" else 0.0
    for event in studio.player(0.05).play_all(album("mp3")):
        if isinstance(event, TrackChanged):
            before += total
        if isinstance(event, Started):
            total = len(song(event.file)) / 88_200
        if isinstance(event, Playing):
            told.append((event.file, event.position.seconds))
            there = studio.dsp.stream.firmware.rendered / 44_100 - before - lead
            assert event.position.seconds == pytest.approx(max(0.0, min(there, total)), abs=1.5 / 44_100)
    assert next(place for _, place in told) == 0.0


def test_without_gapless_each_file_is_drained_and_the_gap_is_told() -> None:
    studio = Studio()
    events = list(studio.player().play_all(album("flac"), gapless=False))
    assert [gapless for _, _, gapless in changes(events)] == [False, False]
    assert sum(isinstance(event, Drained) for event in events) == 3


def test_files_of_different_shapes_are_drained_and_played_on_a_device_opened_anew() -> None:
    studio = Studio()
    events = list(studio.player().play_all([album("mp3")[0], str(DEMO_MP3), album("flac")[0]]))
    assert [gapless for _, _, gapless in changes(events)] == [False, False]
    assert [type(event) for event in events].count(Summary) == 3


def test_a_pause_while_the_last_bytes_of_a_track_are_played_comes_back_to_the_very_frame(tmp_path: Path) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav")
    player = studio.player(0.3)
    pauses = 0
    for event in player.play_all(album("mp3")):
        if isinstance(event, Playing):
            pauses += 1
            player.controls.pause()
        if isinstance(event, Paused):
            player.controls.resume()
    assert pauses > 10
    assert heard(tmp_path / "render.wav") == b"".join(map(song, album("mp3")))


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("kind", ["mp3", "flac"])
def test_files_of_one_form_can_be_sent_as_one_stream_with_nothing_told_between_them(
    tmp_path: Path, kind: str, ring: RingRequest | None
) -> None:
    other = album("flac" if kind == "mp3" else "mp3")[0]
    tracks = concatenate([*album(kind), other])
    studio = Studio(ring=ring, tap=tmp_path / "tap")
    events = list(studio.player().play_all(tracks))
    assert (tmp_path / "tap").read_bytes() == b"".join(map(stream, [*album(kind), other]))
    assert changes(events) == [(Path(other).name, 0.0, False)]
    assert studio.dsp.opens == 3  # once to ask what it can do
    assert not studio.dsp.journal.incidents


def stream(path: str) -> bytes:
    encoded = open_encoded(path)
    assert encoded is not None
    whole = bytes(encoded.reader().peek(encoded.index.total_bytes))
    encoded.close()
    return whole


def test_a_change_of_tracks_is_told_in_time_where_the_device_was_taken_anew_right_before_it() -> None:
    studio, asked = Studio(profile="generic", ring=SMALL), 0.0
    studio.dsp.faults.ends_tracks_early = True
    first = len(song(album("flac")[0])) / 88_200
    player, told_at = studio.player(0.005), 0.0
    for event in player.play_all(album("flac")[:2]):
        if isinstance(event, Playing) and not asked and event.position.seconds > first - 0.03:
            asked = event.position.seconds
            player.controls.pause()
        if isinstance(event, Paused):
            studio.sink.send_command(Command.SUSPEND)
            player.controls.resume()
        if isinstance(event, TrackChanged):
            told_at = studio.clock.now()
    assert told_at == pytest.approx(first, abs=0.001)
