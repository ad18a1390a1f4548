"""Several encoded files as one: their bytes one behind the other, and nothing that tells where the next one begins."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from pyaudiobus.media.encoded_file import EncodedFile, Presentation, StreamReader
from pyaudiobus.media.index import TimeIndex


def join_files(files: Sequence[EncodedFile]) -> EncodedFile:
    """Return what sends these files, all of one form, one behind the other: what encoders added between them too."""
    first = files[0]
    form = first.form.replace(encoder_delay=0, encoder_padding=0)
    index = JoinedIndex([file.index for file in files])

    def open_reader(for_kernel: bool) -> StreamReader:  # noqa: FBT001  # as Presentation calls it
        return JoinedReader([file.reader(for_kernel=for_kernel) for file in files])

    def close() -> None:
        for file in files:
            file.close()

    return EncodedFile(
        first.path,
        [Presentation(form, first.header, index, open_reader)],
        container=first.container,
        bit_rate_mode=first.bit_rate_mode,
        first_frame_offset=first.first_frame_offset,
        warnings=[f"{file.path}: {text}" for file in files for text in file.warnings],
        close=close,
    )


class JoinedIndex(TimeIndex):
    """Where every encoded frame of all of them lies."""

    def __init__(self, parts: Sequence[TimeIndex]) -> None:
        self._parts = parts
        self._first_bytes = [0, *accumulate(part.total_bytes for part in parts)]
        self._first_frames = [0, *accumulate(part.total_frames for part in parts)]
        self.total_bytes = self._first_bytes.pop()
        self.total_frames = self._first_frames.pop()

    def frames_at(self, byte: int) -> int:
        """PCM frames that the bytes before `byte` decode to."""
        number = max(0, bisect_right(self._first_bytes, byte) - 1)
        return self._first_frames[number] + self._parts[number].frames_at(byte - self._first_bytes[number])

    def byte_at(self, frame: int) -> int:
        """Where the encoded frame begins that contains this PCM frame; the end of it all past the last one."""
        number = max(0, bisect_right(self._first_frames, frame) - 1)
        return self._first_bytes[number] + self._parts[number].byte_at(frame - self._first_frames[number])


class JoinedReader:
    """A cursor over the bytes of all of them."""

    def __init__(self, readers: Sequence[StreamReader]) -> None:
        self._readers = readers
        self._starts = [0, *accumulate(reader.total for reader in readers)]
        self.total = self._starts.pop()
        self.position = 0

    @property
    def remaining(self) -> int:
        """Bytes not yet consumed."""
        return self.total - self.position

    @property
    def ended(self) -> bool:
        """Everything was consumed."""
        return not self.remaining

    def peek(self, size: int) -> memoryview:
        """Return the next min(size, remaining) bytes in one piece. MediaError."""
        number = self._number()
        found = self._readers[number].peek(size)
        pieces = [found]
        left = min(size, self.remaining) - len(found)
        while left > 0:
            number += 1
            self._readers[number].seek(0)
            pieces.append(self._readers[number].peek(left))
            left -= len(pieces[-1])
        return found if len(pieces) == 1 else memoryview(b"".join(pieces))

    def advance(self, count: int) -> None:
        """Consume `count` bytes. ValueError if so many are not left."""
        self.seek(self.position + count)

    def seek(self, position: int) -> None:
        """Go to a byte of them all, 0..total. ValueError outside."""
        if not 0 <= position <= self.total:
            raise ValueError(f"byte {position} is not among {self.total}")
        self.position = position
        number = self._number()
        self._readers[number].seek(position - self._starts[number])

    def _number(self) -> int:
        return max(0, bisect_right(self._starts, self.position) - 1)
