"""Vorbis: the three header packets and how long a packet sounds (Vorbis I specification, 4.2, 4.3)."""

from __future__ import annotations

from pyaudiobus.media.framing.bits import BitReader

_HEADERS = 3
_IDENTIFICATION, _SETUP = b"\x01vorbis", b"\x05vorbis"
_MODE_BITS = 1 + 16 + 16 + 8
_MOST_MODES = _MOST_MAPPINGS = 64


def split_headers(private: bytes) -> tuple[bytes, ...]:
    """Take apart the header packets as Matroska and FFmpeg keep them: their number, two sizes, the packets."""
    if private[:1] != b"\x02":
        return ()
    at = 1
    sizes: list[int] = []
    while len(sizes) < _HEADERS - 1:
        size = 0
        while at < len(private):
            size += private[at]
            at += 1
            if private[at - 1] != 0xFF:  # noqa: PLR2004  # Xiph's lacing
                break
        sizes.append(size)
    first, second = at + sizes[0], at + sum(sizes)
    headers = private[at:first], private[first:second], private[second:]
    is_right = headers[0].startswith(_IDENTIFICATION) and headers[2].startswith(_SETUP)
    return headers if is_right else ()


class BlockSizes:
    """How long packets sound: half of what two neighbours are long together."""

    def __init__(self, headers: tuple[bytes, ...]) -> None:
        identification, setup = headers[0], headers[2]
        exponents = identification[28]
        self._sizes = (1 << (exponents & 15), 1 << (exponents >> 4))
        self._flags = mode_flags(setup)
        self._width = (len(self._flags) - 1).bit_length()
        self._previous = 0

    def samples(self, packet: bytes) -> int:
        """PCM frames that this packet adds to those before it; the first adds none."""
        if not packet or packet[0] & 1:
            return 0
        mode = packet[0] >> 1 & ((1 << self._width) - 1)
        size = self._sizes[self._flags[mode] if mode < len(self._flags) else 0]
        before, self._previous = self._previous, size
        return (before + size) // 4 if before else 0


def mode_flags(setup: bytes) -> list[int]:
    """Return whether each mode has long blocks. The list is the last thing in the header, so it is read backwards.

    A mode is one bit for its block, 16 for its window and 16 for its transform, both zero, 8 for its mapping; the
    number of modes less one stands before them in 6 bits, and a set bit behind.
    """
    bits = BitReader(setup[::-1])  # Vorbis puts the first bit lowest: the last one comes first here
    while bits.left and not bits.take(1):
        pass
    flags: list[int] = []
    found: list[int] = []
    while len(flags) < _MOST_MODES and bits.left >= _MODE_BITS:
        if bits.take(8) >= _MOST_MAPPINGS or bits.take(16) or bits.take(16):
            break
        flags.insert(0, bits.take(1))
        if bits.peek(6) == len(flags) - 1:
            found = list(flags)
    return found or [0]
