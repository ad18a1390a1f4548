"""A cycle in a thread of its own, with clients at its rings: what a test of the whole driver stands on."""

from __future__ import annotations

import itertools
import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from pyaudiobus.engine._engine import ffi
from pyaudiobus.engine.driver import (
    WHOLE_SINK,
    Driver,
    DriverEvent,
    EventKind,
    Hearing,
    Matrix,
    PlaybackSetup,
    SampleCode,
    null_device,
)
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from tests.engine.arithmetic import plain, width
from tests.engine.turntable import copies

if TYPE_CHECKING:
    from types import TracebackType

    from pyaudiobus.engine._engine import CData

RATE = 48_000
SERIALS = itertools.count(1)
"""Never given twice, as those of the bus."""
PATIENCE = 60
"""Seconds after which something has gone wrong."""


def wait_for(readable: Driver | RingProducer | RingConsumer) -> None:
    """Sleep until something can be read."""
    poll = select.poll()
    poll.register(readable, select.POLLIN)
    assert poll.poll(PATIENCE * 1000), "nothing happens"


class Stream:
    """A client that plays, and the daemon's end of its ring."""

    def __init__(self, serial: int, encoding: SampleCode, channels: int, matrix: Matrix, capacity: int) -> None:
        self.serial, self.slot = serial, -1
        self.encoding, self.channels, self.matrix = encoding, channels, matrix
        self.frame = width(encoding) * channels
        self.daemon = RingConsumer.create(capacity, self.frame)
        self.client = RingProducer.attach(copies(self.daemon.descriptors))

    def write(self, data: bytes) -> None:
        """Store all at once."""
        at = self.client.written
        self.client.view(at, len(data))[:] = data
        self.client.publish(at + len(data))

    def wait_for_space(self, size: int) -> None:
        """Sleep until so many bytes can be stored."""
        while self.client.space() < size:
            if not self.client.want_space(self.client.written + size - self.client.capacity):
                wait_for(self.client)
                self.client.acknowledge()

    def end(self) -> None:
        """Mark the end after what was written."""
        self.client.mark_end(self.client.written)


class Listener:
    """A client that records, and the daemon's end of its ring."""

    def __init__(self, serial: int, encoding: SampleCode, channels: int, capacity: int) -> None:
        self.serial, self.encoding = serial, encoding
        self.daemon = RingProducer.create(capacity, width(encoding) * channels)
        self.client = RingConsumer.attach(copies(self.daemon.descriptors))

    def waiting(self) -> bytes:
        """Return what is there."""
        return bytes(self.client.view(self.client.look().stored))

    def read(self, size: int) -> bytes:
        """Take as much as that, sleeping until it is there."""
        while self.client.look().stored < size:
            if not self.client.want_data(self.client.taken + size):
                wait_for(self.client)
                self.client.acknowledge()
        data = bytes(self.client.view(size))
        self.client.take(size)
        return data


class Sink:
    """A driver and whoever uses it."""

    def __init__(
        self,
        channels: int = 2,
        encoding: SampleCode = SampleCode.S16,
        quantum: int = 256,
        device: CData | None = None,
        room: int = 4 * RATE,
    ) -> None:
        self.channels, self.encoding = channels, encoding
        self.driver = Driver(device or null_device(RATE, channels, encoding, room), quantum)
        self.driver.start()
        self.seen: list[DriverEvent] = []
        self._parts = ExitStack()

    def stream(
        self,
        encoding: SampleCode = SampleCode.S16,
        channels: int = 2,
        matrix: Matrix | None = None,
        size: int = 1 << 17,
    ) -> Stream:
        """Make a stream; play() plays it."""
        made = Stream(next(SERIALS), encoding, channels, matrix or plain(channels), size)
        self._parts.enter_context(made.daemon)
        self._parts.enter_context(made.client)
        return made

    def listener(self, encoding: SampleCode | None = None, size: int = 1 << 20) -> Listener:
        """Make a listener; listen() lets it hear."""
        made = Listener(next(SERIALS), self.encoding if encoding is None else encoding, self.channels, size)
        self._parts.enter_context(made.daemon)
        self._parts.enter_context(made.client)
        return made

    def play(self, *streams: Stream, prebuf: int = 1, is_corked: bool = False, group: int = 0) -> None:
        """Give streams to the cycle."""
        for stream in streams:
            setup = PlaybackSetup(stream.encoding, stream.channels, prebuf, stream.matrix, is_corked, group)
            stream.slot = self.driver.add(stream.serial, stream.daemon, setup)

    def listen(self, listener: Listener, slot: int = WHOLE_SINK, *, is_passive: bool = False) -> None:
        """Let a listener hear a slot."""
        self.driver.listen(slot, listener.serial, listener.daemon, Hearing(listener.encoding, is_passive))

    def wait(self, kind: EventKind, serial: int | None = None, count: int = 1) -> list[DriverEvent]:
        """Sleep until something was told so often; return those events."""
        return self.wait_until(lambda event: event.kind is kind and serial in {None, event.serial}, count)

    def wait_until(self, is_it: Callable[[DriverEvent], bool], count: int = 1) -> list[DriverEvent]:
        """Sleep until so many events of a kind have come, ever."""
        while len(found := [event for event in self.seen if is_it(event)]) < count:
            wait_for(self.driver)
            self.seen += self.driver.events()
        return found

    def sync(self, tag: int) -> None:
        """Sleep until all that was commanded is done."""
        with self.driver.together():
            self.driver.ping(tag)
        self.wait_until(lambda event: (event.kind, event.index) == (EventKind.PONG, tag))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.driver.stop()
        self._parts.close()


