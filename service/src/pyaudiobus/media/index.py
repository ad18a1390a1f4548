"""From stream bytes to PCM frames and back, exact to one encoded frame. Who found the frames does not matter here."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

STEP = 16
"""Encoded frames between two marks: a look-up adds up fewer sizes than this."""


class TimeIndex:
    """Where every encoded frame of a stream lies, in bytes as sent and in PCM frames.

    Two bytes an encoded frame for MP3 and four for FLAC, and a mark for every 16 of them: 4 MiB for ten hours.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        durations: Sequence[int] | int,
        *,
        header: int = 0,
        last: int = 0,
        summed: array[int] | None = None,
    ) -> None:
        """Describe `header` bytes and then encoded frames of these sizes (bytes) and durations (PCM frames).

        `durations` may be one number for all; `last` is then the duration of the last frame if it differs.
        `summed` is what running_sums(sizes) returns, if somebody has it already.
        """
        self._bytes = _Marks(sizes, header, summed)
        if isinstance(durations, int):
            self._frames: _Marks | _Steps = _Steps(durations, len(sizes), last or durations)
        else:
            self._frames = _Marks(durations, 0)
        self._header = header
        self.total_bytes = self._bytes.total
        self.total_frames = self._frames.total

    def frames_at(self, byte: int) -> int:
        """PCM frames that the stream bytes [0, byte) contain: exact between encoded frames, linear inside one."""
        if byte <= self._header:
            return 0
        if byte >= self.total_bytes:
            return self.total_frames
        number, start, size = self._bytes.find(byte)
        first, duration = self._frames.at(number)
        return first + duration * (byte - start) // size

    def byte_at(self, frame: int) -> int:
        """Where the encoded frame begins that contains this PCM frame; the end of the stream past the last one."""
        if frame >= self.total_frames:
            return self.total_bytes
        number = self._frames.find(max(0, frame))[0]
        return self._bytes.at(number)[0]

    def number_at(self, byte: int) -> int:
        """Which encoded frame contains this stream byte, from 0; the first for a byte of the header."""
        return self._bytes.find(max(byte, self._header))[0]

    def boundary_at(self, byte: int) -> int:
        """Where the encoded frame begins that contains this stream byte; 0 inside the header, which must be resent."""
        if byte < self._header:
            return 0
        if byte >= self.total_bytes:
            return self.total_bytes
        return self._bytes.find(byte)[1]

    def count_at(self, byte: int) -> int:
        """How many encoded frames end at or before this stream byte."""
        if byte < self._header or byte >= self.total_bytes:
            return self._bytes.count if byte >= self.total_bytes else 0
        return self._bytes.find(byte)[0]


def running_sums(values: Sequence[int]) -> array[int]:
    """Return the sum of the values before every STEP-th of them, and the sum of all at the end."""
    sums = array("Q", (0,))
    for first in range(0, len(values), STEP):
        sums.append(sums[-1] + sum(values[first : first + STEP]))
    return sums


class _Marks:
    """Running sums of small numbers, with a mark every STEP of them."""

    def __init__(self, values: Sequence[int], start: int, summed: array[int] | None = None) -> None:
        self._values = values
        self._marks = running_sums(values) if summed is None else summed
        if start:
            self._marks = array("Q", (start + mark for mark in self._marks))
        self.total = self._marks.pop()
        self.count = len(values)

    def at(self, number: int) -> tuple[int, int]:
        """Return where value `number` begins, and the value."""
        block = number // STEP
        begin = self._marks[block] + sum(self._values[block * STEP : number])
        return begin, self._values[number]

    def find(self, place: int) -> tuple[int, int, int]:
        """Return number, begin and value of what contains `place`, which must lie inside."""
        block = bisect_right(self._marks, place) - 1
        first = block * STEP
        values = self._values[first : first + STEP]
        begins = list(accumulate(values, initial=self._marks[block]))
        within = bisect_right(begins, place) - 1
        return first + within, begins[within], values[within]


class _Steps:
    """The same for numbers that are all equal but for the last."""

    def __init__(self, step: int, count: int, last: int) -> None:
        self._step = step
        self._count = count
        self._last = last
        self.total = step * (count - 1) + last if count else 0

    def at(self, number: int) -> tuple[int, int]:
        """Return where value `number` begins, and the value."""
        return number * self._step, self._last if number == self._count - 1 else self._step

    def find(self, place: int) -> tuple[int, int, int]:
        """Return number, begin and value of what contains `place`, which must lie inside."""
        number = min(place // self._step, self._count - 1)
        begin, value = self.at(number)
        return number, begin, value
