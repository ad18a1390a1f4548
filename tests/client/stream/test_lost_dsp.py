"""A stream that is still coming, whose DSP is lost in mid-song: it goes on decoded at the very sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.client.stream.patient_bus import PatientBus
from pyaudiobus.client.turn import Track
from pyaudiobus.devices.clock import Clock
from pyaudiobus.model.events import Event, Moved, Negotiated, Playing, Sought, Summary
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.source_events import Waiting
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.rounding import alike
from tests.client.stream.scripted import Delivery, ScriptedOrigin, player, track
from tests.client.studio import DEMO_FLAC, DEMO_MP3, MEDIA, Studio
from tests.client.test_player_faults import rendered, song
from tests.nodes.bench import KIB
from tests.nodes.outputs import Tape

Deliver = Callable[[bytes], list[Delivery]]

SMALL = RingRequest(4 * 8 * KIB, 4)
SONGS = [DEMO_MP3, DEMO_FLAC]


def at_once(data: bytes) -> list[Delivery]:
    return [(0.0, data)]


def trickling(data: bytes) -> list[Delivery]:
    """Bring a tenth more than is heard: a live station that is a little ahead."""
    step = len(data) // 90
    return [(at / step / 11, data[at : at + step]) for at in range(0, len(data), step)]


def unplugged_at(studio: Studio, origin: ScriptedOrigin, seconds: float, *then: Path) -> list[Event]:
    """Play, pull the card at a media time, and play files behind it, the card being back."""
    events = list[Event]()
    tracks: list[str | Track] = [track(origin, studio), *map(str, then)]
    is_out = False
    for event in Player(PatientBus(studio.bus), DecodedFile, 0.2).play_all(tracks):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds >= seconds and event.fill and not is_out:
            is_out = True
            studio.dsp.faults.unplug()
        if isinstance(event, Moved):
            studio.dsp.faults.plug()
    return events


@pytest.mark.parametrize("deliver", [at_once, trickling], ids=["in store", "trickling"])
@pytest.mark.parametrize("path", SONGS, ids=lambda path: path.name)
def test_what_a_vanished_dsp_has_not_played_of_a_stream_is_decoded_without_a_sample_lost_or_repeated(
    tmp_path: Path, path: Path, deliver: Deliver
) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav", ring=SMALL)
    events = unplugged_at(studio, ScriptedOrigin(studio.clock, deliver(path.read_bytes())), 4)
    [moved] = [event for event in events if isinstance(event, Moved)]
    assert moved.mode == "pcm"
    assert isinstance(events[-1], Summary)
    assert alike(rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(path))
    assert not [event for event in events if isinstance(event, Waiting)]


@pytest.mark.parametrize("name", ["lame-vbr.mp3", "flac-24-stereo.flac"])
@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_a_short_one_is_heard_whole_too(tmp_path: Path, name: str, seconds: float) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav", ring=RingRequest(4 * KIB, 4))
    data = (MEDIA / name).read_bytes()
    events = unplugged_at(studio, ScriptedOrigin(studio.clock, at_once(data)), seconds)
    assert [event.mode for event in events if isinstance(event, Moved)] == ["pcm"]
    wanted = song(MEDIA / name)
    assert alike(bytes(studio.tape.kept), wanted[len(wanted) - len(studio.tape.kept) :])
    played = rendered(tmp_path / "render.wav")
    assert len(played) // len(wanted) <= 1


def test_the_next_track_has_the_dsp_again(tmp_path: Path) -> None:
    studio = Studio(profile="generic", ring=SMALL, tap=tmp_path / "tap")
    events = unplugged_at(studio, ScriptedOrigin(studio.clock, at_once(DEMO_MP3.read_bytes())), 4, DEMO_FLAC)
    assert [event.mode for event in events if isinstance(event, Negotiated)] == ["offload", "offload"]
    assert [event.mode for event in events if isinstance(event, Summary)] == ["pcm", "offload"]


class Paced(Tape):
    """An output that plays by a clock, and keeps what was heard."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.since: float | None = None
        self.before = 0
        """Frames that were heard before that instant."""

    @property
    def shape(self) -> PcmFormat:
        assert self.form is not None
        return self.form

    def paced(self) -> bool:
        return True

    def capacity(self) -> int:
        return self.shape.rate // 2

    def queued(self) -> int:
        return len(self.kept) // self.shape.frame_size - self._heard()

    def _heard(self) -> int:
        passed = 0.0 if self.since is None else self.clock.now() - self.since
        return min(len(self.kept) // self.shape.frame_size, self.before + int(passed * self.shape.rate + 1e-6))

    def write(self, data: memoryview) -> int:
        if self.since is None:
            self.since = self.clock.now()
        return super().write(data[: (self.capacity() - self.queued()) * self.shape.frame_size])

    def pause(self) -> None:
        self.before, self.since = self._heard(), None

    def resume(self) -> None:
        self.since = self.clock.now()

    def drain(self) -> None:
        self.clock.wait(self.clock.signal(), self.clock.now() + self.queued() / self.shape.rate)

    def drop(self) -> None:
        del self.kept[self._heard() * self.shape.frame_size :]
        self.pause()

    def close(self) -> None:
        if self.form is not None:
            self.pause()
        super().close()


@pytest.mark.parametrize("deliver", [at_once, trickling], ids=["in store", "trickling"])
@pytest.mark.parametrize("path", SONGS, ids=lambda path: path.name)
def test_it_goes_back_to_the_dsp_in_mid_song_and_is_heard_once(tmp_path: Path, path: Path, deliver: Deliver) -> None:
    render = tmp_path / "render.wav"
    studio = Studio(profile="generic", render=render, ring=SMALL)
    studio.output = paced = Paced(studio.clock)
    events = unplugged_at(studio, ScriptedOrigin(studio.clock, deliver(path.read_bytes())), 1)
    assert [event.mode for event in events if isinstance(event, Moved)] == ["pcm", "offload"]
    sound, wanted = rendered(render), song(path)
    first = next(at for at in range(0, len(sound), 4) if not alike(sound[at : at + 4], wanted[at : at + 4]))
    assert alike(sound[:first] + bytes(paced.kept) + sound[first:], wanted)
    last = events[-1]
    assert isinstance(last, Summary)
    assert last.mode == "offload"


def test_what_is_decoded_of_a_stream_can_be_sought_in() -> None:
    studio = Studio(has_dsp=False)
    studio.output = paced = Paced(studio.clock)
    data = DEMO_FLAC.read_bytes()
    made, is_asked = player(studio, 0.2), False
    for event in made.play_all([track(ScriptedOrigin(studio.clock, at_once(data), whole=data), studio)]):
        if isinstance(event, Playing) and event.position.seconds > 1 and not is_asked:
            is_asked = True
            made.controls.seek(6.25)
        if isinstance(event, Sought):
            assert event.position.seconds == 6.25
            heard = len(paced.kept)
    assert isinstance(event, Summary)
    wanted = song(DEMO_FLAC)
    assert bytes(paced.kept) == wanted[:heard] + wanted[int(6.25 * 44_100) * 4 :]
