"""A DSP that breaks off, vanishes, stalls or is stolen in mid-song: every sample is heard, once, there or decoded."""

from __future__ import annotations

import random
import wave
from errno import EBUSY, EIO
from pathlib import Path

import pytest

from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import DeviceLost
from pyaudiobus.media.decode import Decoder
from pyaudiobus.model.events import (
    Event,
    Failed,
    Moved,
    Negotiated,
    Paused,
    Playing,
    Recovered,
    Stalled,
    Started,
    Summary,
    Suspended,
)
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.rounding import alike
from tests.client.studio import DEMO_FLAC, DEMO_MP3, Studio
from tests.nodes.bench import KIB

SMALL = RingRequest(4 * 8 * KIB, 4)


def song(path: Path) -> bytes:
    decoder = Decoder(str(path))
    pcm = decoder.read(1 << 30)
    decoder.close()
    return pcm


def rendered(render: Path) -> bytes:
    with wave.open(str(render)) as file:
        return bytes(file.readframes(file.getnframes()))


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events if isinstance(event, Stalled | Recovered | Moved | Failed)]


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
def test_after_every_xrun_and_error_the_dsp_goes_on_with_the_very_sample_until_it_is_given_up(
    tmp_path: Path, path: Path, ring: RingRequest | None
) -> None:
    studio = Studio(profile="generic", ring=ring, render=tmp_path / "render.wav")
    chance, events = random.Random(path.name), list[Event]()
    faults, left = studio.dsp.faults, 12
    for event in studio.play(path, 0.2):
        events.append(event)
        if isinstance(event, Playing) and left and event.fill and chance.random() < 0.4:
            left -= 1
            if chance.random() < 0.5:
                faults.xrun()
            else:
                faults.fail(chance.choice(("write", "avail", "progress", "drain")), EIO)
    assert alike(rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(path))
    assert Recovered in kinds(events)
    assert Failed not in kinds(events)
    assert not studio.dsp.journal.incidents


def played_and_unplugged(studio: Studio, path: Path) -> list[Event]:
    """Play a song, and pull the card at 4 s."""
    events = list[Event]()
    for event in studio.play(path, 0.2):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 4 and event.fill:
            studio.dsp.faults.unplug()
    return events


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
def test_what_a_vanished_dsp_has_not_played_is_decoded_without_a_sample_lost_or_repeated(
    tmp_path: Path, path: Path
) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav")
    events = played_and_unplugged(studio, path)
    assert kinds(events) == [Stalled, Moved]
    assert alike(rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(path))
    assert isinstance(events[-1], Summary)


class Forgetful(VirtualDsp):
    """A device that the kernel still answers for when its card is gone: drains end well, and all counters are zero."""

    def drain(self) -> None:
        try:
            super().drain()
        except DeviceLost:
            return

    def avail(self) -> int:
        return 0 if self.faults.is_unplugged else super().avail()

    def progress(self) -> Progress:
        return Progress(0, 0, 44_100) if self.faults.is_unplugged else super().progress()


class Boastful(Forgetful):
    """One of which the kernel still tells then what was rendered, and that all was taken."""

    last = Progress(0, 0, 44_100)
    sent = 0

    def write(self, data: memoryview) -> int:
        written = super().write(data)
        self.sent += written
        return written

    def progress(self) -> Progress:
        if self.faults.is_unplugged:
            return self.last.replace(taken=self.sent)
        self.last = super().progress()
        return self.last


@pytest.mark.parametrize("dsp", [Forgetful, Boastful])
@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
def test_a_drain_that_ends_well_before_its_time_is_no_end_of_the_song(
    tmp_path: Path, path: Path, dsp: type[VirtualDsp]
) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav", dsp=dsp)
    assert kinds(played_and_unplugged(studio, path)) == [Stalled, Moved]
    heard, whole = rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(path)
    assert abs(len(heard) - len(whole)) <= 4
    assert whole.endswith(studio.tape.kept)


