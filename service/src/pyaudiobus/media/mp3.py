"""Where the frames of an MP3 lie: one scan over the file. Tags in front and behind are cut off before (tags.py).

`scan` is one function over a file and returns plain arrays, so that a native scan can take its place.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from pyaudiobus.media.index import STEP
from pyaudiobus.media.mp3_header import HEADER, FrameSizes, Mp3Header, free_format_size, parse_header
from pyaudiobus.media.runs import FrameRuns
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span
from pyaudiobus.media.tags import ID3_HEADER, id3_length
from pyaudiobus.media.xing import InfoFrame, parse_info_frame

_CHUNK = 256 * 1024
_RUN = 1 << 20
ANY_SYNC = rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"
"""Sync and layer III in each of the three versions, with or without CRC."""
_HEADERS_AT_START = 2
_HEADERS_AFTER_JUNK = 3


class Mp3Scan(NamedTuple):
    """What a scan found. Frames are whole, of one version, rate and channel count; the Info frame is not among them."""

    header: Mp3Header
    """Of the first frame."""
    info: InfoFrame | None
    spans: list[Span]
    sizes: array[int]
    """Bytes of each frame, in order."""
    bit_rates: set[int]
    warnings: list[str]
    summed: array[int] | None = None
    """running_sums(sizes), where they came for little."""


class FirstFrame(NamedTuple):
    """Where the frames begin and which frames belong to the stream."""

    offset: int
    sizes: FrameSizes


def scan(source: FileSource, first: FirstFrame, end: int, runs: FrameRuns | None = None) -> Mp3Scan:
    """Find all frames from the first one up to `end`, of which there may be none behind an Info frame.

    Junk between frames is left out, and so are frames of another version, rate or channel count than the first:
    a device is set up once for a stream.
    """
    offset, info = _skip_info(source, first)
    sizes = first.sizes.fresh()
    walk = _Walk(source, end, sizes, runs)
    if not sizes.first.bit_rate:
        walk.warnings.append("free format, which few decoders know: it may play as silence")
    walk.run(offset)
    summed = runs.running_sums(walk.lengths, STEP) if runs else None
    return Mp3Scan(sizes.first, info, walk.spans, walk.lengths, sizes.bit_rates, walk.warnings, summed)


def find_first(source: FileSource, start: int, end: int, *, reach: int) -> FirstFrame | None:
    """Find the first frame in [start, start + reach) that is followed by another, or is the last thing before `end`."""
    if start >= end:
        return None
    chunk = source.read(start, min(_CHUNK, end - start))
    sizes = confirmed(chunk, 0, _HEADERS_AT_START, is_all=start + len(chunk) == end)
    if sizes:
        return FirstFrame(start, sizes)
    for base, window, is_last in _windows(source, start, min(end, start + reach), end):
        for match in re.compile(ANY_SYNC).finditer(window, 0, min(_CHUNK, start + reach - base) + 1):
            sizes = confirmed(window, match.start(), _HEADERS_AFTER_JUNK, is_all=is_last)
            if sizes:
                return FirstFrame(base + match.start(), sizes)
    return None


def _skip_info(source: FileSource, first: FirstFrame) -> tuple[int, InfoFrame | None]:
    size = first.sizes[source.read(first.offset, HEADER)]
    info = parse_info_frame(source.read(first.offset, size), first.sizes.first)
    return (first.offset + size if info else first.offset), info


def _windows(source: FileSource, start: int, stop: int, end: int) -> Iterator[tuple[int, bytes, bool]]:
    """Read [start, stop) in chunks, each with enough of what follows to judge the frames that begin in it."""
    for base in range(start, stop, _CHUNK):
        window = source.read(base, min(2 * _CHUNK, end - base))
        yield base, window, base + len(window) == end


def confirmed(data: bytes, first: int, headers: int, *, is_all: bool) -> FrameSizes | None:
    """Judge the bytes at `first` by the headers that must follow; `is_all` if the audio ends where `data` does.

    Where the audio ends after fewer headers, they are enough, and so is the cut off beginning of one more.
    """
    header = parse_header(data[first : first + HEADER])
    if header is None:
        return None
    sizes = FrameSizes(header, 0 if header.bit_rate else free_format_size(data, first))
    at = first
    for _ in range(headers):
        size = sizes[data[at : at + HEADER]]
        if not size:
            return None
        at += size
        if is_all and 0 <= len(data) - at < HEADER and data.startswith(data[at : at + 2], first):
            break
    return sizes


class _Walk:
    """The scan's state: what was found, and the span that is still growing."""

    def __init__(self, source: FileSource, end: int, sizes: FrameSizes, runs: FrameRuns | None) -> None:
        self._runs = runs
        self._source = source
        self._end = end
        self._sizes = sizes
        self.spans: list[Span] = []
        self.lengths = array("H")
        self.warnings: list[str] = []

    def run(self, offset: int) -> None:
        """Collect the frames from `offset` on."""
        start: int | None = offset
        while start is not None:
            stop = self._frames(start) if self._runs is None else self._run(self._runs, start)
            resume, stop = self._resume(start, stop)
            if stop > start:
                self.spans.append(Span(start, stop - start))
            start = resume

    def _frames(self, offset: int) -> int:
        """Take whole frames as long as one follows another; return where the last one ends."""
        sizes, append, end = self._sizes, self.lengths.append, self._end
        while offset < end:
            chunk = self._source.read(offset, min(_CHUNK, end - offset))
            limit = len(chunk)
            at = 0
            size = sizes[chunk[:HEADER]]
            while size and at + size <= limit:
                append(size)
                at += size
                size = sizes[chunk[at : at + HEADER]]
            offset += at
            if not at or (not size and limit - at >= HEADER):
                break
        return offset

    def _run(self, runs: FrameRuns, offset: int) -> int:
        """Do what _frames does, natively."""
        sizes, end = self._sizes, self._end
        head = self._source.read(offset, min(HEADER, end - offset))
        while sizes[head]:
            data = self._source.for_scan(offset, min(_RUN, end - offset))
            try:
                taken, codes = runs.mp3(data, head, sizes.first.rate, sizes.free_size, self.lengths)
            except OSError as error:
                raise self._source.gone(error) from error
            sizes.note(codes)
            offset += taken
            following = bytes(data[taken : taken + HEADER])
            if not taken or (len(following) == HEADER and not sizes[following]):
                break
            head = self._source.read(offset, min(HEADER, end - offset))
        return offset

    def _resume(self, start: int, stop: int) -> tuple[int | None, int]:
        """Find where frames go on after sync was lost at `stop`; return it and where the span really ends.

        When the next frame begins inside the last one, bytes are missing there: that frame is not whole.
        """
        left = self._end - stop
        if left <= 0:
            return None, stop
        head = self._source.read(stop, min(ID3_HEADER, left))
        if self._sizes[head[:HEADER]]:
            self.warnings.append(f"truncated: the last {left} bytes are not a whole frame")
            return None, stop
        last = self.lengths[-1] if stop > start else 0
        resume = self._after_tag(stop, head) or self._search(stop - last + HEADER if last else stop + 1)
        if resume is None:
            self.warnings.append(self._leftover(stop, left))
        elif resume < stop:
            self.lengths.pop()
            stop -= last
            self.warnings.append(f"skipped a frame at offset {stop} that is not whole")
        else:
            self.warnings.append(f"skipped {resume - stop} bytes of junk at offset {stop}")
        return resume, stop

    def _after_tag(self, offset: int, head: bytes) -> int | None:
        """Step over an ID3v2 tag between two files that were joined."""
        following = offset + id3_length(head)
        if following + HEADER <= self._end and self._sizes[self._source.read(following, HEADER)]:
            return following
        return None

    def _search(self, offset: int) -> int | None:
        for base, window, is_last in _windows(self._source, offset, self._end, self._end):
            for match in re.compile(ANY_SYNC).finditer(window, 0, _CHUNK + 1):
                at = match.start()
                size = self._sizes[window[at : at + HEADER]]
                following = at + size
                if size and (
                    self._sizes[window[following : following + HEADER]] or (is_last and following == len(window))
                ):
                    return base + at
        return None

    def _leftover(self, offset: int, left: int) -> str:
        other = find_first(self._source, offset, self._end, reach=1)
        if other is None:
            return f"left out the last {left} bytes, which are no audio"
        header = other.sizes.first
        return (
            f"left out the last {left} bytes, which are at {header.rate} Hz with {header.channels} channel(s): "
            f"one stream has one rate and one channel count"
        )
