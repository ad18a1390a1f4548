"""One side of a ring that two processes share: the daemon's or its client's, the producer's or the consumer's.

What a ring is made of and why it can be trusted is told in ring.h. Each end belongs to one thread.
Past 300 lines because both ends are read beside each other.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from pyaudiobus.engine.native import ffi, lib
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

PLAYING = 1
CORKED = 2
_NONE = 2**64 - 1
_HOSTILE = -1
_WAKEUPS = 512
"""As many are taken at a time."""


class RingDescriptors(NamedTuple):
    """What a client is given of a ring, in the order in which it is sent."""

    page: int
    data: int
    daemon_event: int
    client_pipe: int


class Fill(Record):
    """What waits to be taken."""

    stored: int
    """Bytes."""
    silence: int
    """Bytes of silence after them."""
    end: int | None
    """Index at which the stream ends; None while more may come."""


class Timing(Record):
    """What the daemon last told of a stream's clock."""

    read_index: int
    """Bytes since the beginning; the first that was not taken yet."""
    taken_at: int
    """CLOCK_MONOTONIC in ns at which that was so."""
    delay: int
    """ns from then until that byte sounds."""
    playing_for: int
    """Bytes since the last start."""
    underrun_for: int
    """Bytes of silence since the queue ran empty."""
    underruns: int
    flags: int
    """PLAYING, CORKED."""


class _RingEnd:
    """What both ends share: the mapping, the descriptors, being woken."""

    is_producer: bool

    def __init__(self, ring: CData, descriptors: CData, *, is_daemon: bool) -> None:
        self._ring = ring
        self._fds = descriptors
        self._is_daemon = is_daemon
        self._open = True

    @classmethod
    def create(cls, capacity: int, frame_size: int, usual: int = 0) -> Self:
        """Make a ring of at least `capacity` bytes, as the daemon does; the peer has the other end.

        `usual`: bytes that are queued at most as a rule, in a playback ring; it uses no more memory then.
        """
        ring, fds = ffi.new("struct ring *"), ffi.new("struct ring_descriptors *")
        _check(lib.ring_create(ring, fds, capacity, usual, frame_size, cls.is_producer), "make")
        return cls(ring, fds, is_daemon=True)

    @classmethod
    def attach(cls, descriptors: RingDescriptors) -> Self:
        """Join a ring that a daemon made; the descriptors belong to this end from now on."""
        ring, fds = ffi.new("struct ring *"), ffi.new("struct ring_descriptors *", [*descriptors, -1])
        try:
            _check(lib.ring_attach(ring, fds), "join")
        except AudiobusError:
            _close_all(descriptors)
            raise
        return cls(ring, fds, is_daemon=False)

    @property
    def capacity(self) -> int:
        """Bytes."""
        return int(self._ring.capacity)

    @property
    def frame_size(self) -> int:
        """Bytes; whatever is stored and taken is a multiple of it."""
        return int(self._ring.frame_size)

    @property
    def handle(self) -> CData:
        """The C ring, for other parts of the engine."""
        return self._ring

    @property
    def descriptors(self) -> RingDescriptors:
        """What to send to the client. They stay open here until give_away() or close()."""
        return RingDescriptors(self._fds.page, self._fds.data, self._fds.daemon_event, self._fds.client_pipe)

    def give_away(self) -> None:
        """Close here what only the client needs; to be called when it was sent."""
        for name in ("page", "data", "client_pipe"):
            descriptor = getattr(self._fds, name)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self._fds, name, -1)

    def fileno(self) -> int:
        """Return the descriptor to poll for reading when this end sleeps; a daemon polls it edge triggered."""
        return int(self._fds.daemon_event if self._is_daemon else self._fds.client_pipe)

    def acknowledge(self) -> None:
        """Take the wakeups that have come. A daemon has nothing to take: see ring.h."""
        if self._is_daemon:
            return
        try:
            while len(os.read(self._fds.client_pipe, _WAKEUPS)) == _WAKEUPS:
                pass
        except BlockingIOError:  # not suppress(): a player that sleeps for a minute does little else when it wakes
            return

    def timing(self) -> Timing | None:
        """Return what the daemon last told; None when it keeps changing it, or has told nothing yet."""
        words = self.timing_words()
        return None if words is None else Timing(*words)

    def timing_words(self) -> tuple[int, int, int, int, int, int, int] | None:
        """Return the same as the fields of Timing in their order."""
        found = ffi.new("struct ring_timing *")
        if not lib.ring_read_timing(self._ring, found) or not found.taken_at:
            return None
        return (
            found.read_index,
            found.taken_at,
            found.delay,
            found.playing_for,
            found.underrun_for,
            found.underruns,
            found.flags,
        )

    def show_timing(self, *words: int) -> None:
        """Tell the client, as the daemon, the fields of Timing in their order."""
        lib.ring_show_times(self._ring, *words)

    def close(self) -> None:
        """Unmap and close; legal twice. Views that were handed out must not be used after it."""
        if not self._open:
            return
        self._open = False
        lib.ring_unmap(self._ring)
        self._close_descriptors()

    def _close_descriptors(self) -> None:
        names = ("page", "data", "daemon_event", "client_pipe", "daemon_pipe")
        _close_all(getattr(self._fds, name) for name in names)

    def __del__(self) -> None:
        """Close the descriptors of an end that nobody closed; memory that was handed out as views stays mapped."""
        if getattr(self, "_open", False):
            self._open = False
            self._close_descriptors()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RingProducer(_RingEnd):
    """The end that stores: a playing client, or the daemon where it records."""

    is_producer = True

    @property
    def written(self) -> int:
        """Index at which the stored bytes end."""
        return int(self._ring.written)

    @property
    def taken(self) -> int:
        """Index up to which the consumer had taken them when space() looked."""
        return int(self._ring.taken)

    def space(self) -> int:
        """Return how many bytes can be stored at `written`. PeerError where the consumer's index cannot be true."""
        space: int = lib.ring_space(self._ring)
        if space == _HOSTILE:
            raise PeerError("the other end of a ring shows a read index that cannot be true")
        return space

    def view(self, index: int, size: int) -> memoryview:
        """Return the memory of `size` bytes from an index on, all within the capacity; publish() shows them.

        A view that was returned before is not to be stored to any more.
        """
        return memoryview(ffi.buffer(lib.ring_reserve(self._ring, index, size), size))

    def store(self, index: int, data: memoryview) -> bool:
        """Store bytes from an index on, all within space(); publish() shows them.

        They may lie in a mapped file; False: that does not have them any more.
        """
        return not lib.ring_store(self._ring, index, ffi.from_buffer("unsigned char[]", data), len(data))

    def publish(self, written: int, silent_until: int = 0) -> None:
        """Show that the stored bytes end at `written`, and that silence follows up to `silent_until`."""
        lib.ring_publish(self._ring, written, silent_until)

    def mark_end(self, end: int | None) -> None:
        """Mark the index at which the stream ends, or that more may come."""
        lib.ring_mark_end(self._ring, _NONE if end is None else end)

    def want_space(self, index: int) -> bool:
        """Ask to be woken once all before `index` was taken. True: it was already, do not sleep."""
        return bool(lib.ring_want_space(self._ring, index))


