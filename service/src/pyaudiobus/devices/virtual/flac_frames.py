"""FLAC's byte stream cut into frames as they come (RFC 9639 sections 8 and 9). Decodes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = b"fLaC"
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_STREAMINFO_SIZE = 34
_LONGEST_HEADER = 16
_SHORTEST_HEADER = 6
_LAST_BLOCK = 0x80
_BLOCK_TYPE = 0x7F
_MOST_CANDIDATES = 64


def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    """Remainders of every byte; most significant bit first, as all of FLAC's checksums."""
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for byte in range(256):
        crc = byte << (bits - 8)
        for _ in range(8):
            crc = (crc << 1) ^ (polynomial if crc & top else 0)
        table.append(crc & mask)
    return tuple(table)


_CRC8 = _crc_table(0x07, 8)
_CRC16 = _crc_table(0x8005, 16)


@dataclass(frozen=True, slots=True)
class Header:
    """What is needed of a frame header to find the next one."""

    number: int
    """Frame number where the block size is fixed, number of the first sample where it varies."""
    follower: int
    """The number the next frame will have."""


def parse_header(data: bytes | bytearray, start: int) -> Header | None:
    """Read the frame header at `start`; None if there is none. Missing bytes count as none."""
    head = data[start : start + _LONGEST_HEADER]
    if len(head) < _SHORTEST_HEADER or not _is_possible(head):
        return None
    coded = _coded_number(head[4:])
    if coded is None:
        return None
    number, length = coded
    size_code, at = head[2] >> 4, 4 + length
    size_bytes = {6: 1, 7: 2}.get(size_code, 0)
    crc_at = at + size_bytes + {12: 1, 13: 2, 14: 2}.get(head[2] & 0x0F, 0)
    if crc_at >= len(head) or _crc8(head[:crc_at]) != head[crc_at]:
        return None
    samples = _block_size(size_code, head[at : at + size_bytes])
    return Header(number, number + (samples if head[1] & 1 else 1))


def _is_possible(head: bytes | bytearray) -> bool:
    """Tell whether no code in the first four bytes is a reserved one (9.1.1 to 9.1.4)."""
    size_code, rate_code = head[2] >> 4, head[2] & 0x0F
    channels_code, depth_code, reserved = head[3] >> 4, head[3] >> 1 & 0x07, head[3] & 0x01
    in_sync = head[0] == 0xFF and head[1] & 0xFE == 0xF8  # noqa: PLR2004  # the sync code
    return in_sync and size_code != 0 and rate_code != 15 and channels_code <= 10 and depth_code != 3 and not reserved  # noqa: PLR2004  # the reserved codes


def _coded_number(coded: bytes | bytearray) -> tuple[int, int] | None:
    """Return the number and how many bytes it takes: UTF-8's scheme stretched to 36 bits (9.1.5)."""
    first = coded[0]
    if first < 0x80:  # noqa: PLR2004
        return first, 1
    length = 8 - (~first & 0xFF).bit_length()
    tail = coded[1:length]
    if not 2 <= length <= 7 or len(tail) != length - 1 or any(byte >> 6 != 0b10 for byte in tail):  # noqa: PLR2004
        return None
    number = first & (0x7F >> length)
    for byte in tail:
        number = number << 6 | byte & 0x3F
    return number, length


def _block_size(code: int, extra: bytes | bytearray) -> int:
    """Samples in a block by its code (9.1.1)."""
    if extra:
        return int.from_bytes(extra, "big") + 1
    if code == 1:
        return 192
    return 576 << (code - 2) if code <= 5 else 256 << (code - 8)  # noqa: PLR2004


def _crc8(data: bytes | bytearray) -> int:
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _crc16(data: bytes | bytearray) -> int:
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ _CRC16[crc >> 8 ^ byte]
    return crc


class FlacFrames:
    """Cuts a FLAC stream, with or without "fLaC" and its metadata in front, into frames.

    A frame ends where a header with a right CRC-8 carries the next number; such a chain is what
    tells headers from audio that looks like one. So a frame comes out when its successor has begun,
    or, if asked, when its own CRC-16 says that it is whole.
    """

    def __init__(self, stream_info: bytes) -> None:
        self.stream_info = stream_info
        """The 34 bytes of STREAMINFO; those in the stream take the place of those given."""
        self._data = bytearray()
        self._in_metadata = True
        self._searched = 0
        self._awaited: dict[int, int] = {}
        """Number a next header would have -> where the frame before it starts."""
        self._found_short = 0

    def split(self, data: bytes) -> list[bytes]:
        """Return the frames that end within `data`."""
        self._data += data
        if self._in_metadata and not self._pass_metadata():
            return []
        return self._search(_LONGEST_HEADER)

    def flush(self) -> list[bytes]:
        """Return what is left, the last frame being the rest of it; nothing can follow."""
        frames = self._search(_SHORTEST_HEADER)
        return [*frames, bytes(self._data)] if self._data else frames

    def settle(self) -> list[bytes]:
        """Return the last frame if it is whole, as nothing more has come for now."""
        size = len(self._data)
        if size == self._found_short or parse_header(self._data, 0) is None:
            return []
        self._found_short = size
        if _crc16(self._data):
            return []
        frame = bytes(self._data)
        self._data.clear()
        self._searched = self._found_short = 0
        self._awaited.clear()
        return [frame]

    def _search(self, room: int) -> list[bytes]:
        """Cut at every header that has at least `room` bytes to stand in."""
        frames: list[bytes] = []
        while (found := _SYNC.search(self._data, self._searched)) is not None:
            at = found.start()
            if len(self._data) - at < room:
                self._searched = at
                return frames
            self._searched = at + 1
            header = parse_header(self._data, at)
            if header is not None:
                frames += self._meet(header, at)
        self._searched = max(self._searched, len(self._data) - 1)
        return frames

    def _meet(self, header: Header, at: int) -> list[bytes]:
        """Take note of a possible frame start; cut if it continues a chain."""
        before = self._awaited.get(header.number)
        if before is None:
            if len(self._awaited) < _MOST_CANDIDATES:
                self._awaited.setdefault(header.follower, at)
            return []
        frames = [bytes(self._data[:before])] if before else []
        frames.append(bytes(self._data[before:at]))
        del self._data[:at]
        self._searched = 1
        self._awaited = {header.follower: 0}
        return frames

    def _pass_metadata(self) -> bool:
        """Drop "fLaC" and the blocks after it, keeping STREAMINFO; False while bytes are missing."""
        data = self._data
        if not data.startswith(_MARK):
            self._in_metadata = len(data) < len(_MARK) and _MARK.startswith(bytes(data))
            return not self._in_metadata
        at = len(_MARK)
        while True:
            head = data[at : at + 4]
            size = int.from_bytes(head[1:], "big")
            if len(head) < 4 or len(data) < at + 4 + size:  # noqa: PLR2004
                return False
            if head[0] & _BLOCK_TYPE == 0 and size == _STREAMINFO_SIZE:
                self.stream_info = bytes(data[at + 4 : at + 4 + size])
            at += 4 + size
            if head[0] & _LAST_BLOCK:
                break
        del data[:at]
        self._in_metadata = False
        return True
