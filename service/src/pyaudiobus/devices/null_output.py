"""The PCM output with nothing at the end of the wire: takes the time a DAC would take, by the clock."""

from __future__ import annotations

import errno
import threading

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.choice import AnyChoice, Enumeration, IntChoice, Range
from pyaudiobus.model.format import MAX_CHANNELS, MAX_RATE, Encoding, PcmFormat

_BUFFER_SECONDS = 2
_LONG = 3600.0
"""Seconds a drain sleeps at a time while the output is paused."""
_ROUNDING = 1e-3
"""Part of a frame by which the difference of two readings of a clock may be short."""


class NullOutput:
    """A PcmOutput that plays into nothing, from the first frame written, out of a buffer of two seconds."""

    def __init__(self, clock: Clock) -> None:
        self.name = "null"
        self._clock = clock
        self._lock = threading.Lock()
        self._drains: set[Signal] = set()
        self._form: PcmFormat | None = None
        self._reset()

    def _reset(self) -> None:
        self._written = 0
        self._played = 0
        self._anchor: tuple[float, int] | None = None
        self._is_paused = False
        self._is_draining = False
        self._xruns = 0

    def encodings(self) -> AnyChoice[Encoding]:
        """All there are."""
        return Enumeration(tuple(Encoding))

    def rates(self) -> IntChoice:
        """Any."""
        return Range(1, MAX_RATE)

    def channels(self) -> IntChoice:
        """Any number."""
        return Range(1, MAX_CHANNELS)

    def open(self, form: PcmFormat) -> None:
        """Begin anew."""
        with self._lock:
            if self._form is not None:
                raise DeviceError.from_errno("open", self.name, errno.EBUSY)
            self._reset()
            self._form = form

    def write(self, data: memoryview) -> int:
        """Queue whole frames that fit now."""
        with self._lock:
            form = self._configured("write to")
            self._catch_up(form)
            room = form.rate * _BUFFER_SECONDS - (self._written - self._played)
            frames = min(room, len(data) // form.frame_size)
            if self._anchor is None and frames and not self._is_paused:
                self._anchor = (self._clock.now(), self._played)
            self._written += frames
            return frames * form.frame_size

    def queued(self) -> int:
        """Frames written and not yet played."""
        with self._lock:
            if self._form is not None:
                self._catch_up(self._form)
            return self._written - self._played

    def capacity(self) -> int:
        """Two seconds."""
        return 0 if self._form is None else self._form.rate * _BUFFER_SECONDS

    def paced(self) -> bool:
        """Frames take their time."""
        return True

    def pause(self) -> None:
        """Hold."""
        with self._lock:
            self._catch_up(self._configured("pause"))
            self._is_paused = True
            self._anchor = None

    def resume(self) -> None:
        """Go on."""
        with self._lock:
            self._configured("resume")
            self._is_paused = False
            if self._written > self._played:
                self._anchor = (self._clock.now(), self._played)
            self._wake()

    def drain(self) -> None:
        """Block, on the clock, until everything written was played."""
        signal = self._clock.signal()
        with self._lock:
            self._configured("drain")
            self._is_draining = True
            self._drains.add(signal)
        try:
            while (deadline := self._end(signal)) is not None:
                self._clock.wait(signal, deadline)
        finally:
            self._drains.discard(signal)
            self._is_draining = False

    def drop(self) -> None:
        """Forget what is queued."""
        with self._lock:
            self._catch_up(self._configured("drop"))
            self._written = self._played
            self._anchor = None
            self._wake()

    def xruns(self) -> int:
        """How often it ran dry since open, outside a drain."""
        with self._lock:
            if self._form is not None:
                self._catch_up(self._form)
            return self._xruns

    def close(self) -> None:
        """Stop."""
        with self._lock:
            self._form = None
            self._written = self._played
            self._anchor = None
            self._wake()

    def _configured(self, operation: str) -> PcmFormat:
        if self._form is None:
            raise DeviceError.from_errno(operation, self.name, errno.EBADFD)
        return self._form

    def _catch_up(self, form: PcmFormat) -> None:
        if self._anchor is None:
            return
        since, frames = self._anchor
        due = frames + int((self._clock.now() - since) * form.rate + _ROUNDING)
        if due > self._written and not self._is_draining:
            self._xruns += 1
        if due >= self._written:
            self._anchor = None
        self._played = min(due, self._written)

    def _end(self, signal: Signal) -> float | None:
        """When everything will have been played; None if it has."""
        with self._lock:
            signal.clear()
            if self._form is None:
                return None
            self._catch_up(self._form)
            if self._anchor is None:
                return self._clock.now() + _LONG if self._is_paused and self._written > self._played else None
            since, frames = self._anchor
            return since + (self._written - frames) / self._form.rate

    def _wake(self) -> None:
        for signal in tuple(self._drains):
            signal.set()
