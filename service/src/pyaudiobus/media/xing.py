"""The frame in front of an MP3 that holds no sound but facts: Xing, Info (with LAME's part) and VBRI."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from pyaudiobus.media.mp3_header import HEADER, Mp3Header

_CRC = 2
_HAS_FRAMES, _HAS_BYTES, _HAS_TOC, _HAS_QUALITY = 1, 2, 4, 8
_TOC = 100
_WIDEST = 4
"""Bytes of an entry in VBRI's table at most."""
_LAME_DELAYS = 21
_VBRI_OFFSET = HEADER + 32
_LAME_METHODS = {1: "cbr", 2: "abr", 3: "vbr", 4: "vbr", 5: "vbr", 6: "vbr", 8: "cbr", 9: "abr"}


class InfoFrame(NamedTuple):
    """What the encoder says about the file. It may lie: counts are for comparison, never for finding frames."""

    kind: str
    """"Xing", "Info" or "VBRI"."""
    frames: int = 0
    """Encoded frames without this one; 0 if not said."""
    audio_bytes: int = 0
    delay: int = 0
    """PCM frames the encoder put in front, as LAME writes it (a decoder's own 529 is not in it)."""
    padding: int = 0
    """PCM frames the encoder added at the end."""
    mode: str = ""
    """"cbr", "abr", "vbr", or "" if not said."""
    encoder: str = ""
    table: tuple[tuple[int, int], ...] = ()
    """Places as the encoder names them: encoded frames, and bytes, counted from this frame's first byte on."""
    is_coarse: bool = True
    """Whether a place is right to 1 % of the song (Xing), not to a frame (VBRI)."""


def parse_info_frame(frame: bytes, header: Mp3Header) -> InfoFrame | None:
    """Read the first frame of a file; None if it is a frame of sound."""
    if frame[_VBRI_OFFSET : _VBRI_OFFSET + 4] == b"VBRI":
        return _parse_vbri(frame[_VBRI_OFFSET:])
    usual = HEADER + header.side_info
    # With a CRC the tag lies two bytes further; some programs forget that.
    for offset in (usual + _CRC, usual) if header.has_crc else (usual,):
        if frame[offset : offset + 4] in (b"Xing", b"Info"):
            return _parse_xing(frame[offset:])
    return None


def _parse_vbri(tag: bytes) -> InfoFrame | None:
    """Version, delay and quality (2 bytes each), then bytes and frames (4 each); its delay has no agreed unit."""
    audio_bytes, frames = int.from_bytes(tag[10:14], "big"), int.from_bytes(tag[14:18], "big")
    table = _vbri_table(tag)
    return InfoFrame("VBRI", frames, audio_bytes, mode="vbr", table=table, is_coarse=False)


def _vbri_table(tag: bytes) -> tuple[tuple[int, int], ...]:
    """Entries, scale, bytes of an entry, frames of one (2 bytes each), then how many bytes the frames of each have."""
    entries, scale, width, frames = (int.from_bytes(tag[at : at + 2], "big") for at in range(18, 26, 2))
    sizes = [int.from_bytes(tag[at : at + width], "big") * scale for at in range(26, 26 + entries * width, width or 1)]
    if not (1 <= width <= _WIDEST and frames) or len(tag) < 26 + entries * width or not all(sizes):
        return ()
    return tuple((frames * number, byte) for number, byte in enumerate(accumulate(sizes), 1))


def _parse_xing(tag: bytes) -> InfoFrame:
    kind = tag[:4].decode("ascii")
    flags = int.from_bytes(tag[4:8], "big")
    at = 8
    frames = audio_bytes = 0
    if flags & _HAS_FRAMES:
        frames = int.from_bytes(tag[at : at + 4], "big")
        at += 4
    if flags & _HAS_BYTES:
        audio_bytes = int.from_bytes(tag[at : at + 4], "big")
        at += 4
    marks = tag[at : at + _TOC] if flags & _HAS_TOC else b""
    at += (_TOC if flags & _HAS_TOC else 0) + (4 if flags & _HAS_QUALITY else 0)
    mode = "cbr" if kind == "Info" else "vbr"
    return _with_lame(InfoFrame(kind, frames, audio_bytes, mode=mode, table=_toc(marks, frames, audio_bytes)), tag[at:])


def _toc(marks: bytes, frames: int, audio_bytes: int) -> tuple[tuple[int, int], ...]:
    """Where each hundredth of the time begins, in 256ths of the bytes; nothing where that goes back."""
    if len(marks) < _TOC or not frames or not audio_bytes or list(marks) != sorted(marks):
        return ()
    return tuple((frames * number // _TOC, audio_bytes * mark // 256) for number, mark in enumerate(marks))


def _with_lame(info: InfoFrame, lame: bytes) -> InfoFrame:
    """Add LAME's part: a name of nine bytes, the method's nibble, and at +21 delay and padding of 12 bits each."""
    name = lame[:9].rstrip(b"\0 ")
    if len(lame) < _LAME_DELAYS + 3 or not (name[:1].isalpha() and name.isascii()):
        return info
    delays = int.from_bytes(lame[_LAME_DELAYS : _LAME_DELAYS + 3], "big")
    return info._replace(
        delay=delays >> 12,
        padding=delays & 0xFFF,
        mode=_LAME_METHODS.get(lame[9] & 0x0F, info.mode),
        encoder=name.decode("ascii", "replace"),
    )
