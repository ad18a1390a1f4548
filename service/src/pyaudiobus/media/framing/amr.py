"""AMR and AMR-WB: frames in storage format (RFC 4867, 5), each behind a byte that tells its band mode."""

from __future__ import annotations

from typing import NamedTuple

_NARROW_SIZES = (12, 13, 15, 17, 19, 20, 26, 31, 5, 0, 0, 0, 0, 0, 0, 0)
_WIDE_SIZES = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 0, 0, 0, 0, 0, 0)
_NARROW_RATES = (4750, 5150, 5900, 6700, 7400, 7950, 10_200, 12_200)
_WIDE_RATES = (6600, 8850, 12_650, 14_250, 15_850, 18_250, 19_850, 23_050, 23_850)


class Band(NamedTuple):
    """One of the two."""

    magic: bytes
    """What a file of it begins with."""
    samples: int
    """PCM frames in one encoded frame: 20 ms."""
    sizes: tuple[int, ...]
    """Bytes of a frame behind its first byte, by the frame type."""
    rates: tuple[int, ...]
    """Bits per second, by the frame types that hold speech: what is called the band mode."""

    def frames(self, packet: bytes) -> int:
        """Count the encoded frames in a packet; 0 where it does not hold whole ones."""
        at = count = 0
        while at < len(packet):
            at += 1 + self.sizes[packet[at] >> 3 & 15]
            count += 1
        return count if at == len(packet) else 0

    def mode(self, packet: bytes) -> int:
        """Return the band mode of the first frame that holds speech; 0 without one."""
        at = 0
        while at < len(packet):
            kind = packet[at] >> 3 & 15
            if kind < len(self.rates):
                return kind
            at += 1 + self.sizes[kind]
        return 0


NARROW = Band(b"#!AMR\n", 160, _NARROW_SIZES, _NARROW_RATES)
WIDE = Band(b"#!AMR-WB\n", 320, _WIDE_SIZES, _WIDE_RATES)
