"""Reading the stream that is sent: a header and the stretches of a file that hold audio. Not how they are found."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from pyaudiobus.media.source import FileSource

Buffer = bytes | bytearray | memoryview
"""Bytes in memory; anything else a memoryview can be made of works too."""

_READ_AHEAD = 128 * 1024
_CLOSE_BY = 4096


class Span(NamedTuple):
    """A stretch of a file."""

    offset: int
    """Bytes from the start of the file."""
    length: int
    """Bytes."""


class SpanReader:
    """A cursor over the stream bytes: `header`, then the spans of `data` one after another.

    `data` is an open file, or bytes in memory. Views handed out stay valid whatever happens to the reader; with
    `for_kernel` they may be handed to system calls only, and nothing is copied or read ahead.
    """

    def __init__(
        self, data: FileSource | Buffer, header: bytes, spans: Iterable[Span], *, for_kernel: bool = False
    ) -> None:
        self._for_kernel = for_kernel
        self._file = data if isinstance(data, FileSource) else None
        self._memory = memoryview(b"") if isinstance(data, FileSource) else memoryview(data).cast("B")
        self._header = memoryview(header)
        self._offsets = array("Q")
        self._starts = array("Q")
        self._position = 0
        self._window = memoryview(b"")
        self._window_start = 0
        self._total = len(header)
        for offset, length in spans:
            self._offsets.append(offset)
            self._starts.append(self._total)
            self._total += length

    @property
    def position(self) -> int:
        """Stream bytes consumed so far."""
        return self._position

    @property
    def total(self) -> int:
        """Stream bytes in all."""
        return self._total

    @property
    def remaining(self) -> int:
        """Stream bytes not yet consumed."""
        return self._total - self._position

    @property
    def ended(self) -> bool:
        """Everything was consumed."""
        return self._position >= self._total

    def peek(self, size: int) -> memoryview:
        """Return the next min(size, remaining) bytes in one piece, without consuming them.

        They are a view of what was read already, copied together only where they come from several spans.
        MediaError if the file cannot be read any more.
        """
        size = max(0, min(size, self.remaining))
        at = self._position - self._window_start
        if not 0 <= at <= len(self._window) - size:
            self._load(size)
            at = 0
        return self._window[at : at + size]

    def advance(self, count: int) -> None:
        """Consume `count` bytes. ValueError if so many are not left."""
        if not 0 <= count <= self.remaining:
            raise ValueError(f"cannot consume {count} of {self.remaining} bytes")
        self._position += count

    def seek(self, position: int) -> None:
        """Go to a stream byte, 0..total. ValueError outside."""
        if not 0 <= position <= self._total:
            raise ValueError(f"byte {position} is outside 0..{self._total}")
        self._position = position

    def _load(self, size: int) -> None:
        if self._file is not None and not self._for_kernel:
            size = min(max(size, _READ_AHEAD), self.remaining)
        pieces = self._pieces(self._position, size)
        self._window = pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))
        self._window_start = self._position

    def _pieces(self, position: int, size: int) -> list[memoryview]:
        index = bisect_right(self._starts, position) - 1
        if index >= 0 and 0 < size <= self._end(index) - position:  # mostly it is one stretch
            return self._fetch([Span(self._offsets[index] + position - self._starts[index], size)])
        pieces = []
        if position < len(self._header) and size:
            pieces.append(self._header[position : position + size])
            position += len(pieces[0])
            size -= len(pieces[0])
        wanted = []
        while size:
            index = bisect_right(self._starts, position) - 1
            within = position - self._starts[index]
            length = min(size, self._end(index) - position)
            if length:
                wanted.append(Span(self._offsets[index] + within, length))
            position += length
            size -= length
        return pieces + self._fetch(wanted)

    def _end(self, index: int) -> int:
        following = index + 1
        return self._starts[following] if following < len(self._starts) else self._total

    def _fetch(self, wanted: list[Span]) -> list[memoryview]:
        if self._file is None:
            return [self._memory[offset : offset + length] for offset, length in wanted]
        if self._for_kernel and len(wanted) == 1:
            return [self._file.for_kernel(*wanted[0])]
        pieces = []
        for group in _neighbours(wanted):
            first = group[0].offset
            data = memoryview(self._file.read(first, group[-1].offset + group[-1].length - first))
            pieces += [data[offset - first : offset - first + length] for offset, length in group]
        return pieces


def _neighbours(spans: list[Span]) -> list[list[Span]]:
    """Group spans so near to each other that one read is cheaper than several (the pages of an Ogg file)."""
    groups: list[list[Span]] = []
    for span in spans:
        if groups:
            last = groups[-1][-1]
            if 0 <= span.offset - (last.offset + last.length) <= _CLOSE_BY:
                groups[-1].append(span)
                continue
        groups.append([span])
    return groups
