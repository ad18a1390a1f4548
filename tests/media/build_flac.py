"""FLAC and Ogg files made bit by bit, by RFC 9639 and RFC 3533 alone: checksums are worked out a bit at a time."""

from __future__ import annotations

from collections.abc import Sequence

_DEPTH_CODES = {8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7}


def crc(data: bytes, width: int, polynomial: int) -> int:
    """Divide bit by bit: most significant bit first, from zero, nothing inverted."""
    remainder = 0
    for byte in data:
        remainder ^= byte << width - 8
        for _ in range(8):
            remainder <<= 1
            if remainder >> width:
                remainder ^= 1 << width | polynomial
    return remainder


def stream_info(
    *,
    blocks: tuple[int, int] = (192, 192),
    rate: int = 44100,
    channels: int = 1,
    depth: int = 16,
    total: int = 0,
    frames: tuple[int, int] = (0, 0),
    md5: bytes = bytes(16),
) -> bytes:
    """Return the 34 bytes of STREAMINFO, sound or not."""
    packed = rate << 44 | channels - 1 << 41 | depth - 1 << 36 | total
    sizes = b"".join(size.to_bytes(2, "big") for size in blocks) + b"".join(size.to_bytes(3, "big") for size in frames)
    return sizes + packed.to_bytes(8, "big") + md5


def block(kind: int, body: bytes, *, last: bool = False) -> bytes:
    """Return a metadata block with its header."""
    return bytes((kind | (0x80 if last else 0),)) + len(body).to_bytes(3, "big") + body


def frame(
    number: int,
    samples: Sequence[Sequence[int]],
    *,
    depth: int = 16,
    variable: bool = False,
    rate_code: int = 9,
    rate_field: bytes = b"",
    says_depth: bool = True,
) -> bytes:
    """Return one frame of verbatim subframes, one sequence of samples for each channel."""
    count = len(samples[0])
    header = bytes(
        (0xFF, 0xF8 | variable, 0x70 | rate_code, len(samples) - 1 << 4 | _DEPTH_CODES[depth] * says_depth << 1)
    )
    header += coded(number) + (count - 1).to_bytes(2, "big") + rate_field
    header += bytes((crc(header, 8, 0x07),))
    bits = ""
    for channel in samples:
        bits += "00000010" + "".join(format(sample & (1 << depth) - 1, f"0{depth}b") for sample in channel)
    bits += "0" * (-len(bits) % 8)
    whole = header + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return whole + crc(whole, 16, 0x8005).to_bytes(2, "big")


def coded(number: int) -> bytes:
    """Write a number in UTF-8's scheme, by hand for the few lengths that tests need."""
    if number < 0x80:
        return bytes((number,))
    if number < 0x800:
        return bytes((0xC0 | number >> 6, 0x80 | number & 0x3F))
    if number < 0x10000:
        return bytes((0xE0 | number >> 12, 0x80 | number >> 6 & 0x3F, 0x80 | number & 0x3F))
    return bytes((0xF0 | number >> 18, 0x80 | number >> 12 & 0x3F, 0x80 | number >> 6 & 0x3F, 0x80 | number & 0x3F))


def page(
    body: bytes, lacing: Sequence[int], *, sequence: int, serial: int = 7, flags: int = 0, granule: int = 0
) -> bytes:
    """Return one Ogg page."""
    head = b"OggS\0" + bytes((flags,)) + granule.to_bytes(8, "little") + serial.to_bytes(4, "little")
    head += sequence.to_bytes(4, "little")
    tail = bytes((len(lacing), *lacing)) + body
    checksum = crc(head + bytes(4) + tail, 32, 0x04C11DB7)
    return head + checksum.to_bytes(4, "little") + tail


def laced(packet: bytes) -> list[int]:
    """Return the lacing values of a packet."""
    return [255] * (len(packet) // 255) + [len(packet) % 255]
