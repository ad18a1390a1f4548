"""Where the frames of a native FLAC file lie, and its STREAMINFO; other metadata (pictures, padding) is dropped."""

from __future__ import annotations

from array import array
from typing import NamedTuple

from pyaudiobus.errors import MediaError
from pyaudiobus.media.flac_frame import frame_length, is_whole
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    FEWEST_BITS,
    LAST_BLOCK,
    STREAMINFO,
    FrameHeader,
    StreamInfo,
    coded_number,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.runs import FrameRuns
from pyaudiobus.media.sniff import FLAC_MAGIC
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span

_CHUNK = 512 * 1024
_RUN = 16 << 20
_INVALID_BLOCK = 127
NUMBER_AT = 4
LONGEST_HEADER = 16
_NOTHING_KNOWN = StreamInfo(0, 0, 0, 0, 0, 1, 1, 0, bytes(16))


class FlacScan(NamedTuple):
    """What a scan found."""

    info: StreamInfo
    stream_info: bytes
    """The block's 34 bytes: the file's own unless they were broken."""
    spans: list[Span]
    sizes: array[int]
    """Bytes of each frame, in order."""
    durations: array[int]
    """PCM frames of each."""
    warnings: list[str]


def native_header(stream_info: bytes) -> bytes:
    """Return the 42 bytes that begin a native stream with no other metadata."""
    return FLAC_MAGIC + bytes((LAST_BLOCK, 0, 0, STREAMINFO)) + stream_info


def scan(source: FileSource, start: int, end: int, runs: FrameRuns | None = None) -> FlacScan:
    """Find all frames of the native stream whose magic is at `start` and which ends before `end`.

    A frame is believed when sync, checksum, STREAMINFO and the number that must come next agree; the frame's
    own checksum decides at the end and around damage. MediaError if there is no frame that can be read.
    """
    body, offset, warnings = _metadata(source, start + len(FLAC_MAGIC), end)
    info = parse_stream_info(body) if body else _NOTHING_KNOWN
    walk = _Walk(source, end, info, warnings, runs)
    found = walk.first(offset, start + len(FLAC_MAGIC) + BLOCK_HEADER + len(body))
    if found is not None:
        walk.run(*found)
    if not walk.sizes:
        raise MediaError(
            f"{source.path} holds no whole FLAC frame",
            facts=[f"{max(0, end - offset)} bytes follow the metadata", *warnings],
            advice="Get the file again, or test it with: flac -t FILE",
        )
    if walk.info != info:
        body = walk.info.pack()
    return FlacScan(walk.info, body, walk.spans, walk.sizes, walk.durations, walk.warnings)


def _metadata(source: FileSource, offset: int, end: int) -> tuple[bytes, int, list[str]]:
    """Walk the metadata blocks; return STREAMINFO's body (empty if there is none) and where the frames begin."""
    body = b""
    while offset + BLOCK_HEADER <= end:
        head = source.read(offset, BLOCK_HEADER)
        following = offset + BLOCK_HEADER + int.from_bytes(head[1:], "big")
        kind = head[0] & ~LAST_BLOCK
        if kind == _INVALID_BLOCK or following > end:
            return body, offset, [f"the metadata block at offset {offset} is broken"]
        if kind == 0 and not body and following - offset - BLOCK_HEADER >= STREAMINFO:
            body = source.read(offset + BLOCK_HEADER, STREAMINFO)
        offset = following
        if head[0] & LAST_BLOCK:
            break
    return body, offset, [] if body else ["there is no STREAMINFO block"]


def mend(path: str, info: StreamInfo, header: FrameHeader) -> tuple[StreamInfo, str] | None:
    """Return STREAMINFO put right by a frame that contradicts it, and what was wrong; None if they agree.

    MediaError if the frame refers back to what is broken.
    """
    if info.is_sound and header.agrees_with(info):
        return None
    rate, bit_depth = header.rate or info.rate, header.bit_depth or info.bit_depth
    said = f"{info.rate} Hz, {info.channels} channel(s), {info.bit_depth} bits, blocks of {info.min_block}"
    if not rate or bit_depth < FEWEST_BITS:
        raise MediaError(
            f"{path} has a broken STREAMINFO block, and its frames do not say the rate and depth",
            facts=[f"STREAMINFO says {said}..{info.max_block}"],
            advice="Encode it again from the original.",
        )
    smallest, largest = (16, 65535) if header.is_variable else (header.samples, header.samples)
    sound = StreamInfo(smallest, largest, 0, 0, rate, header.channels, bit_depth, info.total_samples, info.md5)
    found = f"{rate} Hz, {header.channels} channel(s), {bit_depth} bits, blocks of {header.samples}"
    return sound, f"STREAMINFO is broken ({said}..{info.max_block}); the frames are at {found}"


