"""The tones these tests play, and a second thread for the calls that block."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from pyaudiobus.devices.clock import SteppedClock
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.states import State
from pyaudiobus.model.format import Codec, EncodedFormat

FILES = Path(__file__).parent / "files"
SHAPES = {
    "tone-128k.mp3": EncodedFormat(Codec.MP3, 44_100, 2, bit_rate=128_000),
    "tone-vbr.mp3": EncodedFormat(Codec.MP3, 22_050, 2),
    "tone-gapless.mp3": EncodedFormat(Codec.MP3, 22_050, 1),
    "tone-16.flac": EncodedFormat(Codec.FLAC, 22_050, 2, bit_depth=16),
    "tone-24.flac": EncodedFormat(Codec.FLAC, 16_000, 1, bit_depth=24),
}


class Tone:
    """One of the files beside this one."""

    def __init__(self, name: str) -> None:
        self.path = FILES / name
        self.form = SHAPES[name]
        self.data = memoryview(self.path.read_bytes())


class Worker(threading.Thread):
    """A joined thread that makes one blocking call; `error` is what it raised."""

    def __init__(self, clock: SteppedClock, call: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._clock = clock
        self._call = call
        self.error: Exception | None = None
        self.answer: object = None
        self.ended_at = -1.0
        clock.join()
        self.start()

    def run(self) -> None:
        try:
            self.answer = self._call()
        except Exception as error:  # whatever it is, the test wants to see it
            self.error = error
        finally:
            self.ended_at = self._clock.now()
            self._clock.leave()

    def end(self) -> Worker:
        """Wait for it; it has to be on its way out."""
        self.join(30)
        assert not self.is_alive()
        return self


def state_of(dsp: VirtualDsp) -> State:
    """The state at this instant; a function, because a type checker takes attributes for constant."""
    return dsp.state


MakeDsp = Callable[..., VirtualDsp]
Work = Callable[[Callable[[], object]], Worker]
