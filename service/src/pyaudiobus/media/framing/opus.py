"""Opus: how long a packet sounds, and OpusHead (RFC 6716, 3.1; RFC 7845, 5.1)."""

from __future__ import annotations

RATE = 48_000
"""What every Opus stream decodes to."""
HEAD = b"OpusHead"
_LENGTH = 4
_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)
_MOST = 5760


def samples(packet: bytes) -> int:
    """PCM frames at 48 kHz in a packet, by its TOC byte; 0 for what is no packet."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:  # noqa: PLR2004  # the table of section 3.1
        frame = _SILK[config & 3]
    elif config < 16:  # noqa: PLR2004
        frame = _HYBRID[config & 1]
    else:
        frame = _CELT[config & 3]
    count = 1 if code == 0 else 2
    if code == 3:  # noqa: PLR2004  # a byte tells how many
        count = packet[1] & 0x3F if len(packet) > 1 else 0
    total = frame * count
    return total if total <= _MOST else 0


def with_length(packet: bytes) -> bytes:
    """Return a packet as SND_AUDIOCODEC_OPUS_RAW has it: behind its length in four bytes, little endian.

    Linux 6.18 (sound/soc/qcom/qdsp6/audioreach.c): "raw opus packets prepended with 4 bytes of length", which the DSP,
    a little-endian machine, reads as a word of its own.
    """
    return len(packet).to_bytes(_LENGTH, "little") + packet


def length_size(size: int) -> int:
    """Bytes that with_length makes of a packet of `size` bytes."""
    return _LENGTH + size
