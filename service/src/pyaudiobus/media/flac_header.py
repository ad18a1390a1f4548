"""FLAC's STREAMINFO block and frame headers as values (RFC 9639 sections 8.2 and 9.1)."""

# ruff: noqa: PLR2004 - bit masks and codes as the format's own tables write them

from __future__ import annotations

from functools import cache
from typing import NamedTuple

BLOCK_HEADER = 4
STREAMINFO = 34
LAST_BLOCK = 0x80
_SMALLEST_BLOCK = 16
FEWEST_BITS = 4
_MIN_HEADER = 6

_RATES = (0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
_BIT_DEPTHS = (0, 8, 12, -1, 16, 20, 24, 32)
_SIDE_CODES = (8, 9, 10)
_RATE_KHZ, _RATE_HZ, _RATE_TENS = 12, 13, 14
_BLOCK_BYTE, _BLOCK_WORD = 6, 7


class StreamInfo(NamedTuple):
    """STREAMINFO, field by field in the order of the file."""

    min_block: int
    max_block: int
    min_frame: int
    max_frame: int
    rate: int
    channels: int
    bit_depth: int
    total_samples: int
    """PCM frames; 0 where the encoder did not know."""
    md5: bytes

    @property
    def is_sound(self) -> bool:
        """No field contradicts the format."""
        return (
            _SMALLEST_BLOCK <= self.min_block <= self.max_block
            and self.rate > 0
            and self.bit_depth >= FEWEST_BITS
            and (not self.max_frame or self.min_frame <= self.max_frame)
        )

    def pack(self) -> bytes:
        """Return the 34 bytes of the block's body."""
        packed = self.rate << 44 | (self.channels - 1) << 41 | (self.bit_depth - 1) << 36 | self.total_samples
        return b"".join(
            (
                self.min_block.to_bytes(2, "big"),
                self.max_block.to_bytes(2, "big"),
                self.min_frame.to_bytes(3, "big"),
                self.max_frame.to_bytes(3, "big"),
                packed.to_bytes(8, "big"),
                self.md5,
            )
        )


def parse_stream_info(body: bytes) -> StreamInfo:
    """Read the 34 bytes of the block's body, whatever they say."""
    packed = int.from_bytes(body[10:18], "big")
    return StreamInfo(
        int.from_bytes(body[0:2], "big"),
        int.from_bytes(body[2:4], "big"),
        int.from_bytes(body[4:7], "big"),
        int.from_bytes(body[7:10], "big"),
        packed >> 44,
        (packed >> 41 & 7) + 1,
        (packed >> 36 & 31) + 1,
        packed & (1 << 36) - 1,
        body[18:STREAMINFO],
    )


class FrameHeader(NamedTuple):
    """One frame header whose checksum was right."""

    is_variable: bool
    """Frames differ in length, and `number` counts PCM frames instead of encoded ones."""
    number: int
    samples: int
    """PCM frames in this frame."""
    rate: int
    """0 where the header refers to STREAMINFO."""
    channels: int
    bit_depth: int
    """0 where the header refers to STREAMINFO."""
    side_channel: int
    """Which channel holds a difference and so has one bit more; -1 for none."""
    length: int
    """Bytes of the header with its checksum."""

    @property
    def next_number(self) -> int:
        """The number of the frame that must follow."""
        return self.number + (self.samples if self.is_variable else 1)

    def agrees_with(self, info: StreamInfo) -> bool:
        """Belong to the stream that `info` describes."""
        return (
            self.channels == info.channels
            and self.rate in (0, info.rate)
            and self.bit_depth in (0, info.bit_depth)
            and self.samples <= info.max_block
        )


def parse_frame_header(data: bytes, at: int) -> FrameHeader | None:
    """Read the frame header at `at`; None if there is none or its checksum (CRC-8) is wrong."""
    if len(data) - at < _MIN_HEADER or data[at] != 0xFF or data[at + 1] & 0xFE != 0xF8:
        return None
    block_code, rate_code = data[at + 2] >> 4, data[at + 2] & 15
    channel_code, depth_code = data[at + 3] >> 4, data[at + 3] >> 1 & 7
    bit_depth = _BIT_DEPTHS[depth_code]
    if not block_code or rate_code > _RATE_TENS or channel_code > max(_SIDE_CODES) or bit_depth < 0 or data[at + 3] & 1:
        return None
    number, place = _coded_number(data, at + 4)
    samples, place = _block_size(data, place, block_code)
    rate, place = _rate(data, place, rate_code)
    if number < 0 or place >= len(data) or _crc8(data[at:place]) != data[place]:
        return None
    side = {8: 1, 9: 0, 10: 1}.get(channel_code, -1)
    channels = 2 if channel_code in _SIDE_CODES else channel_code + 1
    return FrameHeader(bool(data[at + 1] & 1), number, samples, rate, channels, bit_depth, side, place + 1 - at)


def coded_number(number: int) -> bytes:
    """Write a frame or sample number as FLAC does: UTF-8's scheme, stretched to 36 bits."""
    if number < 0x80:
        return bytes((number,))
    tail = []
    first_limit = 0x20
    while True:
        tail.append(0x80 | number & 0x3F)
        number >>= 6
        if number < first_limit:
            break
        first_limit >>= 1
    lead = 0xFF & ~(2 * first_limit - 1) | number
    return bytes((lead, *reversed(tail)))


def _coded_number(data: bytes, at: int) -> tuple[int, int]:
    lead = data[at]
    if lead < 0x80:
        return lead, at + 1
    more = 0
    while lead & 0x40 >> more:
        more += 1
    if not 1 <= more <= 6:
        return -1, at
    number = lead & 0x3F >> more
    for byte in data[at + 1 : at + 1 + more]:
        if byte & 0xC0 != 0x80:
            return -1, at
        number = number << 6 | byte & 0x3F
    return number, at + 1 + more


def _block_size(data: bytes, at: int, code: int) -> tuple[int, int]:
    if code == _BLOCK_BYTE:
        return int.from_bytes(data[at : at + 1], "big") + 1, at + 1
    if code == _BLOCK_WORD:
        return int.from_bytes(data[at : at + 2], "big") + 1, at + 2
    if code == 1:
        return 192, at
    return (576 << code - 2 if code <= 5 else 256 << code - 8), at


def _rate(data: bytes, at: int, code: int) -> tuple[int, int]:
    if code == _RATE_KHZ:
        return int.from_bytes(data[at : at + 1], "big") * 1000, at + 1
    if code == _RATE_HZ:
        return int.from_bytes(data[at : at + 2], "big"), at + 2
    if code == _RATE_TENS:
        return int.from_bytes(data[at : at + 2], "big") * 10, at + 2
    return _RATES[code], at


def _crc8(data: bytes) -> int:
    table = _crc8_table()
    crc = 0
    for byte in data:
        crc = table[crc ^ byte]
    return crc


@cache
def _crc8_table() -> bytes:
    """Polynomial x^8 + x^2 + x + 1."""
    table = bytearray(256)
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
        table[byte] = crc
    return bytes(table)
