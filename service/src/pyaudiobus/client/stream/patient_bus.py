"""A bus that pauses a stream whose source is late, before the device runs dry, and goes on when enough came."""

from __future__ import annotations

from math import inf
from typing import Protocol

from pyaudiobus.client.bus import Bus, Connection, Terms
from pyaudiobus.client.file_node import FileNode
from pyaudiobus.client.player import Audible
from pyaudiobus.client.stream.live_node import LiveNode
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, NotSupported
from pyaudiobus.model.changes import Change, Flowing, Starved, Titled
from pyaudiobus.model.position import Counters, Position

LOW = 1.0
"""Seconds that may be left to be heard when a stream is paused whose source brings no more."""
GRACE = 0.05
"""Seconds; what decodes in another thread may just be at it."""
ENOUGH = 5.0
"""Seconds that must have come before it goes on, or begins."""


class Stream(Protocol):
    """What brings the bytes of a live stream."""

    @property
    def available(self) -> int:
        """Bytes that can be had without waiting."""

    @property
    def fresh(self) -> int:
        """Those among them that were never taken."""

    @property
    def is_complete(self) -> bool:
        """Nothing will be available that is not."""

    @property
    def byte_rate(self) -> float:
        """Bytes that sound for a second."""

    @property
    def delivered(self) -> float:
        """Media time up to which bytes were taken, in seconds."""

    @property
    def error(self) -> AudiobusError | None:
        """Why it ended before its time."""

    def wake_at(self, fresh: float, signal: Signal) -> None:
        """Raise a signal once so many bytes are fresh, or no more will be."""

    def check_seek(self, seconds: float) -> None:
        """NotSupported, with the reason, where it cannot go there."""

    def titles_at(self, seconds: float) -> tuple[str, ...]:
        """Take the titles that begin at or before a media time."""

    def news(self) -> tuple[str, ...]:
        """Take what a person should know of it."""


class PatientBus:
    """Another bus, with patience for slow sources."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    @property
    def clock(self) -> Clock:
        """What the player sleeps on."""
        return self._bus.clock

    def connect(self, node: FileNode, *, joins: bool = False) -> Connection:
        """Link a stream to the sink that suits it best. AudiobusError tells why none does."""
        if not isinstance(node, LiveNode):
            return self._bus.connect(node, joins=joins)
        return PatientConnection(self._bus.connect(node), node, self._bus.clock)


class PatientConnection:
    """A live stream linked to a sink. It is paused and let go on by itself, beside what a person asks for."""

    def __init__(self, inner: Connection, node: LiveNode, clock: Clock) -> None:
        self._inner = inner
        self._node = node
        self._clock = clock
        self._is_begun = False
        """Whether the sink was started at all."""
        self._is_late = True
        """Whether the source is waited for."""
        self._is_sought = False
        """Whether a person went elsewhere since the source was late."""
        self._is_held = False
        """Whether a person has paused it."""
        self._doubt_since: float | None = None
        """When the source was found late first."""
        self._news: list[str | Change] = []

    @property
    def terms(self) -> Terms:
        """What was agreed on."""
        return self._inner.terms

    @property
    def signal(self) -> Signal:
        """Raised when step() should be called before its deadline."""
        return self._inner.signal

    @property
    def _stream(self) -> Stream:
        return self._node.stream

    # ---- what a person asks for ----

    def start(self) -> None:
        """Let it play, as soon as enough of it is there."""
        self._is_held = False
        if self._is_begun and not self._is_late:
            self._inner.start()

    def pause(self) -> None:
        """Hold."""
        if self._is_begun and not self._is_late:
            self._inner.pause()
        self._is_held = True

    def seek(self, seconds: float) -> None:
        """Go to a media time. NotSupported where the source cannot, in its words; MediaError."""
        self._stream.check_seek(seconds)
        self._inner.seek(seconds)
        self._is_sought = True

    @property
    def wants_next(self) -> bool:
        """Nothing is joined to a stream whose end nobody sees coming."""
        return False

    def queue(self, node: FileNode | None) -> bool:
        """Refuse."""
        del node
        return False

    # ---- the source ----

    def step(self) -> float | None:
        """Do what is due; return the instant of the next call, None when all was heard. MediaError, DeviceError."""
        if self._is_late and not self._has_enough():
            return self._wait()
        if self._is_late:
            self._go_on()
        deadline = self._inner.step()
        if deadline is None:
            if self._stream.error is not None:
                raise self._stream.error
            return None
        return deadline if self._is_held else min(deadline, self._mind_the_source())

    def _has_enough(self) -> bool:
        stream = self._stream
        there = stream.fresh if self._is_begun and not self._is_sought else stream.available
        return stream.is_complete or there >= ENOUGH * stream.byte_rate

    def _wait(self) -> float:
        """Sleep until enough is there; a sink that holds for long may have to be looked after meanwhile."""
        self.signal.clear()
        deadline = self._inner.step() if self._is_begun else inf
        stream = self._stream
        stream.wake_at(ENOUGH * stream.byte_rate, self.signal)
        return inf if deadline is None else deadline

    def _go_on(self) -> None:
        self._is_late = False
        if self._is_begun:
            self._news.append(Flowing(self._buffered()))
        self._is_begun = True
        if not self._is_held:
            self._inner.start()

    def _mind_the_source(self) -> float:
        """Pause where hardly anything is left; else return when to look again."""
        stream = self._stream
        if stream.is_complete or stream.available >= max(1, self._inner.fragment_size()):
            self._doubt_since = None
            return inf
        now, left = self._clock.now(), self._left()
        if left > LOW + GRACE:
            self._doubt_since = None
            return now + left - LOW
        if self._doubt_since is None:
            self._doubt_since = now
        if now < self._doubt_since + GRACE:
            stream.wake_at(ENOUGH * stream.byte_rate, self.signal)
            return self._doubt_since + GRACE
        self._doubt_since = None
        self._inner.pause()
        self._is_late, self._is_sought = True, False
        self._news.append(Starved(self._buffered()))
        return self._wait()

    def _left(self) -> float:
        """Seconds that are on their way to be heard."""
        return max(0.0, self._stream.delivered - self._inner.position().seconds)

    def _buffered(self) -> float:
        return self._left() + self._stream.available / self._stream.byte_rate

    # ---- what can be asked at any time ----

    def position(self) -> Position:
        """Media time being heard."""
        return self._inner.position()

    def latency(self) -> float:
        """Seconds of sound in the device's buffer."""
        return self._inner.latency()

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, and bytes it can hold."""
        return self._inner.queued()

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""
        return self._inner.fragment_size()

    def news(self) -> tuple[str | Change, ...]:
        """What has become of the stream since the last call."""
        stream, own = self._stream, self._news
        self._news = []
        titles = [Titled(title) for title in stream.titles_at(self._inner.position().seconds)]
        return (*self._inner.news(), *own, *stream.news(), *titles)

    def volume(self) -> float:
        """The stream's linear gain. NotSupported."""
        return self._audible().volume()

    def set_volume(self, gain: float) -> None:
        """Have another. NotSupported."""
        self._audible().set_volume(gain)

    def _audible(self) -> Audible:
        if not isinstance(self._inner, Audible):
            raise NotSupported("there is no volume to change here")
        return self._inner

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        return self._inner.counters()

    def close(self) -> None:
        """Stop and part."""
        self._inner.close()
