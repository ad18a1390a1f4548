"""Where one FLAC frame ends, found by reading through its subframes (RFC 9639 section 9.2). No sound is decoded.

Needed only where the next header does not tell: the last frame of a file, and around damage.
"""

from __future__ import annotations

from functools import cache

from pyaudiobus.media.flac_header import FrameHeader

_CRC = 2
_FIXED, _FIXED_MOST, _LPC = 8, 12, 32


def is_whole(frame: bytes) -> bool:
    """Compare the checksum (CRC-16) at the end of exactly one frame with its bytes."""
    return len(frame) > _CRC and _crc16(frame) == 0


def frame_length(data: bytes, header: FrameHeader, bit_depth: int) -> int:
    """Return the bytes of the frame that begins at data[0]; 0 if it is not there as a whole or is damaged.

    `bit_depth` is STREAMINFO's, for headers that refer to it.
    """
    bits = _Bits(data, header.length)
    depth = header.bit_depth or bit_depth
    try:
        for channel in range(header.channels):
            _skip_subframe(bits, header.samples, depth + (channel == header.side_channel))
    except (ValueError, IndexError):
        return 0
    length = header.length + (bits.place + 7) // 8 + _CRC
    return length if length <= len(data) and is_whole(data[:length]) else 0


class _Bits:
    """The bits behind the header as text: str.index is the fastest search for a 1 that plain Python has."""

    def __init__(self, data: bytes, start: int) -> None:
        count = 8 * (len(data) - start)
        self._text = format(int.from_bytes(data[start:], "big"), f"0{count}b") if count else ""
        self.place = 0

    def number(self, width: int) -> int:
        """Read `width` bits. ValueError past the end."""
        start = self.place
        self.place += width
        return int(self._text[start : self.place], 2)

    def skip(self, count: int) -> None:
        """Pass over bits. IndexError past the end."""
        self.place += count
        if self.place > len(self._text):
            raise IndexError(self.place)

    def unary(self) -> int:
        """Read zeros and the one behind them. ValueError past the end."""
        start = self.place
        self.place = self._text.index("1", start) + 1
        return self.place - 1 - start

    def skip_rice(self, count: int, parameter: int) -> None:
        """Pass over Rice codes. ValueError past the end."""
        find, place, behind = self._text.index, self.place, 1 + parameter
        for _ in range(count):
            place = find("1", place) + behind
        self.place = place


def _skip_subframe(bits: _Bits, samples: int, depth: int) -> None:
    if bits.number(1):
        raise ValueError("the first bit of a subframe is 0")
    kind = bits.number(6)
    if bits.number(1):
        depth -= bits.unary() + 1
    if kind == 0:
        bits.skip(depth)
    elif kind == 1:
        bits.skip(depth * samples)
    elif _FIXED <= kind <= _FIXED_MOST:
        _skip_predicted(bits, samples, depth, kind - _FIXED, is_lpc=False)
    elif kind >= _LPC:
        _skip_predicted(bits, samples, depth, kind - _LPC + 1, is_lpc=True)
    else:
        raise ValueError(f"subframe type {kind} is reserved")


def _skip_predicted(bits: _Bits, samples: int, depth: int, order: int, *, is_lpc: bool) -> None:
    bits.skip(order * depth)
    if is_lpc:
        precision = bits.number(4) + 1
        bits.skip(5 + order * precision)
    width = 4 + bits.number(2)
    partitions = 1 << bits.number(4)
    for partition in range(partitions):
        count = samples // partitions - (0 if partition else order)
        parameter = bits.number(width)
        if parameter == (1 << width) - 1:
            bits.skip(count * bits.number(5))
        else:
            bits.skip_rice(count, parameter)


def _crc16(data: bytes) -> int:
    table = _crc16_table()
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFF00) ^ table[crc >> 8 ^ byte]
    return crc


@cache
def _crc16_table() -> tuple[int, ...]:
    """Polynomial x^16 + x^15 + x^2 + 1."""
    table = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1
        table.append(crc)
    return tuple(table)
