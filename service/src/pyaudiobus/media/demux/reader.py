"""Reading the stream that is sent: packets from a store, each in its framing, behind a header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pyaudiobus.media.demux.store import PacketStore
from pyaudiobus.media.index import TimeIndex

_READ_AHEAD = 64 * 1024


class Framing(Protocol):
    """How one packet looks in the stream."""

    def size(self, size: int) -> int:
        """Bytes that a packet of `size` bytes becomes."""

    def frame(self, packet: bytes, number: int) -> bytes:
        """Return packet `number` of the stream as it is sent."""


class Bare:
    """Packets one behind the other."""

    def size(self, size: int) -> int:
        """As many."""
        return size

    def frame(self, packet: bytes, number: int) -> bytes:
        """Return it."""
        del number
        return packet


class PacketReader:
    """A cursor over a header and framed packets. Views handed out stay valid whatever happens to the reader."""

    def __init__(self, header: bytes, store: PacketStore, framing: Framing, index: TimeIndex) -> None:
        self._header = header
        self._store = store
        self._framing = framing
        self._index = index
        self._window = memoryview(b"")
        self._window_start = 0
        self._position = 0
        self._framed: Iterator[bytes] = iter(())
        self._next_at = -1
        """Stream byte at which the next packet begins that is not in the window; -1: look for it."""

    @property
    def position(self) -> int:
        """Stream bytes consumed so far."""
        return self._position

    @property
    def total(self) -> int:
        """Stream bytes in all."""
        return self._index.total_bytes

    @property
    def remaining(self) -> int:
        """Stream bytes not yet consumed."""
        return self.total - self._position

    @property
    def ended(self) -> bool:
        """Everything was consumed."""
        return self._position >= self.total

    def peek(self, size: int) -> memoryview:
        """Return the next min(size, remaining) bytes in one piece, without consuming them. MediaError."""
        size = max(0, min(size, self.remaining))
        at = self._position - self._window_start
        if not 0 <= at <= len(self._window) - size:
            self._load(size)
            at = self._position - self._window_start
        return self._window[at : at + size]

    def advance(self, count: int) -> None:
        """Consume `count` bytes. ValueError if so many are not left."""
        if not 0 <= count <= self.remaining:
            raise ValueError(f"cannot consume {count} of {self.remaining} bytes")
        self._position += count

    def seek(self, position: int) -> None:
        """Go to a stream byte, 0..total. ValueError outside."""
        if not 0 <= position <= self.total:
            raise ValueError(f"byte {position} is outside 0..{self.total}")
        self._position = position

    def _load(self, size: int) -> None:
        wanted = min(max(size, _READ_AHEAD), self.remaining)
        pieces = self._kept()
        have = sum(len(piece) for piece in pieces) - (self._position - self._window_start)
        while have < wanted:
            piece = next(self._framed)
            self._next_at += len(piece)
            pieces.append(memoryview(piece))
            have += len(piece)
        self._window = memoryview(b"".join(pieces))

    def _kept(self) -> list[memoryview]:
        """Return what the window has of what comes next; where it has nothing, go to the packet that holds it."""
        at = self._position - self._window_start
        if self._next_at >= 0 and 0 <= at <= len(self._window):
            self._window_start = self._position
            return [self._window[at:]]
        return self._begin()

    def _begin(self) -> list[memoryview]:
        if self._position < len(self._header):
            self._window_start, self._next_at = 0, len(self._header)
            self._framed = self._frames(0)
            return [memoryview(self._header)]
        self._window_start = self._next_at = self._index.boundary_at(self._position)
        self._framed = self._frames(self._index.number_at(self._position))
        return []

    def _frames(self, first: int) -> Iterator[bytes]:
        for number, packet in enumerate(self._store.packets(first), first):
            yield self._framing.frame(packet, number)
