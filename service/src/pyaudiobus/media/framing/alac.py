"""ALAC: its magic cookie and how long a packet sounds (Apple's description of the bit stream and of the cookie)."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.media.framing.bits import BitReader

COOKIE = 24
_BOX = 12
_SINGLE, _PAIR, _LOW = 0, 1, 3


class Cookie(NamedTuple):
    """ALACSpecificConfig."""

    frame_length: int
    version: int
    bit_depth: int
    pb: int
    mb: int
    kb: int
    channels: int
    max_run: int
    max_frame_bytes: int
    bit_rate: int
    rate: int


def bare_cookie(private: bytes) -> bytes:
    """Return the 24 bytes, out of the boxes that MP4, CAF and FFmpeg keep them in; empty if there are none."""
    at = 0
    if private[4:8] == b"frma":
        at = int.from_bytes(private[:4], "big")
    if private[at + 4 : at + 8] == b"alac":
        at += _BOX
    found = private[at : at + COOKIE]
    return found if len(found) == COOKIE else b""


def parse_cookie(private: bytes) -> Cookie | None:
    """Read the cookie; None if there is none."""
    data = bare_cookie(private)
    if not data:
        return None
    bits = BitReader(data)
    return Cookie(*(bits.take(width) for width in (32, 8, 8, 8, 8, 8, 8, 16, 32, 32, 32)))


def samples(packet: bytes, frame_length: int) -> int:
    """PCM frames in a packet: as many as the cookie says, unless its first element says otherwise."""
    bits = BitReader(packet[:7])
    if bits.take(3) not in (_SINGLE, _PAIR, _LOW):
        return frame_length
    bits.take(4 + 12)
    if not bits.take(1):
        return frame_length
    bits.take(2 + 1)
    return bits.take(32)