class RingConsumer(_RingEnd):
    """The end that takes: the daemon where it plays, or a recording client."""

    is_producer = False

    @property
    def taken(self) -> int:
        """Index up to which bytes were taken."""
        return int(self._ring.taken)

    def begin(self, index: int) -> None:
        """Count from an index on instead of 0; before the ring is given to anybody."""
        lib.ring_begin(self._ring, index)

    def shown(self) -> int:
        """Return up to where was taken as the page shows it, which a client can falsify; the ring may be lent."""
        return int(lib.ring_shown_taken(self._ring))

    def look(self) -> Fill:
        """Return what waits. PeerError where the producer's indexes cannot be true."""
        fill = ffi.new("struct ring_fill *")
        if lib.ring_look(self._ring, fill) == _HOSTILE:
            raise PeerError("the other end of a ring shows a write index that cannot be true")
        return Fill(fill.stored, fill.silence, None if fill.end == _NONE else fill.end)

    def filled(self) -> int:
        """Return the index up to which bytes are stored. PeerError where that cannot be true."""
        filled: int = lib.ring_filled(self._ring)
        if filled == _HOSTILE:
            raise PeerError("the other end of a ring shows a write index that cannot be true")
        return filled

    @property
    def end(self) -> int | None:
        """Index at which the stream ends; None while more may come."""
        end: int = lib.ring_end(self._ring)
        return None if end == _NONE else end

    def view(self, size: int) -> memoryview:
        """Return the next `size` stored bytes, read only; they stay until take()."""
        return memoryview(ffi.buffer(lib.ring_at(self._ring, self._ring.taken), size)).toreadonly()

    def view_at(self, index: int, size: int) -> memoryview:
        """Return `size` stored bytes from an index on that was not taken yet, read only; they stay until take()."""
        return memoryview(ffi.buffer(lib.ring_at(self._ring, index), size)).toreadonly()

    def take(self, size: int) -> None:
        """Give the next `size` bytes, stored or silent, back to the producer."""
        lib.ring_take(self._ring, self._ring.taken + size)

    def want_data(self, index: int) -> bool:
        """Ask to be woken once there are bytes up to `index` or the end is marked. True: so it is, do not sleep."""
        return bool(lib.ring_want_data(self._ring, index))

    def want_more(self, index: int) -> bool:
        """Do the same where an end is marked already, and is not what is waited for."""
        return bool(lib.ring_want_more(self._ring, index))


def _check(result: int, verb: str) -> None:
    if result == 0:
        return
    words = os.strerror(-result)
    if result == -errno.EPROTO:
        raise PeerError(f"cannot {verb} a ring: the descriptors are no ring of this version")
    raise AudiobusError(f"cannot {verb} a ring: {words.lower()}")


def _close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        if descriptor >= 0:
            os.close(descriptor)
