"""PulseAudio's stream queue on a ring: where the next byte goes, what a gap sounds like, what is too much.

Indexes are bytes since the beginning. One program writes; the bus takes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from pyaudiobus.engine.ring import RingProducer
from pyaudiobus.errors import UserError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class Seek(Enum):
    """What an offset counts from, as PulseAudio's seek modes."""

    RELATIVE = "relative"
    """The write index."""
    ABSOLUTE = "absolute"
    """The beginning."""
    RELATIVE_ON_READ = "relative on read"
    """The read index: what the bus takes next."""
    RELATIVE_END = "relative end"
    """The end of the last byte that is stored."""


class WriteQueue:
    """What a playing program has written, and may still change."""

    def __init__(
        self, ring: RingProducer, maxlength: int, tlength: int, minreq: int, *, silence: bytes = b"\0"
    ) -> None:
        """Begin with nothing, where the ring does; `silence` is the byte of which it consists."""
        self._ring = ring
        self._silence = silence
        self._end = ring.written
        self.index = ring.written
        """The write index: where the next byte goes. Below zero after a seek before the beginning."""
        self.overflows = 0
        self.set_lengths(maxlength, tlength, minreq)

    def set_lengths(self, maxlength: int, tlength: int, minreq: int) -> None:
        """Follow the buffer attributes."""
        self.maxlength = min(maxlength, self._ring.capacity)
        self.tlength = tlength
        self.minreq = minreq

    @property
    def taken(self) -> int:
        """The read index. PeerError where the bus lies."""
        self._ring.space()
        return self._ring.taken

    def queued(self) -> int:
        """Return how many bytes wait, gaps included."""
        return max(0, self.index - self.taken)

    def wanted(self) -> int:
        """Return how many bytes the bus would like to have now: up to tlength."""
        return max(0, self.tlength - (self.index - self.taken))

    def sleep_until_wanted(self) -> bool:
        """Ask to be woken when `minreq` bytes are wanted. True: so it is already."""
        return self._ring.want_space(max(0, self.index + self.minreq - self.tlength))

    def sleep_until_taken(self, index: int) -> bool:
        """Ask to be woken when the bus has taken all before an index. True: it has."""
        return self._ring.want_space(index)

    def write(self, data: Buffer, offset: int = 0, seek: Seek = Seek.RELATIVE) -> bool:
        """Store whole frames at a place. False: more than maxlength would have been queued, and they are lost.

        What lies before the read index is lost as well; a gap behind what was stored plays as silence.
        """
        view = memoryview(data).cast("B")
        self.check_whole(len(view))
        self.check_whole(offset)
        taken = self.taken
        self.index = self._base(seek, taken) + offset
        end = self.index + len(view)
        is_stored = not len(view) or end <= self._end or end - taken <= self.maxlength
        if is_stored:
            self._store(view, taken)
        else:
            self.overflows += 1
        self.index = end
        self._publish()
        return is_stored

    def store(self, size: int, fill: Callable[[memoryview], int]) -> int:
        """Let `fill` store up to `size` bytes in the ring itself, next after all that is stored; it returns how many.

        Return that. Half a frame at the end is lost.
        """
        start = max(self.index, self.taken)
        made = fill(self._ring.view(start, size)) // self._ring.frame_size * self._ring.frame_size
        self.index = self._end = start + made
        self._ring.publish(self.index)
        return made

    def follow(self) -> None:
        """Go on after what was stored in the ring without this."""
        self.index = self._end = self._ring.written

    def check_whole(self, size: int) -> None:
        """UserError where a size or an offset is no whole number of frames: channels would change places."""
        if size % self._ring.frame_size:
            raise UserError(f"{size} bytes are no whole number of frames of {self._ring.frame_size} bytes")

    def flush(self) -> None:
        """Drop all that waits; the next byte is the next one heard."""
        self.index = self._end = self.taken
        self._publish()
        self.index = self._end = max(self.index, self.taken)
        self._publish()

    def mark_end(self) -> None:
        """Say that nothing comes after what was written."""
        self._ring.mark_end(self.index)

    def reopen(self) -> None:
        """Take the end mark away: more comes."""
        self._ring.mark_end(None)

    def _base(self, seek: Seek, taken: int) -> int:
        return {
            Seek.RELATIVE: self.index,
            Seek.ABSOLUTE: 0,
            Seek.RELATIVE_ON_READ: taken,
            Seek.RELATIVE_END: max(self._end, taken),
        }[seek]

    def _store(self, view: memoryview, taken: int) -> None:
        start, end = max(self.index, taken), self.index + len(view)
        if start >= end:
            return
        gap = max(self._end, taken)
        if start > gap:
            self._ring.view(gap, start - gap)[:] = self._silence * (start - gap)
        self._ring.view(start, end - start)[:] = view[start - self.index :]
        self._end = max(self._end, end)

    def _publish(self) -> None:
        if self.index <= self._end:
            self._ring.publish(max(0, self.index))
        else:
            self._ring.publish(max(self._end, min(self._ring.taken, self.index)), self.index)
