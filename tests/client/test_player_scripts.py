"""Long scripts of pause, seek and worse: what was heard is compared, sample by sample, with what should have been."""

from __future__ import annotations

import random
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.media.decode import Decoder
from pyaudiobus.model.events import (
    Event,
    Failed,
    Moved,
    Paused,
    Playing,
    Recovered,
    Sought,
    Stalled,
    Stopped,
    Summary,
    Suspended,
)
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from tests.client.rounding import alike
from tests.client.studio import DEMO_FLAC, DEMO_MP3, Studio
from tests.nodes.bench import KIB

RATE = 44_100
SMALL = RingRequest(4 * 8 * KIB, 4)


class Listener:
    """Plays a file by a script, and writes down which stretches of it should have been heard."""

    def __init__(self, folder: Path, path: Path, ring: RingRequest | None, profile: str = "generic") -> None:
        self.render = folder / "render.wav"
        self.studio = Studio(profile=profile, ring=ring, render=self.render, dsp=VirtualDsp)
        self.player = self.studio.player(0.1)
        self.path = path
        self.heard: list[tuple[int, int]] = []
        self.events: list[Event] = []
        self._from = 0

    def run(self, deed: Callable[[Event], None]) -> None:
        """Play to the end."""
        for event in self.player.play(str(self.path)):
            self.events.append(event)
            self._note(event)
            deed(event)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        clock = self.studio.clock
        clock.wait(clock.signal(), clock.now() + seconds)

    def _note(self, event: Event) -> None:
        if isinstance(event, Playing | Paused):
            self._last = round(event.position.seconds * RATE)
        if isinstance(event, Sought):
            self.heard.append((self._from, self._left))
            self._from = round(event.position.seconds * RATE)
        if isinstance(event, Summary):
            self.heard.append((self._from, round(event.seconds * RATE)))

    _left = 0
    _last = 0

    def leave(self) -> None:
        """Note where the song is when it is left."""
        self._left = round(self.studio.sink.position().seconds * RATE)

    def pcm(self) -> bytes:
        """What was heard."""
        with wave.open(str(self.render)) as file:
            return bytes(file.readframes(file.getnframes()))

    def wanted(self) -> bytes:
        """What should have been."""
        decoder = Decoder(str(self.path))
        song = decoder.read(1 << 30)
        decoder.close()
        return b"".join(song[first * 4 : last * 4] for first, last in self.heard)


@pytest.mark.parametrize("ring", [None, SMALL], ids=["large ring", "small ring"])
@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_heard_of_a_random_script_is_what_it_says(
    tmp_path: Path, path: Path, ring: RingRequest | None, seed: int
) -> None:
    chance = random.Random(f"{seed} {path.name}")
    listener = Listener(tmp_path, path, ring)
    controls = listener.player.controls
    budget = 40

    def deed(event: Event) -> None:
        nonlocal budget
        if isinstance(event, Suspended):
            listener.wait(3600)
            controls.resume()
        elif isinstance(event, Paused):
            if chance.random() < 0.6:
                listener.wait(chance.random() * 20)
                controls.resume()
        elif isinstance(event, Playing) and budget and chance.random() < 0.4:
            budget -= 1
            if chance.random() < 0.5:
                controls.pause()
            else:
                listener.leave()
                controls.seek(chance.choice((0.0, chance.random() * 9, chance.random() * 9)))

    listener.run(deed)
    assert alike(listener.pcm(), listener.wanted())
    assert not listener.studio.dsp.journal.incidents
    assert not [event for event in listener.events if isinstance(event, Failed | Stalled | Moved | Recovered | Stopped)]


def test_of_a_hundred_seeks_in_a_second_few_reach_the_device_and_the_last_one_is_heard(tmp_path: Path) -> None:
    listener = Listener(tmp_path, DEMO_MP3, None)
    player = listener.studio.player(0.01)
    sought, opens = 0, 0
    for event in player.play(str(DEMO_MP3)):
        if isinstance(event, Playing) and sought < 100:
            sought += 1
            player.controls.seek(8.0 if sought == 100 else sought % 7)
            opens = listener.studio.dsp.opens
        listener.events.append(event)
    assert opens <= 15
    decoder = Decoder(str(DEMO_MP3))
    end = decoder.read(1 << 30)[8 * RATE * 4 :]
    decoder.close()
    assert alike(listener.pcm()[-len(end) :], end)
    assert len(listener.pcm()) <= len(end) + 2 * RATE * 4


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
def test_a_seek_in_a_pause_is_heard_when_it_goes_on_and_one_past_the_end_ends_the_file(
    tmp_path: Path, profile: str
) -> None:
    listener = Listener(tmp_path, DEMO_FLAC, SMALL, profile)
    controls = listener.player.controls
    places: list[float] = []

    def deed(event: Event) -> None:
        if isinstance(event, Playing) and 2 < event.position.seconds < 3:
            controls.pause()
        if isinstance(event, Paused):
            controls.seek(6.0)
        if isinstance(event, Sought):
            places.append(event.position.seconds)
            controls.resume()
        if isinstance(event, Playing) and event.position.seconds > 7:
            controls.seek(100.0)

    listener.run(deed)
    assert places == [6.0, 9.0]
    assert isinstance(listener.events[-1], Summary)
    assert 3.0 < len(listener.pcm()) / 4 / RATE < 3.5


@pytest.mark.parametrize("path", [DEMO_MP3, DEMO_FLAC], ids=lambda path: path.name)
@pytest.mark.parametrize("seed", range(3))
def test_q6asm_repeats_less_than_two_encoded_frames_at_every_entry_and_leaves_none_out(
    tmp_path: Path, path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    listener = Listener(tmp_path, path, SMALL, "q6asm")
    entries = 0

    def deed(event: Event) -> None:
        nonlocal entries
        if isinstance(event, Suspended):
            entries += 1
            listener.wait(3600)
            listener.player.controls.resume()
        elif isinstance(event, Playing) and event.fill and entries < 6 and chance.random() < 0.2:
            listener.player.controls.pause()

    listener.run(deed)
    whole = 9 * RATE + (576 + 529 + 1116 - 529 if path is DEMO_MP3 else 0)
    frame = 1152 if path is DEMO_MP3 else 4608
    extra = len(listener.pcm()) // 4 - whole
    assert 0 <= extra <= entries * 2 * frame
    assert not listener.studio.dsp.journal.incidents