def longest_frame(header: FrameHeader, info: StreamInfo) -> int:
    """Bytes of a frame whose every sample is stored as it is: no frame is longer."""
    depth = (header.bit_depth or info.bit_depth) + 1
    return LONGEST_HEADER + 2 + header.channels * (8 + (header.samples * depth + 7) // 8)


class _Walk:
    """The scan's state."""

    def __init__(
        self, source: FileSource, end: int, info: StreamInfo, warnings: list[str], runs: FrameRuns | None
    ) -> None:
        self._source = source
        self._runs = runs
        self._end = end
        self.info = info
        self.warnings = warnings
        self.spans: list[Span] = []
        self.sizes = array("I")
        self.durations = array("I")
        self._chunk = b""
        self._base = 0

    def first(self, offset: int, earliest: int) -> tuple[int, FrameHeader] | None:
        """Find the first frame: where the metadata ends, else by searching from there and then from `earliest`."""
        header = parse_frame_header(self._at(offset, LONGEST_HEADER), offset - self._base)
        if header is not None:
            self._believe(header)
            return offset, header
        return self._search(offset) or self._search(earliest)

    def run(self, offset: int, header: FrameHeader) -> None:
        """Collect the frames from the one at `offset` on."""
        found: tuple[int, FrameHeader] | None = (offset, header)
        while found is not None:
            start = found[0]
            stop, header = self._frames(*found)
            length = self._last_length(stop, header)
            if length:
                self._append(length, header)
            if stop + length > start:
                self.spans.append(Span(start, stop + length - start))
            found = self._resume(stop, length, header)

    def _frames(self, offset: int, header: FrameHeader) -> tuple[int, FrameHeader]:
        """Take frames as long as the expected one follows; return the first that has no successor."""
        while True:
            offset, header = self._run(offset, header)
            following = self._successor(offset, header)
            if following is None:
                return offset, header
            self._append(following[0] - offset, header)
            offset, header = following

    def _run(self, offset: int, header: FrameHeader) -> tuple[int, FrameHeader]:
        """Take frames natively, as far as that goes."""
        info = self.info
        if self._runs is None or not info.is_sound:
            return offset, header
        data = self._source.for_scan(offset, min(_RUN, self._end - offset))
        shape = (info.max_block, info.rate, info.channels, info.bit_depth, info.min_frame)
        try:
            taken = self._runs.flac(data, shape, self.sizes, self.durations)
        except OSError as error:
            raise self._source.gone(error) from error
        last = parse_frame_header(bytes(data[taken : taken + LONGEST_HEADER]), 0) if taken else None
        return (offset + taken, last) if last else (offset, header)

    def _append(self, size: int, header: FrameHeader) -> None:
        self.sizes.append(size)
        self.durations.append(header.samples)

    def _successor(self, offset: int, header: FrameHeader) -> tuple[int, FrameHeader] | None:
        reach = longest_frame(header, self.info)
        chunk = self._at(offset, reach + LONGEST_HEADER)
        start = offset - self._base
        sync = chunk[start : start + 2]
        number = coded_number(header.next_number)
        at = start + header.length + header.channels
        while (at := chunk.find(sync, at, start + reach + 2)) >= 0:
            if chunk.startswith(number, at + NUMBER_AT):
                found = parse_frame_header(chunk, at)
                if found is not None and found.agrees_with(self.info):
                    return self._base + at, found
            at += 1
        return None

    def _last_length(self, offset: int, header: FrameHeader) -> int:
        """Return the bytes of a frame that no other follows; 0 if it is not whole.

        Where STREAMINFO promises no more sound than this, the checksum is proof enough; but zeros behind a frame
        do not change a checksum.
        """
        longest = min(longest_frame(header, self.info), self._end - offset)
        start = offset - self._base
        data = self._at(offset, longest)[start : start + longest]
        is_promised_end = sum(self.durations) + header.samples == self.info.total_samples
        if is_promised_end and data[-1] and is_whole(data):
            return longest
        return frame_length(data, header, self.info.bit_depth)

    def _resume(self, offset: int, length: int, header: FrameHeader) -> tuple[int, FrameHeader] | None:
        stop = offset + length
        left = self._end - stop
        if not left:
            return None
        found = self._search(stop if length else stop + 2, after=header.number)
        if found is not None:
            what = "junk" if length else "a damaged frame"
            self.warnings.append(f"skipped {found[0] - stop} bytes at offset {stop}: {what}")
        elif length:
            self.warnings.append(f"left out the last {left} bytes, which are no audio")
        else:
            self.warnings.append(f"truncated: the last {left} bytes are not a whole frame")
        return found

    def _search(self, offset: int, after: int = -1) -> tuple[int, FrameHeader] | None:
        """Find a frame that is whole, belongs to the stream and has a number above `after`."""
        at = offset
        while at < self._end:
            chunk = self._at(at, LONGEST_HEADER)
            place = chunk.find(b"\xff", at - self._base)
            if place < 0:
                at = self._base + len(chunk)
                continue
            at = self._base + place
            header = parse_frame_header(self._at(at, LONGEST_HEADER), at - self._base)
            if header is not None and header.number > after and self._is_ours(at, header):
                return at, header
            at += 1
        return None

    def _is_ours(self, offset: int, header: FrameHeader) -> bool:
        if self.info.is_sound and not header.agrees_with(self.info):
            return False
        if not self._last_length(offset, header):
            return False
        self._believe(header)
        return True

    def _believe(self, header: FrameHeader) -> None:
        mended = mend(self._source.path, self.info, header)
        if mended is not None:
            self.info, warning = mended
            self.warnings.append(warning)

    def _at(self, offset: int, length: int) -> bytes:
        """Make [offset, offset + length) part of the chunk in memory, as far as the file goes; return the chunk."""
        stop = min(offset + length, self._end)
        if not self._base <= offset or stop > self._base + len(self._chunk):
            self._base = offset
            self._chunk = self._source.read(offset, min(max(_CHUNK, 2 * length), self._end - offset))
        return self._chunk
