"""A stream that plays, without waiting: its ring and queue, and what time it is in it. Both kinds of client use it."""

from __future__ import annotations

from pyaudiobus.client.stream_state import StreamReformed, StreamState, now
from pyaudiobus.client.write_queue import WriteQueue
from pyaudiobus.engine.ring import RingDescriptors, RingProducer, Timing
from pyaudiobus.errors import NotSupported
from pyaudiobus.model.buffering import StreamClock
from pyaudiobus.protocol.messages import AttributesChanged, AttributesSet, FormatLost, Moved, StreamCreated
from pyaudiobus.protocol.words import PcmShape

_SECOND = 1_000_000_000


class Playing(StreamState):
    """A playback stream and what was written to it."""

    def __init__(self, created: StreamCreated, descriptors: tuple[int, ...]) -> None:
        """Take what create-stream was answered with; the descriptors belong to this from now on. PeerError."""
        super().__init__(created)
        self.ring = RingProducer.attach(RingDescriptors(*descriptors))
        self.queue = self._new_queue()
        self._companions: list[Playing] = [self]
        self._last_time = 0

    # ---- writing ----

    def room(self) -> int:
        """Return how many bytes the bus wants now; 0 until it is at least minreq. StreamKilled, PeerError."""
        self.check()
        if self.lost_format is not None:
            lost, self.lost_format = self.lost_format, None
            raise StreamReformed(lost)
        frame = self.ring.frame_size
        wanted = self.queue.wanted() // frame * frame
        return wanted if wanted >= max(frame, self.queue.minreq) else 0

    def put(self, rest: memoryview, room: int) -> memoryview:
        """Write what there is room for; return what is left."""
        self.queue.write(rest[:room])
        return rest[room:]

    def join(self, companions: list[Playing]) -> None:
        """Be flushed with the others of its sync group."""
        companions.append(self)
        self._companions = companions

    def leave(self) -> None:
        """Leave its sync group."""
        self._companions.remove(self)
        self._companions = [self]

    def flush(self) -> None:
        """Drop all that waits, here and in the others of its sync group."""
        for one in self._companions:
            one.queue.flush()

    def may_sleep(self) -> bool:
        """Ask to be woken when there is room. False: there is already."""
        return not self.queue.sleep_until_wanted()

    # ---- time ----

    def time(self) -> int:
        """Return what is being heard, in microseconds since the beginning; never less than before. NotSupported."""
        timing = self.ring.timing()
        if timing is not None:
            self._last_time = max(self._last_time, heard(timing, self._clock(), now()))
        return self._last_time

    def latency(self) -> int:
        """Return how long it takes until what is written now is heard, in microseconds. NotSupported."""
        return max(0, self._clock().usec(self.queue.index) - self.time())

    def _clock(self) -> StreamClock:
        if self.clock is None:
            raise NotSupported("an encoded stream's bytes have no time")
        return self.clock

    # ---- what is told ----

    def granted(self, granted: AttributesSet | AttributesChanged | Moved) -> None:
        """Follow the attributes that the bus has granted."""
        super().granted(granted)
        self.queue.set_lengths(self.attributes.maxlength, self.attributes.tlength, self.attributes.minreq)

    def reform(self, lost: FormatLost, descriptors: tuple[int, ...]) -> None:
        """Go on in another shape, on another ring whose index 0 is the old one's `lost.index`."""
        super().reform(lost, ())
        self.ring.close()
        self.ring = RingProducer.attach(RingDescriptors(*descriptors))
        self.queue = self._new_queue()

    def _new_queue(self) -> WriteQueue:
        granted = self.attributes
        is_unsigned = isinstance(self.shape, PcmShape) and self.shape.encoding == "u8"
        return WriteQueue(
            self.ring, granted.maxlength, granted.tlength, granted.minreq, silence=b"\x80" if is_unsigned else b"\0"
        )


def heard(timing: Timing, clock: StreamClock, moment: int) -> int:
    """Return what is heard at a moment (ns), in microseconds since the beginning, between two looks of the bus.

    What was taken sounds on while a stream is corked or has run dry; nothing sounds that was not taken, and the
    silence since the queue ran empty comes after what it held.
    """
    frames = timing.read_index // clock.frame_size
    silence = timing.underrun_for // clock.frame_size * _SECOND // clock.rate
    to_come = timing.delay - silence - (moment - timing.taken_at)
    return max(0, frames * _SECOND // clock.rate - max(0, to_come)) // 1000
