"""PCM outputs to try sinks on: one that takes all at once, one that plays by a clock and can stand still."""

from __future__ import annotations

from math import inf

from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.choice import Enumeration, Range
from pyaudiobus.model.format import Encoding, PcmFormat

S16 = PcmFormat(Encoding.S16, 1000, 2)
"""A thousand frames a second: a frame is a millisecond."""


class Tape:
    """An output that takes everything at once and keeps it."""

    name = "tape"

    def __init__(self, refusal: DeviceError | None = None) -> None:
        self.refusal = refusal
        self.form: PcmFormat | None = None
        self.kept = bytearray()
        self.calls: list[str] = []

    def encodings(self) -> Enumeration[Encoding]:
        return Enumeration((Encoding.S16, Encoding.S32))

    def rates(self) -> Range:
        return Range(1, 192_000)

    def channels(self) -> Range:
        return Range(1, 8)

    def open(self, form: PcmFormat) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.form = form
        self.calls.append("open")

    def write(self, data: memoryview) -> int:
        self.kept += data
        return len(data)

    def queued(self) -> int:
        return 0

    def capacity(self) -> int:
        return 0

    def paced(self) -> bool:
        return False

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def drain(self) -> None:
        self.calls.append("drain")

    def drop(self) -> None:
        self.calls.append("drop")

    def xruns(self) -> int:
        return 0

    def close(self) -> None:
        self.form = None
        self.calls.append("close")


class Dac(Tape):
    """An output with a buffer of two seconds that plays by a clock, and can be made to stand still."""

    name = "dac"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.changed = clock.signal()
        self.error: DeviceError | None = None
        self.since: float | None = None
        self.heard_before = 0.0
        self.is_stuck = False
        self.is_dropped = False

    def capacity(self) -> int:
        return 2000

    def paced(self) -> bool:
        return True

    def frames(self) -> int:
        return len(self.kept) // S16.frame_size

    def heard(self) -> int:
        if self.since is None or self.is_stuck:
            return min(self.frames(), int(self.heard_before))
        return min(self.frames(), int(self.heard_before + (self.clock.now() - self.since) * S16.rate + 1e-6))

    def queued(self) -> int:
        return self.frames() - self.heard()

    def write(self, data: memoryview) -> int:
        if self.error is not None:
            raise self.error
        if self.since is None:
            self.since = self.clock.now()
        room = (self.capacity() - self.queued()) * S16.frame_size
        return super().write(data[:room])

    def hold(self) -> None:
        self.heard_before, self.since = float(self.heard()), None

    def stick(self) -> None:
        self.hold()
        self.is_stuck = True

    def pause(self) -> None:
        super().pause()
        self.hold()

    def resume(self) -> None:
        super().resume()
        self.since = self.clock.now()

    def drain(self) -> None:
        super().drain()
        while self.queued() and not self.is_dropped:
            rest = inf if self.is_stuck else self.clock.now() + self.queued() / S16.rate
            self.clock.wait(self.changed, rest)
            if self.error is not None:
                raise self.error

    def drop(self) -> None:
        super().drop()
        self.is_dropped = True
        self.changed.set()
