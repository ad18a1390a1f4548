"""What plays on a daemon's DSP that is lost in mid-song, a file or a stream: it goes on decoded at the very sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.client.stream.live_decoded import LiveDecoded
from pyaudiobus.client.stream.patient_bus import PatientBus
from pyaudiobus.client.stream.track import LiveTrack
from pyaudiobus.client.turn import Track
from pyaudiobus.daemon import encoded_returns
from pyaudiobus.devices.clock import Clock, ManualClock
from pyaudiobus.media.origin.files import PipeOrigin
from pyaudiobus.model.events import Event, Moved, Playing, Started, Summary
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.rounding import alike
from tests.client.studio import MEDIA
from tests.client.test_player_faults import rendered, song
from tests.daemon.dsp_bus import FLAC, DspBus

SMALL = RingRequest(16 * 1024, 4)


def a_file(path: Path, clock: Clock) -> str | Track:
    del clock
    return str(path)


def a_stream(path: Path, clock: Clock) -> str | Track:
    return LiveTrack("song", lambda: PipeOrigin(str(path)), clock, LiveDecoded)


@pytest.mark.parametrize("made", [a_file, a_stream], ids=["a file", "a stream"])
@pytest.mark.parametrize("name", ["flac-16-stereo.flac", "lame-id3v2-art-ape-id3v1.mp3"])
def test_it_goes_on_decoded_without_a_sample_lost_or_repeated(
    tmp_path: Path, decoded: bytearray, name: str, made: Callable[[Path, Clock], str | Track]
) -> None:
    render = tmp_path / "render.wav"
    events = list[Event]()
    bus = DspBus(tmp_path, clock=ManualClock, profile="generic", request=SMALL, render=render)
    with bus, bus.remote() as remote:
        there = PatientBus(RemoteBus(remote))
        for event in Player(there, DecodedFile, 0.02).play_all([made(MEDIA / name, there.clock)]):
            events.append(event)
            if isinstance(event, Playing):
                bus.advance(0.1)
            if bus.clock.now() > 0.2:
                bus.dsp.faults.unplug()
    assert [event.mode for event in events if isinstance(event, Moved)] == ["pcm"]
    assert alike(rendered(render) + bytes(decoded), song(MEDIA / name))
    assert isinstance(events[-1], Summary)
    told = [event.position.seconds for event in events if isinstance(event, Playing)]
    assert told == sorted(told)


@pytest.mark.parametrize("made", [a_file, a_stream], ids=["a file", "a stream"])
def test_one_whose_dsp_fails_before_anything_was_heard_is_decoded_from_its_first_sample(
    tmp_path: Path, decoded: bytearray, made: Callable[[Path, Clock], str | Track]
) -> None:
    with DspBus(tmp_path, clock=ManualClock, profile="generic", request=SMALL) as bus, bus.remote() as remote:
        there = PatientBus(RemoteBus(remote))
        for event in Player(there, DecodedFile, 0.02).play_all([made(MEDIA / "flac-16-stereo.flac", there.clock)]):
            if isinstance(event, Started):
                bus.dsp.faults.unplug()
            bus.advance(0.1)
    assert isinstance(event, Summary)
    assert (event.mode, bytes(decoded)) == ("pcm", song(MEDIA / "flac-16-stereo.flac"))


def test_a_stream_whose_card_was_away_goes_back_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded_returns, "RETURN_AFTER", 0.02)
    name = FLAC
    events = list[Event]()
    bus = DspBus(tmp_path, clock=ManualClock, profile="generic", request=SMALL, longest=20_000)
    with bus, bus.remote() as remote:
        there = PatientBus(RemoteBus(remote))
        for event in Player(there, DecodedFile, 0.02).play_all([a_stream(name, there.clock)]):
            events.append(event)
            if isinstance(event, Playing):
                bus.advance(0.5)
            if isinstance(event, Started):
                bus.dsp.faults.unplug()
                bus.advance(2)
            if isinstance(event, Moved) and event.mode == "pcm":
                bus.dsp.faults.plug()
                bus.call(bus.node.try_again)  # as udev has it done
    assert [event.mode for event in events if isinstance(event, Moved)] == ["pcm", "offload"]
    last = events[-1]
    assert isinstance(last, Summary)
    assert last.mode == "offload"
    told = [event.position.seconds for event in events if isinstance(event, Playing)]
    assert told == sorted(told)
