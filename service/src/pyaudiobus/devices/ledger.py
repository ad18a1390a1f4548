"""What was written to a compress device and what it took: 64-bit counts, and the room that is really there."""

from __future__ import annotations

import threading

from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.node import CompressNode
from pyaudiobus.errors import DeviceError

WRAP = 1 << 32
"""Where the counters of kernels before 6.18 begin again at 0."""
_NEVER = 1 << 63


class WideCounter:
    """A counter of the driver, continued past 32 bits; a driver that starts anew holds it still for a moment."""

    def __init__(self) -> None:
        self.value = 0
        self.last = 0

    def follow(self, reading: int, *, wide: bool) -> int:
        """Take a new reading; return the count since the start, which never goes back."""
        step = reading - self.last
        if not wide:
            step %= WRAP
            if step >= WRAP // 2:
                step = -1
        self.value += max(0, step)
        self.last = reading
        return self.value

    def restart(self, reading: int) -> None:
        """Count from 0 again, whatever the driver's own count is now."""
        self.value = 0
        self.last = reading


class Ledger:
    """The books of one configured stream.

    The kernel's own `avail` is not believed: before 6.18 it is 64-bit bytes written minus a 32-bit counter, so that
    after 4 GiB it is beyond the ring and write() lays new data over what was not yet read.
    """

    def __init__(self, node: CompressNode, ring_size: int = 0) -> None:
        self.written = 0
        self._node = node
        self._ring_size = ring_size
        self._taken = WideCounter()
        self._rendered = WideCounter()
        self._free_until = 0
        """How much could have been written in all when that was asked last: the driver only takes more since."""
        self._track_at = _NEVER
        self._skip = self._skipped = 0
        self._order = threading.Lock()  # a reading must be booked before the next is taken

    def room(self, operation: str) -> int:
        """Bytes that fit into the ring now; DeviceError, naming the operation, in OPEN (EBADFD) and XRUN (EPIPE)."""
        with self._order:
            taken = self._own(self._taken.follow(self._node.copied(operation), wide=self._node.wide))
        room = self._ring_size - max(0, self.written - taken)
        self._free_until = self.written + room
        return room

    def room_for(self, size: int, operation: str) -> int:
        """Do the same, without asking again where there was room for so many bytes before."""
        known = self._free_until - self.written
        return known if size <= known else self.room(operation)

    def progress(self) -> Progress:
        """Bytes taken and frames rendered since SET_PARAMS or the last STOP."""
        wide = self._node.wide
        with self._order:
            return self._progress(*self._node.timestamp(), wide=wide)

    def _progress(self, copied: int, frames: int, rate: int, *, wide: bool) -> Progress:
        taken = self._own(self._taken.follow(copied, wide=wide))
        rendered = self._rendered.follow(frames, wide=wide) if rate else None
        return Progress(min(taken, self.written), rendered, rate)

    def lend(self) -> tuple[int, int] | None:
        """Return the driver's own count, and the bytes that it has not taken by that; None at a change of tracks."""
        with self._order:
            taken = self._own(self._taken.value)
            if self._skip and taken <= self._track_at:
                return None
            return self._taken.last, max(0, self.written - taken)

    def book(self, sent: int, copied: int, frames: int, rate: int) -> Progress:
        """Note what was written, and what the driver said, while this was lent."""
        with self._order:
            self.written += sent
            self._free_until = 0
            return self._progress(copied, frames, rate, wide=self._node.wide)

    def begin_track(self, fragment_size: int) -> None:
        """Book that what is written from now on begins on a fragment's edge, and what lies before it counts as taken.

        q6asm does so at a change of tracks, and the kernel's core does not know (q6asm_dai_compr_copy).
        """
        with self._order:
            self._skipped += self._skip
            self._track_at = self.written
            self._free_until = 0
            self._skip = -(self.written + self._skipped) % fragment_size

    def _own(self, copied: int) -> int:
        """Return how much of what was written the driver took; it may be ahead of that where it rounds up."""
        taken = copied - self._skipped
        return taken if taken <= self._track_at else max(self._track_at, taken - self._skip)

    @property
    def poll_is_wrong(self) -> bool:
        """Whether the kernel's counters have parted, so that poll() always says there is room."""
        return not self._node.wide and self._taken.value >= WRAP

    def restart(self) -> None:
        """Begin at 0 after STOP, also where the driver (q6asm) goes on counting."""
        with self._order:
            try:
                copied, frames, _rate = self._node.timestamp()
            except DeviceError:
                copied = frames = 0
            self.written = self._free_until = self._skip = self._skipped = 0
            self._track_at = _NEVER
            self._taken.restart(copied)
            self._rendered.restart(frames)