def test_a_dsp_that_stalls_and_is_well_again_loses_nothing_where_it_tells_what_it_rendered(tmp_path: Path) -> None:
    studio = Studio(profile="generic", ring=SMALL, render=tmp_path / "render.wav")
    events = list[Event]()
    for event in studio.play(DEMO_FLAC, 0.2):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 2 and not kinds(events):
            studio.dsp.faults.stall()
        if isinstance(event, Stalled):
            studio.dsp.faults.unstall()
    assert kinds(events) == [Stalled, Recovered]
    assert rendered(tmp_path / "render.wav") == song(DEMO_FLAC)


def test_a_dsp_without_counters_repeats_a_fragment_and_an_encoded_frame_at_most_after_a_stall(tmp_path: Path) -> None:
    studio = Studio(render=tmp_path / "render.wav", ring=SMALL)
    events = list[Event]()
    for event in studio.play(DEMO_FLAC, 0.2):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 2 and not kinds(events):
            studio.dsp.faults.stall()
        if isinstance(event, Stalled):
            studio.dsp.faults.unstall()
    heard, whole = rendered(tmp_path / "render.wav"), song(DEMO_FLAC)
    same = next(at for at in range(0, len(whole), 4) if heard[at : at + 4] != whole[at : at + 4])
    fragment, frame = 8 * KIB * 8 / 700_000 * 44_100, 4608
    repeated = (len(heard) - len(whole)) // 4
    assert 0 <= repeated <= 2 * fragment + frame
    assert heard[same + 4 * repeated :][:100_000] == whole[same:][:100_000] or heard.endswith(whole[-400_000:])


def test_a_dsp_that_another_program_took_plays_the_rest_when_it_is_free_again(tmp_path: Path) -> None:
    studio = Studio(profile="generic", render=tmp_path / "render.wav")
    thief = VirtualDsp("generic", studio.clock, hardware=studio.hardware)
    player = studio.player(0.2)
    events = list[Event]()
    for event in player.play(str(DEMO_MP3)):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 2 and not kinds(events):
            player.controls.pause()
        if isinstance(event, Suspended):
            thief.open()
            player.controls.resume()
        if isinstance(event, Moved) and event.mode == "pcm":
            thief.close()
    assert kinds(events)[:2] == [Stalled, Moved]
    assert alike(rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(DEMO_MP3))


def test_a_busy_dsp_is_tried_again_before_the_rest_is_decoded() -> None:
    studio = Studio(profile="generic")
    events = list[Event]()
    for event in studio.play(DEMO_MP3, 0.2):
        events.append(event)
        if isinstance(event, Playing) and event.position.seconds > 2 and not kinds(events):
            studio.dsp.faults.fail("open", EBUSY, times=2)
            studio.dsp.faults.xrun()
    assert kinds(events) == [Stalled, Recovered]
    told = next(event for event in events if isinstance(event, Recovered))
    assert told.attempts == 3
    assert isinstance(events[0], Negotiated)


def test_a_device_that_is_given_up_when_it_should_go_on_after_a_pause_leaves_the_rest_to_be_decoded(
    tmp_path: Path,
) -> None:
    studio = Studio(profile="generic", ring=SMALL, render=tmp_path / "render.wav")
    player, events = studio.player(0.2), list[Event]()
    for event in player.play(str(DEMO_MP3)):
        if isinstance(event, Started):
            studio.dsp.faults.fail("write", EIO, times=3)
        if isinstance(event, Recovered):
            studio.dsp.faults.fail("resume", EIO)
            player.controls.pause()
        if isinstance(event, Paused):
            player.controls.resume()
        events.append(event)
    assert kinds(events) == [Stalled, Recovered, Moved]
    assert alike(rendered(tmp_path / "render.wav") + bytes(studio.tape.kept), song(DEMO_MP3))
