"""Packets put into Ogg pages (RFC 3533, 6), for devices that want Vorbis as files have it."""

from __future__ import annotations

import zlib
from functools import cache

_HEADER = 27
_FULL = 255
_MOST_SEGMENTS = 255
_LARGEST = _FULL * _MOST_SEGMENTS
_CONTINUED, _FIRST, _LAST = 1, 2, 4
_SERIAL = 1


def header_pages(headers: tuple[bytes, ...]) -> bytes:
    """Return the pages with the header packets: the first alone, as a stream must begin."""
    first, number = _pages(headers[0], 0, 0, _FIRST)
    rest = b""
    for packet in headers[1:]:
        pages, number = _pages(packet, 0, number, 0)
        rest += pages
    return first + rest


def pages_before(headers: tuple[bytes, ...]) -> int:
    """Count the pages that header_pages makes."""
    return sum(_count(len(packet)) for packet in headers)


def packet_pages(packet: bytes, granule: int, number: int, *, is_last: bool) -> bytes:
    """Return a packet in pages of its own, the first of them page `number` of the stream."""
    return _pages(packet, granule, number, _LAST if is_last else 0)[0]


def pages_size(size: int) -> int:
    """Bytes that packet_pages makes of a packet of `size` bytes."""
    return size + size // _FULL + 1 + _count(size) * _HEADER


def _count(size: int) -> int:
    return size // _LARGEST + 1


def _pages(packet: bytes, granule: int, number: int, flags: int) -> tuple[bytes, int]:
    lacing = bytes((_FULL,)) * (len(packet) // _FULL) + bytes((len(packet) % _FULL,))
    pages, at, ends = b"", 0, (flags & _LAST)
    flags &= ~_LAST
    while lacing:
        segments, lacing = lacing[:_MOST_SEGMENTS], lacing[_MOST_SEGMENTS:]
        body = packet[at : at + sum(segments)]
        at += len(body)
        kind = flags | (0 if lacing else ends)
        place = (-1 if lacing else granule).to_bytes(8, "little", signed=True)
        pages += _page(place, kind, number, segments + body, len(segments))
        number += 1
        flags = _CONTINUED
    return pages, number


def _page(granule: bytes, flags: int, number: int, content: bytes, segments: int) -> bytes:
    start = b"OggS\0" + bytes((flags,)) + granule + _SERIAL.to_bytes(4, "little") + number.to_bytes(4, "little")
    rest = bytes((segments,)) + content
    return start + checksum(start + bytes(4) + rest).to_bytes(4, "little") + rest


@cache
def _reversed_bits() -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(data: bytes) -> int:
    """Ogg's checksum: zlib's polynomial read from the other end, from 0 and not inverted."""
    mirrored = zlib.crc32(data.translate(_reversed_bits()), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
