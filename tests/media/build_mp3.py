"""MP3 files made byte by byte: headers as ISO 11172-3 lays them out, bodies that hold no sync."""

from __future__ import annotations

from collections.abc import Sequence

MPEG_1, MPEG_2, MPEG_25 = 3, 2, 0
STEREO, JOINT, MONO = 0, 1, 3
_BIT_RATES = {
    MPEG_1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    MPEG_2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    MPEG_25: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {
    MPEG_1: (44100, 48000, 32000),
    MPEG_2: (22050, 24000, 16000),
    MPEG_25: (11025, 12000, 8000),
}
_SIDE_INFO = {(MPEG_1, False): 32, (MPEG_1, True): 17}
_XING_ALL = 15


def frame(
    kbps: int = 128,
    rate: int = 44100,
    *,
    version: int = MPEG_1,
    mode: int = JOINT,
    padding: int = 0,
    crc: bool = False,
    layer: int = 1,
    fill: int = 0x55,
    free_size: int = 0,
) -> bytes:
    """Return one whole frame; `layer` as the header codes it (1 is layer III)."""
    bit_rate_index = _BIT_RATES[version].index(kbps)
    header = bytes(
        (
            0xFF,
            0xE0 | version << 3 | layer << 1 | (not crc),
            bit_rate_index << 4 | _RATES[version].index(rate) << 2 | padding << 1,
            mode << 6,
        )
    )
    size = free_size or (144 if version == MPEG_1 else 72) * kbps * 1000 // rate
    return header + bytes((fill,)) * (size + padding - len(header))


def with_info(
    host: bytes,
    *,
    kind: bytes = b"Info",
    frames: int = 0,
    audio_bytes: int = 0,
    delay: int = 576,
    padding: int = 1000,
    version: int = MPEG_1,
    mode: int = JOINT,
    crc_gap: int = 0,
    encoder: bytes = b"LAME3.100",
    method: int = 1,
) -> bytes:
    """Turn a frame into the one that LAME puts in front."""
    offset = 4 + crc_gap + _SIDE_INFO.get((version, mode == MONO), 9 if mode == MONO else 17)
    tag = kind + _XING_ALL.to_bytes(4, "big") + frames.to_bytes(4, "big") + audio_bytes.to_bytes(4, "big")
    tag += bytes(100) + bytes(4)
    tag += encoder.ljust(9, b"\0") + bytes((method,)) + bytes(11) + (delay << 12 | padding).to_bytes(3, "big")
    whole = host[:4] + bytes(offset - 4) + tag
    return whole.ljust(len(host), b"\0")


def with_vbri(
    host: bytes, *, frames: int, audio_bytes: int, sizes: Sequence[int] = (), scale: int = 1, step: int = 0
) -> bytes:
    """Turn a frame into the one that Fraunhofer's encoder puts in front of a VBR file.

    `sizes` are the bytes of `step` frames each, in units of `scale`.
    """
    tag = b"VBRI" + (1).to_bytes(2, "big") + (1105).to_bytes(2, "big") + (75).to_bytes(2, "big")
    tag += audio_bytes.to_bytes(4, "big") + frames.to_bytes(4, "big")
    tag += b"".join(number.to_bytes(2, "big") for number in (len(sizes), scale, 2, step))
    tag += b"".join((size // scale).to_bytes(2, "big") for size in sizes)
    return (host[:4] + bytes(32) + tag).ljust(len(host), b"\0")


def id3v2(body: bytes = bytes(100), *, claimed: int | None = None, footer: bool = False, plain: bool = False) -> bytes:
    """Return an ID3v2.4 tag; `claimed` is a length field that lies, `plain` one that is no syncsafe number."""
    length = len(body) if claimed is None else claimed
    digits = length.to_bytes(4, "big") if plain else bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))
    flags = bytes((0x10 if footer else 0,))
    tag = b"ID3\x04\x00" + flags + digits + body
    return tag + (b"3DI\x04\x00" + flags + digits if footer else b"")


def id3v1(*, extended: bool = False) -> bytes:
    """Return the 128 bytes at the end, after the 227 of the extension if asked for."""
    return (b"TAG+".ljust(227, b"\0") if extended else b"") + b"TAG".ljust(128, b"\0")


def ape(body: bytes = b"\x01\0\0\0\0\0\0\0Title\0x", *, header: bool = True) -> bytes:
    """Return an APEv2 tag with a footer."""

    def block(flags: int) -> bytes:
        numbers = (2000, len(body) + 32, 1, flags)
        return b"APETAGEX" + b"".join(number.to_bytes(4, "little") for number in numbers) + bytes(8)

    has_header = 0x80000000 if header else 0
    return (block(has_header | 0x20000000) if header else b"") + body + block(has_header)


def lyrics3v2() -> bytes:
    """Return a Lyrics3v2 tag."""
    body = b"LYRICSBEGIN" + b"IND0000200"
    return body + f"{len(body):06d}".encode() + b"LYRICS200"
