"""A stream that records, without waiting: what has arrived, and what time it is in it. Both kinds of client use it."""

from __future__ import annotations

from pyaudiobus.client.stream_state import StreamState, now
from pyaudiobus.engine.ring import CORKED, RingConsumer, RingDescriptors
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.protocol.messages import FormatLost, StreamCreated


class Recording(StreamState):
    """A record stream and what waits in it."""

    def __init__(self, created: StreamCreated, descriptors: tuple[int, ...]) -> None:
        """Take what create-stream was answered with; the descriptors belong to this from now on. PeerError."""
        super().__init__(created)
        self.ring = RingConsumer.attach(RingDescriptors(*descriptors))
        self.hears_device = False
        """Whether what arrives was captured, rather than being about to be heard."""
        self._last_time = 0

    # ---- reading ----

    def readable(self) -> int:
        """Return how many bytes wait. PeerError."""
        return self.ring.look().stored

    def fragment(self) -> memoryview:
        """Return the next bytes, at most fragsize of them, without copying; they stay until drop(). Empty: none."""
        size = min(self.readable(), max(self.attributes.fragsize, self.ring.frame_size))
        return self.ring.view(size)

    def drop(self, size: int) -> None:
        """Let go of the next bytes. UserError where there are fewer, or they are no whole frames."""
        if not 0 <= size <= self.readable() or size % self.ring.frame_size:
            raise UserError(
                f"{size} bytes cannot be dropped: {self.readable()} wait, in frames of {self.ring.frame_size}"
            )
        self.ring.take(size)

    def take(self, most: int) -> bytes:
        """Return and drop up to `most` bytes, in whole frames."""
        size = min(self.readable(), most)
        size -= size % self.ring.frame_size
        data = bytes(self.ring.view(size))
        self.ring.take(size)
        return data

    def flush(self) -> None:
        """Drop all that waits."""
        self.ring.take(self.readable())

    def may_sleep(self, size: int = 0) -> bool:
        """Ask to be woken when a fragment, or `size` bytes, are there. False: they are already."""
        size = size or self.attributes.fragsize
        most = self.ring.capacity // self.ring.frame_size * self.ring.frame_size
        return not self.ring.want_data(self.ring.taken + max(1, min(size, self.attributes.maxlength, most)))

    # ---- time ----

    def time(self) -> int:
        """Return the time of what is captured, or heard, at this moment: microseconds since the beginning."""
        timing = self.ring.timing()
        if self.clock is None:
            raise NotSupported("an encoded stream's bytes have no time")
        if timing is None:
            return self._last_time
        since = 0 if timing.flags & CORKED else max(0, now() - timing.taken_at)
        delay = timing.delay if self.hears_device else -timing.delay
        frames = timing.read_index // self.clock.frame_size
        found = max(0, frames * 1_000_000_000 // self.clock.rate + since + delay) // 1000
        self._last_time = max(self._last_time, found)
        return self._last_time

    def latency(self) -> int:
        """Return how old the next byte to be read is, in microseconds; below zero: it will be heard then."""
        if self.clock is None:
            raise NotSupported("an encoded stream's bytes have no time")
        return self.time() - self.clock.usec(self.ring.taken)

    def reform(self, lost: FormatLost, descriptors: tuple[int, ...]) -> None:
        """Go on in another shape, on another ring."""
        super().reform(lost, ())
        self.ring.close()
        self.ring = RingConsumer.attach(RingDescriptors(*descriptors))
