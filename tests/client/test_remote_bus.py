"""The player on a daemon's bus: the same events, bytes and sound as with a bus of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.devices.clock import MonotonicClock
from pyaudiobus.devices.virtual.states import State
from pyaudiobus.errors import PeerError
from pyaudiobus.model.events import Drained, Event, Moved, Negotiated, Playing, Started, Summary
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.studio import AAC, DEMO_FLAC, DEMO_MP3, MEDIA, Studio
from tests.daemon.dsp_bus import DspBus, song_at
from tests.daemon.heard import Song, pieces_of, sound_of

SHORT = MEDIA / "flac-16-stereo.flac"
"""Half a second."""


def play(bus: DspBus, path: Path, report_every: float | None = None, *, decode: bool = False) -> list[Event]:
    with bus.remote("player") as remote:
        return list(Player(RemoteBus(remote, decode=decode), DecodedFile, report_every).play(str(path)))


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_a_file_reaches_the_dsp_byte_for_byte(tmp_path: Path, profile: str, path: Path) -> None:
    with DspBus(tmp_path, profile=profile) as bus:
        events = play(bus, path)
        assert bus.tapped() == song_at(path)[1]
    alone = list(Studio(profile=profile).play(path))
    first, last = events[0], events[-1]
    mine, other = alone[0], alone[-1]
    assert isinstance(first, Negotiated)
    assert isinstance(mine, Negotiated)
    assert isinstance(last, Summary)
    assert isinstance(other, Summary)
    assert (first.mode, first.format, first.duration) == (mine.mode, mine.format, mine.duration)
    assert "undecoded" in first.reason
    assert [type(event) for event in events][:3] == [Negotiated, Started, Playing]
    assert [type(event) for event in events][-2:] == [Drained, Summary]
    assert (last.seconds, last.mode) == (other.seconds, other.mode)
    assert last.counters.replace(wakeups=0) == other.counters.replace(wakeups=0)
    assert events[1] == alone[1]


def test_one_file_after_another_has_the_dsp(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        player = Player(RemoteBus(remote), DecodedFile)
        for path in (DEMO_MP3, DEMO_FLAC, DEMO_MP3):
            first = next(iter(list(player.play(str(path)))))
            assert isinstance(first, Negotiated)
            assert first.mode == "offload", first.reason
        assert bus.tapped() == b"".join(song_at(path)[1] for path in (DEMO_MP3, DEMO_FLAC, DEMO_MP3))


def test_what_no_dsp_knows_is_decoded(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus:
        first = play(bus, AAC)[0]
        assert isinstance(first, Negotiated)
        assert (first.mode, first.sink) == ("pcm", "null")
        assert "the sink's codec is mp3|flac|wma|alac|ape, not aac" in first.reason


def test_decoding_can_be_asked_for_and_needs_no_dsp(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus:
        first, *_, last = play(bus, SHORT, decode=True)
        assert isinstance(first, Negotiated)
        assert isinstance(last, Summary)
        assert (first.mode, first.reason) == ("pcm", "decoding was asked for (--decode)")
        assert last.seconds == first.duration
        assert last.counters.bytes_sent == last.counters.bytes_consumed
        assert bus.tapped() == b""


def test_the_second_of_two_players_is_decoded_and_told_why(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote("first") as first:
        song = Player(RemoteBus(first), DecodedFile).play(str(DEMO_MP3))
        assert isinstance(next(song), Negotiated)
        told = play(bus, SHORT)[0]
        assert isinstance(told, Negotiated)
        assert told.mode == "pcm"
        assert "one encoded stream at a time" in told.reason
        assert isinstance(list(song)[-1], Summary)
        assert bus.tapped() == song_at(DEMO_MP3)[1]


def test_a_player_that_ends_early_leaves_the_dsp_to_the_next(tmp_path: Path) -> None:
    with DspBus(tmp_path, clock=MonotonicClock) as bus, bus.remote() as remote:
        player = Player(RemoteBus(remote), DecodedFile)
        for kind in (Negotiated, Started, Playing):
            for event in player.play(str(DEMO_MP3)):
                if isinstance(event, kind):
                    break
            assert bus.call(lambda: bus.node.stream is None)
        first = next(iter(player.play(str(DEMO_MP3))))
        assert isinstance(first, Negotiated)
        assert first.mode == "offload"


def test_a_song_whose_dsp_is_unplugged_goes_on_decoded_where_it_was(tmp_path: Path) -> None:
    with DspBus(tmp_path, clock=MonotonicClock, request=RingRequest(32 * 1024, 4)) as bus, bus.remote() as remote:
        seconds, moved = [], []
        for event in Player(RemoteBus(remote), DecodedFile, 0.25).play(str(SHORT)):
            if isinstance(event, Negotiated):
                duration = event.duration
            if isinstance(event, Started):
                bus.dsp.faults.unplug()
            if isinstance(event, Moved):
                moved.append((event.mode, event.sink))
            if isinstance(event, Playing):
                seconds.append(event.position.seconds)
        assert isinstance(event, Summary)
        assert event.mode == "pcm"
        assert moved == [("pcm", "the bus")]
        assert event.seconds == duration
        assert seconds == sorted(seconds)


def test_without_the_bus_a_player_ends_with_a_sentence(tmp_path: Path) -> None:
    bus = DspBus(tmp_path, clock=MonotonicClock)
    with bus.remote() as remote:
        song = Player(RemoteBus(remote), DecodedFile).play(str(DEMO_MP3))
        next(song)
        bus.close()
        with pytest.raises(PeerError, match="the daemon stops"):
            list(song)


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_a_position_is_what_is_heard_within_what_it_admits(tmp_path: Path, profile: str) -> None:
    with DspBus(tmp_path, clock=MonotonicClock, profile=profile) as bus, bus.remote() as remote:
        for event in Player(RemoteBus(remote), DecodedFile, 0.1).play(str(SHORT)):
            if isinstance(event, Playing) and bus.dsp.state is State.RUNNING:
                heard = bus.dsp.stream.firmware.rendered / 44_100
                assert abs(heard - event.position.seconds) <= event.position.uncertainty + 0.2


@pytest.mark.parametrize("seconds", [0.0, 1.25, 3.0, 99.0])
def test_a_song_on_the_dsp_of_a_bus_goes_to_another_place(tmp_path: Path, seconds: float) -> None:
    render = tmp_path / "heard.wav"
    song = Song(DEMO_FLAC, tmp_path / "whole")
    request = RingRequest(32 * 1024, 4)
    bus = DspBus(tmp_path, clock=MonotonicClock, profile="generic", request=request, render=render)
    with bus, bus.remote() as remote:
        player = Player(RemoteBus(remote), DecodedFile, 0.1)
        told: list[float] = []
        for event in player.play(str(DEMO_FLAC)):
            if isinstance(event, Playing):
                told.append(event.position.seconds)
                if event.position.seconds > 0.3 and len(told) < 10:
                    player.controls.seek(seconds)
                    told.extend([0.0] * 10)
                if len(told) > 18:
                    player.controls.stop()
    pieces, unknown = pieces_of(sound_of(render), song)
    assert unknown == 0
    if seconds < song.frames / 44_100:
        assert pieces[-1].start <= seconds * 44_100 < pieces[-1].start + 4608
        assert told[-1] >= seconds


def test_a_decoded_song_goes_to_another_place_too(tmp_path: Path) -> None:
    with DspBus(tmp_path, clock=MonotonicClock) as bus, bus.remote() as remote:
        player = Player(RemoteBus(remote, decode=True), DecodedFile, 0.1)
        told: list[float] = []
        for event in player.play(str(DEMO_FLAC)):
            if isinstance(event, Playing):
                told.append(event.position.seconds)
                if len(told) == 3:
                    player.controls.seek(8.5)
        assert isinstance(event, Summary)
        assert event.mode == "pcm"
        assert event.seconds == pytest.approx(9.0)
        assert all(seconds < 2 or seconds >= 8.4 for seconds in told)
