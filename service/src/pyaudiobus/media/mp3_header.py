"""The four header bytes of an MPEG audio layer III frame (ISO 11172-3 section 2.4.1.3, 13818-3, "MPEG-2.5")."""

# ruff: noqa: PLR2004 - bit masks and codes as the format's own tables write them

from __future__ import annotations

from typing import NamedTuple

HEADER = 4
_LONGEST_FREE_FRAME = 16 * 1024

_BIT_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BIT_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Thousands of bits per second by the header's index; the first means "free format"."""
_RATES = (44100, 48000, 32000)
_MPEG_1, _MPEG_2, _MPEG_25 = 3, 2, 0
_RATE_SHIFTS = {_MPEG_1: 0, _MPEG_2: 1, _MPEG_25: 2}
_MONO = 3


class Mp3Header(NamedTuple):
    """What one frame header says."""

    version: int
    """The header's two version bits: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""
    rate: int
    channels: int
    bit_rate: int
    """Bits per second; 0 for free format."""
    padding: int
    """Bytes added to this frame."""
    has_crc: bool

    @property
    def samples(self) -> int:
        """PCM frames in one encoded frame."""
        return 1152 if self.version == _MPEG_1 else 576

    @property
    def size(self) -> int:
        """Bytes of the whole frame; 0 for free format."""
        return self.samples // 8 * self.bit_rate // self.rate + self.padding if self.bit_rate else 0

    @property
    def side_info(self) -> int:
        """Bytes of side information that follow the header (and the CRC)."""
        if self.version == _MPEG_1:
            return 17 if self.channels == 1 else 32
        return 9 if self.channels == 1 else 17


def parse_header(head: bytes) -> Mp3Header | None:
    """Read a header; None if these bytes cannot begin a layer III frame."""
    if len(head) < HEADER or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate_index, bit_rate_index = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    # Emphasis 2 is reserved, but encoders wrote it and every decoder plays it.
    if version not in _RATE_SHIFTS or rate_index >= len(_RATES) or bit_rate_index >= len(_BIT_RATES_1):
        return None
    bit_rates = _BIT_RATES_1 if version == _MPEG_1 else _BIT_RATES_2
    return Mp3Header(
        version,
        _RATES[rate_index] >> _RATE_SHIFTS[version],
        1 if head[3] >> 6 == _MONO else 2,
        bit_rates[bit_rate_index] * 1000,
        head[2] >> 1 & 1,
        not head[1] & 1,
    )


class FrameSizes(dict[bytes, int]):
    """Frame size by header bytes, for the frames of one stream; 0 for what does not belong to it.

    Frames of one stream share version, rate and channel count. Each distinct header is worked out once,
    which makes a look-up nearly all that a scan does for a frame.
    """

    def __init__(self, first: Mp3Header, free_size: int = 0) -> None:
        """Take the frames like `first`; `free_size` is the size of free format frames without padding."""
        super().__init__()
        self.first = first
        self.free_size = free_size
        self._codes = 0

    def __missing__(self, head: bytes) -> int:
        size = self._size_of(parse_header(head))
        if len(head) == HEADER:
            self[head] = size
        return size

    def fresh(self) -> FrameSizes:
        """Return the same table with no header met yet."""
        return FrameSizes(self.first, self.free_size)

    def note(self, codes: int) -> None:
        """Take note of bit rate codes that somebody else met, one bit for each."""
        self._codes |= codes

    @property
    def bit_rates(self) -> set[int]:
        """The bit rates met so far."""
        parsed = [parse_header(head) for head, size in self.items() if size]
        table = _BIT_RATES_1 if self.first.version == _MPEG_1 else _BIT_RATES_2
        noted = {rate * 1000 for code, rate in enumerate(table) if self._codes >> code & 1}
        return noted | {header.bit_rate for header in parsed if header}

    def _size_of(self, header: Mp3Header | None) -> int:
        first = self.first
        if header is None or header[:3] != first[:3]:
            return 0
        if header.bit_rate and first.bit_rate:
            return header.size
        if header.bit_rate or first.bit_rate:
            return 0
        return self.free_size + header.padding if self.free_size else 0


def free_format_size(data: bytes, at: int) -> int:
    """Find the size, without padding, of the free format frame at `at`, by the two headers after it; 0 if none."""
    header = parse_header(data[at : at + HEADER])
    if header is None:
        return 0
    following = at + HEADER + header.side_info
    latest = min(len(data), at + _LONGEST_FREE_FRAME)
    while (following := data.find(data[at : at + 2], following, latest)) >= 0:
        size = following - at - header.padding
        sizes = FrameSizes(header, size)
        third = following + sizes[data[following : following + HEADER]]
        if third > following and (third == len(data) or sizes[data[third : third + HEADER]]):
            return size
        following += 1
    return 0


def main_data_begin(frame: bytes, header: Mp3Header) -> int:
    """Return how many bytes before its own data a frame's data begins (ISO 11172-3 2.4.1.7); 0 if it is cut off."""
    at = HEADER + 2 * header.has_crc
    side = frame[at : at + 2]
    if len(side) < 2:
        return 0
    return int.from_bytes(side, "big") >> 7 if header.version == _MPEG_1 else side[0]


def silent_frame(like: Mp3Header, data: bytes) -> bytes:
    """Return a frame that sounds like nothing and ends with `data`, for the frame behind it to find there.

    Its side information is all zeros: no granule has any data. The smallest bit rate that has the room is taken.
    Empty for a free format stream, whose frames are all of one size.
    """
    if not like.bit_rate:
        return b""
    table = _BIT_RATES_1 if like.version == _MPEG_1 else _BIT_RATES_2
    for code in range(1, len(table)):
        made = like._replace(bit_rate=table[code] * 1000, padding=0, has_crc=False)
        room = made.size - HEADER - made.side_info
        if room >= len(data):
            rate = _RATES.index(like.rate << _RATE_SHIFTS[like.version])
            mode = _MONO << 6 if like.channels == 1 else 0
            head = bytes((0xFF, 0xE3 | like.version << 3, code << 4 | rate << 2, mode))
            return head + bytes(made.side_info) + bytes(room - len(data)) + data
    return b""
