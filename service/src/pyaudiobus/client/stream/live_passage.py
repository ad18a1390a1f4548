"""The rest of a live stream from a place in it on, as a graph source. Where that is was found before."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.client.encoded_source import PassageIndex
from pyaudiobus.media.entry import Entry
from pyaudiobus.model.frame_index import FrameIndex


class Coming(Protocol):
    """The stream."""

    @property
    def index(self) -> FrameIndex:
        """Where its frames lie."""

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come."""

    @property
    def prefill(self) -> int:
        """Bytes that are enough for a device to begin with."""

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes."""

    def advance(self, count: int) -> None:
        """Take bytes."""


class Kept:
    """A cursor over what is in memory; of what is not, it gives nothing."""

    def __init__(self, data: memoryview, begin: int) -> None:
        self._data = data
        self._begin = self._at = begin

    def seek(self, position: int) -> None:
        """Go to a stream byte."""
        self._at = position

    def peek(self, size: int) -> memoryview:
        """Return the next bytes."""
        at = self._at - self._begin
        return self._data[at : at + size] if at >= 0 else self._data[:0]


class LivePassage:
    """What must come first, and the rest of a stream."""

    def __init__(self, whole: Coming, entry: Entry, doubt: int) -> None:
        """`doubt` is by how many PCM frames the place may be wrong."""
        self.doubt = doubt
        self.index = PassageIndex(whole.index, entry, whole.index.frames_at(entry.byte))
        self._whole = whole
        self._prefix = memoryview(entry.prefix)

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come."""
        return not len(self._prefix) and self._whole.ended

    @property
    def prefill(self) -> int:
        """Bytes that are enough for a device to begin with."""
        return self._whole.prefill

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes; fewer where no more came yet."""
        if not len(self._prefix):
            return self._whole.peek(size)
        more = self._whole.peek(max(0, size - len(self._prefix)))
        return memoryview(b"".join((self._prefix, more)))[:size]

    def advance(self, count: int) -> None:
        """Take bytes."""
        first = min(count, len(self._prefix))
        self._prefix = self._prefix[first:]
        self._whole.advance(count - first)
