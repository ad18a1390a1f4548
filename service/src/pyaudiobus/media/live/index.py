"""Where the bytes of a stream lie in time, as far as it has come; beyond that, a guess by what came."""

from __future__ import annotations

from array import array
from bisect import bisect_right

ENDLESS = 1 << 62
"""Bytes and PCM frames of a stream whose end is not known."""
_TRIM = 4096
"""Encoded frames that are forgotten at a time."""


class LiveIndex:
    """A FrameIndex of a stream that is still coming. It remembers the last `memory` bytes frame by frame."""

    def __init__(self, header: int, bytes_per_frame: float, memory: int) -> None:
        """`header` is how many bytes precede the frames; `bytes_per_frame` (PCM) is what to guess by."""
        self._header = header
        self._guess = bytes_per_frame
        self._memory = memory
        self._bytes = array("q", (header,))
        self._frames = array("q", (0,))
        self._begin = header
        self._first = 0
        self._has_ended = False

    @property
    def known_bytes(self) -> int:
        """Stream bytes that came."""
        return self._bytes[-1]

    @property
    def known_frames(self) -> int:
        """PCM frames in them."""
        return self._frames[-1]

    @property
    def first_remembered(self) -> int:
        """The first PCM frame whose place is still known exactly."""
        return self._frames[0]

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole stream once it has ended."""
        return self._bytes[-1] if self._has_ended else ENDLESS

    @property
    def total_frames(self) -> int:
        """PCM frames of the whole stream once it has ended."""
        return self._frames[-1] if self._has_ended else ENDLESS

    @property
    def bytes_per_frame(self) -> float:
        """Bytes of a PCM frame, on the average of what came since the stream was begun, or sought in."""
        came = self._frames[-1] - self._first
        return (self._bytes[-1] - self._begin) / came if came else self._guess

    def append(self, size: int, frames: int) -> None:
        """One more encoded frame came."""
        self._bytes.append(self._bytes[-1] + size)
        self._frames.append(self._frames[-1] + frames)
        if len(self._bytes) > 2 * _TRIM and self._bytes[-1] - self._bytes[_TRIM] > self._memory:
            del self._bytes[:_TRIM], self._frames[:_TRIM]

    def end(self) -> None:
        """No more comes."""
        self._has_ended = True

    def begin_again(self, byte: int, frame: int) -> None:
        """The stream goes on at another place: with this PCM frame, as this byte."""
        self._guess = self.bytes_per_frame
        self._bytes, self._frames = array("q", (byte,)), array("q", (frame,))
        self._begin, self._first = byte, frame
        self._has_ended = False

    def frames_at(self, byte: int) -> int:
        """PCM frames before a stream byte: exact between encoded frames that are remembered."""
        if byte <= self._header:
            return 0
        if byte >= self._bytes[-1]:
            beyond = 0 if self._has_ended else round((byte - self._bytes[-1]) / self.bytes_per_frame)
            return self._frames[-1] + beyond
        if byte <= self._bytes[0]:
            share = (byte - self._header) / max(1, self._bytes[0] - self._header)
            return int(self._frames[0] * share)
        at = bisect_right(self._bytes, byte) - 1
        size, frames = self._bytes[at + 1] - self._bytes[at], self._frames[at + 1] - self._frames[at]
        return self._frames[at] + frames * (byte - self._bytes[at]) // size

    def byte_at(self, frame: int) -> int:
        """Where the encoded frame begins that holds a PCM frame; a guess where it did not come, or is forgotten."""
        if frame >= self._frames[-1]:
            beyond = 0 if self._has_ended else int((frame - self._frames[-1]) * self.bytes_per_frame)
            return self._bytes[-1] + beyond
        if frame <= self._frames[0]:
            share = max(0, frame) / max(1, self._frames[0])
            return self._header + int((self._bytes[0] - self._header) * share)
        return self._bytes[bisect_right(self._frames, frame) - 1]

    def boundary_at(self, byte: int) -> int:
        """Where the encoded frame begins that holds a stream byte; 0 inside the header, which must be resent."""
        if byte < self._header:
            return 0
        at = bisect_right(self._bytes, byte) - 1
        return self._bytes[max(0, at)]
