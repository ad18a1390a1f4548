"""An encoded file's bytes as a graph source, from the first or from anywhere in it."""

from __future__ import annotations

from pyaudiobus.graph.source import Passage
from pyaudiobus.media.encoded_file import Presentation, StreamReader
from pyaudiobus.media.entry import Entry, find_entry, find_settled
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.model.frame_index import FrameIndex


class EncodedSource:
    """One encoded file, in one of the forms it can be sent in."""

    def __init__(self, way: Presentation, *, for_kernel: bool) -> None:
        self.index = way.index
        self._way = way
        self._for_kernel = for_kernel
        self._reader = way.reader(for_kernel=for_kernel)

    @property
    def ended(self) -> bool:
        """True once every byte was taken."""
        return self._reader.ended

    def peek(self, size: int) -> memoryview:
        """Up to `size` contiguous bytes."""
        return self._reader.peek(size)

    def advance(self, count: int) -> None:
        """Take bytes."""
        self._reader.advance(count)

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Return the bytes from which a PCM frame is heard. MediaError."""
        way = self._way
        find = find_settled if settled else find_entry
        entry = find(way, frame)
        reader = way.reader(for_kernel=self._for_kernel)
        reader.seek(entry.byte)
        return Passage(EncodedPassage(reader, way.index, entry), entry.frame)


class EncodedPassage:
    """The rest of an encoded file, with what must come first."""

    def __init__(self, reader: StreamReader, index: TimeIndex, entry: Entry) -> None:
        self.index: FrameIndex = PassageIndex(index, entry, index.frames_at(entry.byte))
        self._prefix = memoryview(entry.prefix)
        self._reader = reader

    @property
    def ended(self) -> bool:
        """True once every byte was taken."""
        return not len(self._prefix) and self._reader.ended

    def peek(self, size: int) -> memoryview:
        """Up to `size` contiguous bytes."""
        if not len(self._prefix):
            return self._reader.peek(size)
        more = self._reader.peek(max(0, size - len(self._prefix)))
        return memoryview(b"".join((self._prefix, more)))[:size]

    def advance(self, count: int) -> None:
        """Take bytes."""
        first = min(count, len(self._prefix))
        self._prefix = self._prefix[first:]
        self._reader.advance(count - first)


class PassageIndex:
    """Where the bytes of a passage lie in time, counted from its first."""

    def __init__(self, index: FrameIndex, entry: Entry, before: int) -> None:
        """`before` is how many PCM frames of the stream come before the entry."""
        self._index = index
        self._byte = entry.byte
        self._prefix = len(entry.prefix)
        self._silent = entry.silent
        self._before = before

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole passage."""
        return self._prefix + self._index.total_bytes - self._byte

    @property
    def total_frames(self) -> int:
        """PCM frames of the whole passage."""
        return self._silent + self._index.total_frames - self._before

    def frames_at(self, byte: int) -> int:
        """PCM frames that the bytes before `byte` decode to."""
        if byte < self._prefix:
            return self._silent * max(0, byte) // self._prefix
        return self._silent + self._index.frames_at(self._byte + byte - self._prefix) - self._before

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds PCM frame `frame`."""
        if frame < self._silent:
            return 0
        return self._index.byte_at(frame - self._silent + self._before) - self._byte + self._prefix
