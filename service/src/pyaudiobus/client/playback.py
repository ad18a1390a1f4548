"""A stream that plays, for programs: write, seek, cork, drain, ask what time it is. PulseAudio's semantics."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from pyaudiobus.client.remote import Happening, Remote
from pyaudiobus.client.write_queue import Seek, WriteQueue
from pyaudiobus.engine.ring import RingDescriptors, RingProducer, Timing
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.model.buffering import StreamClock
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import (
    AttributesSet,
    Cork,
    CreateStream,
    Killed,
    Move,
    Moved,
    Named,
    SetAttributes,
    SetMute,
    SetVolume,
    StreamCreated,
)
from pyaudiobus.protocol.words import Attributes, PcmShape


class StreamKilled(AudiobusError):
    """Somebody else ended the stream."""


class PlaybackStream:
    """One stream on the bus, blocking. `with remote_play(...) as stream: stream.write(...); stream.drain()`."""

    def __init__(self, remote: Remote, form: PcmFormat, wish: CreateStream) -> None:
        """Create it. Refused where the bus says no."""
        self._remote = remote
        created, descriptors = remote.ask_with_descriptors("create-stream", wish)
        self.created: StreamCreated = created
        self.format = form
        self.attributes: Attributes = created.attributes
        self.device = created.device_name
        self.happenings: list[Happening] = []
        """Events of this stream that nobody has asked for."""
        self._clock = StreamClock(form.rate, form.frame_size)
        self._ring = RingProducer.attach(RingDescriptors(*descriptors))
        self.queue = WriteQueue(
            self._ring, created.attributes.maxlength, created.attributes.tlength, created.attributes.minreq
        )
        self._killed = ""
        self._last_time = 0
        self._is_open = True
        remote.listen(created.serial, self._hear)

    @property
    def serial(self) -> int:
        """Its name on the bus."""
        return self.created.serial

    # ---- writing ----

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write all, sleeping while the bus has enough. StreamKilled, PeerError."""
        rest = memoryview(data).cast("B")
        while len(rest):
            room = self._wait_for_room()
            self.queue.write(rest[:room])
            rest = rest[room:]

    def write_at(self, data: bytes, offset: int, seek: Seek) -> bool:
        """Write at a place, at once; False: it was too much and is lost."""
        return self.queue.write(data, offset, seek)

    def wait_writable(self, timeout: float | None = None) -> int:
        """Sleep until the bus wants at least minreq bytes; return how many. 0: the time is up."""
        while self.queue.wanted() < self.queue.minreq:
            if not self.queue.sleep_until_wanted() and not self._sleep(timeout):
                return 0
        return self.queue.wanted()

    def _wait_for_room(self) -> int:
        frame = self.format.frame_size
        self._check()
        while (room := self.queue.wanted() // frame * frame) < max(frame, self.queue.minreq):
            if not self.queue.sleep_until_wanted():
                self._sleep(None)
        return room

    def _sleep(self, timeout: float | None) -> bool:
        woken = self._remote.wait([self._ring.fileno()], timeout)
        self._ring.acknowledge()
        self._check()
        return woken

    def _check(self) -> None:
        if self._killed:
            raise StreamKilled(f"the stream was ended: {self._killed}")

    # ---- control ----

    def cork(self, *, is_corked: bool = True) -> None:
        """Hold it, or let it go on; its sync group with it."""
        self._remote.ask("cork", Cork(self.serial, is_corked))

    def trigger(self) -> None:
        """Play what is there without waiting for prebuf."""
        self._remote.ask("trigger", Named(self.serial))

    def prebuf(self) -> None:
        """Wait for prebuf again."""
        self._remote.ask("prebuf", Named(self.serial))

    def flush(self) -> None:
        """Drop all that waits."""
        self.queue.flush()
        self._remote.ask("flush", Named(self.serial))
        self.queue.flush()

    def drain(self) -> None:
        """Return when all that was written has been heard."""
        self._remote.ask("drain", Named(self.serial))

    def set_attributes(
        self, attributes: Attributes, *, adjust_latency: bool = False, early_requests: bool = False
    ) -> None:
        """Ask for other buffer attributes; `attributes` tells what was granted."""
        wish = SetAttributes(self.serial, attributes, adjust_latency, early_requests)
        self._granted(self._remote.ask("set-attributes", wish))

    def set_volume(self, *gains: float, ramp: int = 10) -> None:
        """Set linear gains, reached in `ramp` milliseconds."""
        self._remote.ask("set-volume", SetVolume(self.serial, gains, ramp))

    def set_mute(self, *, is_muted: bool) -> None:
        """Silence it or not."""
        self._remote.ask("set-mute", SetMute(self.serial, is_muted))

    def move(self, target: str) -> None:
        """Play on another sink."""
        self._remote.ask("move", Move(self.serial, target))

    def close(self) -> None:
        """End it; what is queued is lost. Legal twice."""
        if not self._is_open:
            return
        self._is_open = False
        self._remote.unlisten(self.serial)
        try:
            if not self._killed:
                self._remote.ask("destroy", Named(self.serial))
        except PeerError:
            pass
        finally:
            self._ring.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- time ----

    def timing(self) -> Timing | None:
        """Return what the bus last told of the stream's clock; no message is needed."""
        return self._ring.timing()

    def time(self) -> int:
        """Return what is being heard, in microseconds since the beginning; never less than before."""
        timing = self.timing()
        if timing is None:
            return self._last_time
        until_heard = timing.delay - (time.monotonic_ns() - timing.taken_at)
        heard = self._clock.usec(timing.read_index) - max(0, until_heard) // 1000
        self._last_time = max(self._last_time, heard)
        return self._last_time

    def latency(self) -> int:
        """Return how long it takes until what is written now is heard, in microseconds."""
        return max(0, self._clock.usec(self.queue.index) - self.time())

    # ---- events ----

    def _hear(self, happening: Happening) -> None:
        body: Any = happening.body
        if isinstance(body, Killed):
            self._killed = body.reason or "without a reason"
        elif isinstance(body, Moved):
            self.device = body.device_name
            self._granted(body)
        elif happening.name == "attributes-changed":
            self._granted(body)
        self.happenings.append(happening)

    def _granted(self, granted: AttributesSet | Moved) -> None:
        self.attributes = granted.attributes
        self.queue.set_lengths(self.attributes.maxlength, self.attributes.tlength, self.attributes.minreq)


def play(remote: Remote, form: PcmFormat, name: str, **wish: Any) -> PlaybackStream:  # noqa: ANN401
    """Make a playback stream; `wish` as the fields of CreateStream."""
    shape = PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map)
    return PlaybackStream(remote, form, CreateStream("playback", name, (shape,), **wish))
