"""FLAC inside Ogg: pages are taken apart until the same frames lie open as in a native file (RFC 3533; RFC 9639, 10.1).

Only the first FLAC stream of a file is read; other streams between its pages, and links behind its end, are not.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from pyaudiobus.errors import MediaError
from pyaudiobus.media.flac import FlacScan, mend
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    STREAMINFO,
    FrameHeader,
    StreamInfo,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.sniff import FLAC_MAGIC, OGG_CAPTURE
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span

PAGE_HEADER = 27
_LONGEST_PAGE = PAGE_HEADER + 255 + 255 * 255
_CHUNK = 512 * 1024
CONTINUED, FIRST, LAST = 1, 2, 4
FULL = 255
MAPPING = b"\x7fFLAC"
MAPPING_HEADER = 9
"""Packet type and "FLAC" (5), version (2), number of further header packets (2)."""
_LONGEST_FRAME_HEADER = 16


class Page(NamedTuple):
    """One page."""

    offset: int
    flags: int
    serial: int
    sequence: int
    lacing: bytes
    body_offset: int
    body: bytes


def scan(source: FileSource, start: int, end: int) -> FlacScan | None:
    """Find all FLAC frames of the first FLAC stream; None if there is none (Vorbis, Opus, ...).

    MediaError if there is one without a single whole frame.
    """
    reader = _Reader(source, start, end)
    walk: _Walk | None = None
    for page in reader.pages():
        if walk is None:
            if not page.flags & FIRST:
                return None
            if page.body.startswith(MAPPING):
                walk = _Walk(source.path, page)
        elif page.serial == walk.serial and not walk.ended:
            walk.take(page)
        elif page.flags & FIRST and walk.ended:
            walk.warnings.append(f"left out the stream that begins at offset {page.offset}: only the first is played")
            break
    if walk is None:
        return None
    walk.finish(reader.warnings)
    if not walk.sizes:
        raise MediaError(
            f"{source.path} holds an Ogg FLAC stream with no whole frame",
            facts=walk.warnings,
            advice="Get the file again, or test it with: flac -t --ogg FILE",
        )
    return FlacScan(walk.info, walk.stream_info, walk.spans, walk.sizes, walk.durations, walk.warnings)


class _Reader:
    """Pages whose checksum is right, in file order."""

    def __init__(self, source: FileSource, start: int, end: int) -> None:
        self._source = source
        self._start = start
        self._end = end
        self.warnings: list[str] = []

    def pages(self) -> Iterator[Page]:
        offset = self._start
        chunk, base = b"", offset
        while offset < self._end:
            if offset + _LONGEST_PAGE > base + len(chunk) < self._end:
                chunk, base = self._source.read(offset, min(_CHUNK, self._end - offset)), offset
            page = parse_page(chunk, offset - base, base)
            if page is not None:
                yield page
                offset = page.body_offset + len(page.body)
                continue
            place = chunk.find(OGG_CAPTURE, offset - base + 1)
            following = base + place if place >= 0 else max(offset + 1, base + len(chunk) - len(OGG_CAPTURE) + 1)
            if base + len(chunk) == self._end and place < 0:
                yield from _cut_page(chunk, offset - base, base)
                self.warnings.append(f"truncated: the last {self._end - offset} bytes are not a whole page")
                return
            self.warnings.append(f"skipped {following - offset} bytes at offset {offset}: no page, or a damaged one")
            offset = following


def parse_page(data: bytes, at: int, base: int) -> Page | None:
    """Read the page at data[at], which lies at base + at in the file; None if it is cut off or damaged."""
    page = _page_header(data, at, base)
    if page is None:
        return None
    end = at + PAGE_HEADER + len(page.lacing) + sum(page.lacing)
    checksum = int.from_bytes(data[at + 22 : at + 26], "little")
    if end > len(data) or _crc32(data[at : at + 22] + bytes(4) + data[at + 26 : end]) != checksum:
        return None
    return page


def _cut_page(data: bytes, at: int, base: int) -> Iterator[Page]:
    """Yield what is left of a page that the end of the file cuts off: the packets that end before."""
    page = _page_header(data, at, base)
    if page is None or sum(page.lacing) <= len(page.body):
        return
    kept = length = 0
    for number, lace in enumerate(page.lacing, 1):
        length += lace
        if length > len(page.body):
            break
        if lace < FULL:
            kept = number
    if kept:
        yield page._replace(lacing=page.lacing[:kept], body=page.body[: sum(page.lacing[:kept])])


def _page_header(data: bytes, at: int, base: int) -> Page | None:
    if not data.startswith(OGG_CAPTURE, at) or len(data) - at < PAGE_HEADER or data[at + 4]:
        return None
    body_at = at + PAGE_HEADER + data[at + 26]
    lacing = data[at + PAGE_HEADER : body_at]
    if len(lacing) != data[at + 26]:
        return None
    return Page(
        base + at,
        data[at + 5],
        int.from_bytes(data[at + 14 : at + 18], "little"),
        int.from_bytes(data[at + 18 : at + 22], "little"),
        lacing,
        base + body_at,
        data[body_at : body_at + sum(lacing)],
    )


class _Walk:
    """Packets of one stream, put together from its pages."""

    def __init__(self, path: str, first: Page) -> None:
        self._path = path
        self.serial = first.serial
        self.ended = bool(first.flags & LAST)
        self.warnings: list[str] = []
        self.spans: list[Span] = []
        self.sizes = array("I")
        self.durations = array("I")
        body = first.body[MAPPING_HEADER:]
        self.stream_info = body[len(FLAC_MAGIC) + BLOCK_HEADER :][:STREAMINFO].ljust(STREAMINFO, b"\0")
        self.info: StreamInfo = parse_stream_info(self.stream_info)
        self._sequence = first.sequence
        self._pending: list[Span] | None = None
        self._pending_head = b""

    def take(self, page: Page) -> None:
        """Add the packets that end in this page; keep the piece of the one that goes on in the next."""
        if page.sequence != self._sequence + 1:
            lost = page.sequence - self._sequence - 1
            self.warnings.append(f"{lost} page(s) are missing before offset {page.offset}")
            self._pending = None
        self._sequence = page.sequence
        self.ended = bool(page.flags & LAST)
        if not page.flags & CONTINUED:
            self._pending = []
            self._pending_head = b""
        self._take_packets(page)

    def finish(self, warnings: list[str]) -> None:
        """End the stream: what a missing page left open is no frame."""
        self.warnings += warnings
        if self._pending:
            left = sum(length for _, length in self._pending)
            self.warnings.append(f"truncated: the last {left} bytes are not a whole frame")

    def _take_packets(self, page: Page) -> None:
        at = begin = 0
        for lace in page.lacing:
            at += lace
            if lace < FULL:
                self._collect(page, begin, at)
                self._packet()
                begin = at
        if begin < at or (page.lacing and page.lacing[-1] == FULL):
            self._collect(page, begin, at)

    def _collect(self, page: Page, begin: int, end: int) -> None:
        if self._pending is not None:
            if len(self._pending_head) < _LONGEST_FRAME_HEADER:
                self._pending_head += page.body[begin : min(end, begin + _LONGEST_FRAME_HEADER)]
            self._pending.append(Span(page.body_offset + begin, end - begin))

    def _packet(self) -> None:
        """Finish the packet that was being collected; packets that are no frames (the metadata) are dropped."""
        pieces, head = self._pending, self._pending_head
        self._pending, self._pending_head = [], b""
        header = parse_frame_header(head, 0) if pieces else None
        if pieces is None or header is None:
            return
        self._believe(header)
        self.sizes.append(sum(length for _, length in pieces))
        self.durations.append(header.samples)
        for piece in pieces:
            self._add(piece)

    def _believe(self, header: FrameHeader) -> None:
        mended = mend(self._path, self.info, header)
        if mended is not None:
            self.info, warning = mended
            self.stream_info = self.info.pack()
            self.warnings.append(warning)

    def _add(self, piece: Span) -> None:
        if self.spans:
            offset, length = self.spans[-1]
            if offset + length == piece.offset:
                self.spans[-1] = Span(offset, length + piece.length)
                return
        self.spans.append(piece)


@cache
def _reversed_bits() -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _crc32(data: bytes) -> int:
    """Ogg's checksum: zlib's polynomial read from the other end, from 0 and not inverted."""
    mirrored = zlib.crc32(data.translate(_reversed_bits()), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
