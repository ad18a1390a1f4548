"""What the contract suite plays on: a backend, its clock, and what can be made to go wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.compress import CompressDevice, Geometry
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.format import Codec, EncodedFormat

FORM = EncodedFormat(Codec.MP3, 44100, 2, bit_rate=320_000)
SMALL = Geometry(8192, 4)
"""0.8 seconds of FORM."""
LARGE = Geometry(8192, 32)
"""6.6 seconds."""
BYTE_RATE = FORM.bit_rate / 8


class Faults(Protocol):
    """How to make a device fail. A backend that has none skips what needs it."""

    def fail(self, operation: str, errno: int, times: int = 1) -> None:
        """Let the next calls of one Protocol method fail."""

    def stall(self) -> None:
        """Let the DSP take nothing more."""

    def unplug(self) -> None:
        """Take the device away."""

    def xrun(self) -> None:
        """Let the driver stop the stream."""


class Aside:
    """A call that goes on in another thread while the test does something else."""

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock = clock
        self._call = call
        self._done: Signal = clock.signal()
        self._error: DeviceError | None = None
        clock.join()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except DeviceError as error:
            self._error = error
        finally:
            self._done.set()
            self._clock.leave()

    @property
    def has_ended(self) -> bool:
        return self._done.is_set()

    def end(self, seconds: float) -> None:
        """Wait for it, and raise what it raised."""
        if not self._clock.wait(self._done, self._clock.now() + seconds):
            self._thread.join(seconds)  # a clock that does not wait may have overtaken a thread that just woke up
        assert self._done.is_set(), "the call in the other thread did not return"
        if self._error is not None:
            raise self._error


@dataclass
class Bench:
    """One backend under test. Times are media time: what a listener would count."""

    name: str
    make: Callable[[], CompressDevice]
    clock: Clock
    speed: float = 1.0
    """Media seconds in a second of the clock."""
    faults_of: Callable[[CompressDevice], Faults | None] = lambda _device: None
    counts_anew_after_stop: bool = True
    """Whether the driver lets go of its counts at STOP; q6asm does not."""
    tells_loss: frozenset[str] = frozenset({"write", "avail", "pause", "stop", "drain", "progress", "running drain"})
    """Which calls fail on a lost device; the kernel's core answers some by itself."""
    mend: Callable[[], None] = lambda: None
    """Undoes every fault."""
    patience: float = 20.0
    """Seconds of the clock after which something that must happen has not."""
    made: list[CompressDevice] = field(default_factory=list)

    def device(self) -> CompressDevice:
        device = self.make()
        self.made.append(device)
        return device

    def opened(self) -> CompressDevice:
        device = self.device()
        device.open()
        return device

    def set_up(self, geometry: Geometry = SMALL) -> CompressDevice:
        device = self.opened()
        device.set_params(FORM, geometry)
        return device

    def prepared(self, geometry: Geometry = SMALL) -> CompressDevice:
        """A device whose ring is full."""
        device = self.set_up(geometry)
        self.fill(device, geometry)
        return device

    def running(self, geometry: Geometry = SMALL) -> CompressDevice:
        device = self.prepared(geometry)
        device.start()
        return device

    def paused(self, geometry: Geometry = SMALL) -> CompressDevice:
        device = self.running(geometry)
        device.pause()
        return device

    def draining(self, geometry: Geometry = LARGE) -> tuple[CompressDevice, Aside]:
        """A device that drains in another thread, for 6 seconds unless stopped."""
        device = self.running(geometry)
        aside = self.aside(device.drain)
        self.until(lambda: self.refuses_data(device))
        assert not aside.has_ended
        return device, aside

    @staticmethod
    def refuses_data(device: CompressDevice) -> bool:
        try:
            device.write(frames(1))
        except DeviceError:
            return True
        return False

    @staticmethod
    def fill(device: CompressDevice, geometry: Geometry = SMALL) -> int:
        """Write until nothing is taken; return how much was."""
        stream = frames(4 * geometry.ring_size)
        taken = 0
        while count := device.write(stream[taken : geometry.ring_size]):
            taken += count
        return taken

    def aside(self, call: Callable[[], None]) -> Aside:
        return Aside(self.clock, call)

    def pass_time(self, seconds: float) -> None:
        self.clock.wait(self.clock.signal(), self.clock.now() + seconds / self.speed)

    def until(self, claim: Callable[[], bool]) -> None:
        """Wait until something is so."""
        end = self.clock.now() + self.patience
        while not claim():
            assert self.clock.now() < end, "it did not come to that"
            self.pass_time(0.05)

    def close(self) -> None:
        for device in self.made:
            device.close()
        self.mend()


def frames(size: int) -> memoryview:
    """At least `size` bytes of whole MPEG-1 layer III frames of FORM: silence."""
    frame = bytes.fromhex("fffbe000") + bytes(1044 - 4)  # 320 kbit/s at 44.1 kHz: 144 * bit rate / rate, rounded down
    return memoryview(frame * -(-size // len(frame)))
