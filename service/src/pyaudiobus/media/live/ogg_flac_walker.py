"""FLAC frames out of Ogg pages that come in pieces. Links of a chain (a station's songs) follow each other.

The frames lie open as in a native stream; where in the pages they lay is not told, so nobody can seek by bytes.
"""

from __future__ import annotations

from collections import deque

from pyaudiobus.errors import MediaError
from pyaudiobus.media.flac import LONGEST_HEADER, mend
from pyaudiobus.media.flac_header import (
    BLOCK_HEADER,
    STREAMINFO,
    StreamInfo,
    parse_frame_header,
    parse_stream_info,
)
from pyaudiobus.media.live.flac_walker import FlacWalker
from pyaudiobus.media.live.walker import Framed
from pyaudiobus.media.ogg import CONTINUED, FIRST, FULL, MAPPING, MAPPING_HEADER, PAGE_HEADER, Page, parse_page
from pyaudiobus.media.sniff import FLAC_MAGIC, OGG_CAPTURE

_MAPPING_AT = PAGE_HEADER + 1
"""Where the body of a stream's first page begins: it holds one short packet."""


def is_ogg_flac(head: bytes) -> bool:
    """Tell by its beginning whether an Ogg stream holds FLAC and nothing before it."""
    return head.startswith(OGG_CAPTURE) and head.startswith(MAPPING, _MAPPING_AT)


class OggFlacWalker(FlacWalker):
    """A Walker of FLAC in Ogg. A page is believed when its checksum is right; a packet is a frame."""

    is_placed = False

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._serial = self._sequence = -1
        self._packet: bytearray | None = None
        """What came of a packet; None where its beginning is missing."""
        self._frames: deque[Framed] = deque()

    @property
    def pending(self) -> int:
        """Bytes that were fed and are not accounted for yet."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Take some more of the stream."""
        self._data += data

    def begin_again(self) -> None:
        """What is fed next comes from another place in the stream."""
        super().begin_again()
        self._packet = None
        self._frames.clear()

    def take(self) -> Framed | None:
        """Return the next frame. MediaError where the next link of a chain is another kind of FLAC."""
        while not self._frames:
            page = self._next_page()
            if page is None:
                return None
            self._take_page(page)
        return self._frames.popleft()

    def _next_page(self) -> Page | None:
        data = self._data
        while (at := data.find(OGG_CAPTURE)) >= 0:
            self._drop(at)
            head = bytes(data[: PAGE_HEADER + FULL])
            lacing = head[PAGE_HEADER : PAGE_HEADER + head[PAGE_HEADER - 1]] if len(head) >= PAGE_HEADER else b""
            is_cut = len(head) < PAGE_HEADER or len(lacing) < head[PAGE_HEADER - 1]
            size = PAGE_HEADER + len(lacing) + sum(lacing)
            if (is_cut or len(data) < size) and not self._has_ended:
                return None
            page = parse_page(bytes(data[:size]), 0, 0)
            if page is not None:
                del data[:size]
                return page
            self._drop(len(OGG_CAPTURE))
        self._drop(max(0, len(data) - len(OGG_CAPTURE) + 1))
        return None

    def _take_page(self, page: Page) -> None:
        if page.flags & FIRST:
            if page.body.startswith(MAPPING):
                self._begin_link(page)
            return
        if page.serial != self._serial:
            return
        if page.sequence != self._sequence + 1 or not page.flags & CONTINUED:
            self._packet = None if page.flags & CONTINUED else bytearray()
        self._sequence = page.sequence
        begin = at = 0
        for lace in page.lacing:
            at += lace
            if lace < FULL:
                self._collect(page.body[begin:at])
                self._take_packet()
                begin = at
        self._collect(page.body[begin:at])

    def _begin_link(self, page: Page) -> None:
        body = page.body[MAPPING_HEADER:][len(FLAC_MAGIC) + BLOCK_HEADER :][:STREAMINFO].ljust(STREAMINFO, b"\0")
        info, first = parse_stream_info(body), self._info
        if first is not None and _kind(info) != _kind(first):
            raise MediaError(
                f"{self._name} goes on in another format",
                facts=[f"{first.rate} Hz, {first.channels} channel(s) before, {info.rate} Hz, {info.channels} now"],
                advice="Play it anew, or decoded (audiobus play --decode).",
            )
        if first is None:
            self._set_info(info, body)
        self._serial, self._sequence, self._packet = page.serial, page.sequence, bytearray()

    def _collect(self, piece: bytes) -> None:
        if self._packet is not None:
            self._packet += piece

    def _take_packet(self) -> None:
        packet, self._packet = self._packet, bytearray()
        header = parse_frame_header(bytes(packet[:LONGEST_HEADER]), 0) if packet else None
        info = self._info
        if packet is None or header is None or info is None:
            return
        mended = mend(self._name, info, header) if not info.is_sound else None
        if mended is not None:
            info = mended[0]
            self._set_info(info, info.pack())
        if header.agrees_with(info):
            self._frames.append(Framed(bytes(packet), header.samples, self._place(header, info)))
        else:
            self.skipped += len(packet)


def _kind(info: StreamInfo) -> tuple[int, ...]:
    return info.rate, info.channels, info.bit_depth, info.min_block, info.max_block
