"""Windows Media Audio: profiles by format tag, and how long a block sounds."""

from __future__ import annotations

VARIANTS = {
    0x160: "7",
    0x161: "9",
    0x162: "9-pro",
    0x163: "9-lossless",
    0x166: "10",
    0x167: "10-lossless",
}
"""By wFormatTag. Encoders of version 8, 9 and 9.2 write the same tag, 0x161."""
OLD = (0x160, 0x161)
_RESERVOIR = 2


class BlockLengths:
    """PCM frames of the blocks of one stream of version 7 to 9 without "Pro"; nothing for the others."""

    def __init__(self, tag: int, rate: int, private: bytes) -> None:
        at = 2 if tag == OLD[0] else 4
        options = int.from_bytes(private[at : at + 2], "little")
        self._has_reservoir = bool(options & _RESERVOIR)
        self._frame = 1 << _frame_bits(rate, is_first=tag == OLD[0]) if tag in OLD else 0
        self._is_first = True

    def samples(self, packet: bytes) -> int | None:
        """PCM frames in a packet; with a bit reservoir its second nibble tells, and the first lacks one."""
        if not self._frame or not packet:
            return None
        if not self._has_reservoir:
            return self._frame
        count = packet[0] & 15
        if self._is_first:
            count = max(0, count - 1)
            self._is_first = False
        return count * self._frame


def _frame_bits(rate: int, *, is_first: bool) -> int:
    """How many bits a frame's length has, by the rate, as decoders know it."""
    for limit, bits in ((16_000, 9), (22_050, 10), (32_000, 10 if is_first else 11), (48_000, 11), (96_000, 12)):
        if rate <= limit:
            return bits
    return 13
