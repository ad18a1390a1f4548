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
    assert listener.pcm() == listener.wanted()
    assert not listener.studio.dsp.journal.incidents
    assert not [event for event in listener.events if isinstance(event, Failed | Stalled | Moved | Recovered | Stopped)]