class ScriptedDevice:
    """A device that does what a test tells it to: results of its calls in order, then those of one that works.

    It holds what was written until it is looked at, and then has sounded all but its headroom, and that the next time.
    """

    HEADROOM = 48

    def __init__(self, *, is_recording: bool = False, channels: int = 2, room: int = 48_000) -> None:
        self.script: dict[str, list[int]] = {}
        self.calls: list[str] = []
        self.written: list[bytes] = []
        self.recorded = iter(b"")
        self.waiting = 0
        """Frames to be read at each look."""
        self._queued = 0
        self._frame = 2 * channels
        self._keep: list[object] = []
        self.device: CData = ffi.new("struct sound_device *")
        self._table = ffi.new("struct sound_device_calls *")
        kinds = {
            "prepare": ("int(*)(struct sound_device *)", self._prepare),
            "queued": ("int64_t(*)(struct sound_device *, uint64_t)", self._look),
            "start": ("int(*)(struct sound_device *, uint64_t)", self._start),
            "stop": ("void(*)(struct sound_device *)", self._stop),
            "close": ("void(*)(struct sound_device *)", self._close),
        }
        if is_recording:
            kinds["read"] = ("int64_t(*)(struct sound_device *, void *, size_t, uint64_t)", self._read)
        else:
            kinds["write"] = ("int64_t(*)(struct sound_device *, const void *, size_t, uint64_t)", self._write)
        for name, (kind, call) in kinds.items():
            made = ffi.callback(kind, call)
            self._keep.append(made)
            setattr(self._table, name, made)
        self.device.calls, self.device.rate, self.device.channels = self._table, RATE, channels
        self.device.encoding, self.device.room, self.device.headroom = SampleCode.S16, room, self.HEADROOM

    def _result(self, name: str) -> int:
        self.calls.append(name)
        script = self.script.get(name, [])
        return script.pop(0) if script else 0

    def _prepare(self, _device: CData) -> int:
        self._queued = 0
        return self._result("prepare")

    def _look(self, _device: CData, _now: int) -> int:
        if (result := self._result("queued")) < 0:
            return result
        if self.waiting:
            return self.waiting
        self._queued = self.HEADROOM if self._queued > self.HEADROOM else 0
        return self._queued

    def _write(self, _device: CData, data: CData, frames: int, _now: int) -> int:
        if (result := self._result("write")) < 0:
            return result
        self.written.append(bytes(ffi.buffer(data, frames * self._frame)))
        self._queued += frames
        return frames

    def _read(self, _device: CData, data: CData, frames: int, _now: int) -> int:
        if (result := self._result("read")) < 0:
            return result
        ffi.buffer(data, frames * self._frame)[:] = bytes(next(self.recorded) for _ in range(frames * self._frame))
        return frames

    def _start(self, _device: CData, _now: int) -> int:
        return self._result("start")

    def _stop(self, _device: CData) -> None:
        self._queued = 0
        self._result("stop")

    def _close(self, _device: CData) -> None:
        self._result("close")


def endless() -> Iterator[int]:
    """Bytes that go on and on, each telling its place."""
    at = 0
    while True:
        yield at % 251
        at += 1
