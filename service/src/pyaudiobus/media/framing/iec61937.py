"""AC-3, E-AC-3 and DTS as bursts for a receiver (IEC 61937-1 to -5): 16 bit words, little endian, padded with zeros."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.media.framing.bits import BitReader

_PREAMBLE = bytes((0x72, 0xF8, 0x1F, 0x4E))
PREAMBLE = 8
"""Bytes: two sync words, what it is, how long it is."""
_FRAME = 4
"""Bytes of one frame of the carrier: two channels of 16 bits."""
PAYLOADS = ("ac3", "eac3", "dts")
GROUP = 1536
"""PCM frames in a frame of AC-3, and in a burst of E-AC-3."""
_EAC3_SPEED = 4
_AC3, _EAC3 = 0x01, 0x15
_DTS_TYPES = {512: 0x0B, 1024: 0x0C, 2048: 0x0D}
_DTS_SYNC = b"\x7f\xfe\x80\x01"
_AC3_SYNC = b"\x0b\x77"
_BLOCKS = (1, 2, 3, 6)
_BLOCK = 256
_OLD_AC3 = 10


class Burst(NamedTuple):
    """What becomes of one encoded frame, or of the few that last as long as one of AC-3."""

    data_type: int
    """Of IEC 61937-2, with what stands above it."""
    samples: int
    """PCM frames it sounds."""
    size: int
    """Bytes of the whole burst."""
    is_counted_in_bytes: bool = False
    """E-AC-3 tells its length in bytes, the others in bits."""

    def pack(self, frames: bytes) -> bytes:
        """Return the burst; `frames` fit into it."""
        length = len(frames) if self.is_counted_in_bytes else len(frames) * 8
        head = _PREAMBLE + self.data_type.to_bytes(2, "little") + length.to_bytes(2, "little")
        even = frames + bytes(len(frames) % 2)
        swapped = bytearray(even)
        swapped[0::2], swapped[1::2] = even[1::2], even[0::2]
        return (head + swapped).ljust(self.size, b"\0")


def frame_samples(payload: str, packet: bytes) -> int:
    """PCM frames in one frame of "ac3", "eac3" or "dts"; 0 for what is none."""
    if payload == "dts":
        return _dts_samples(packet)
    if not packet.startswith(_AC3_SYNC):
        return 0
    return GROUP if payload == "ac3" else _eac3_samples(packet)


def is_dependent(payload: str, packet: bytes) -> bool:
    """Tell an E-AC-3 frame that only adds channels to the one before it (ETSI TS 102 366, E.1.3.1.1)."""
    return payload == "eac3" and len(packet) > 2 and packet[2] >> 6 == 1  # noqa: PLR2004  # behind the sync word


def burst_for(payload: str, samples: int, packet: bytes) -> Burst | None:
    """Return the burst for frames that sound `samples`; None where the standard has none."""
    if payload == "ac3":
        mode = packet[5] & 7 if len(packet) > 5 else 0  # noqa: PLR2004  # bsmod
        return Burst(_AC3 | mode << 8, samples, samples * _FRAME)
    if payload == "eac3":
        return Burst(_EAC3, samples, samples * _FRAME * _EAC3_SPEED, is_counted_in_bytes=True)
    kind = _DTS_TYPES.get(samples)
    return None if kind is None else Burst(kind, samples, samples * _FRAME)


def _eac3_samples(packet: bytes) -> int:
    bits = BitReader(packet[2:6])
    kind = bits.take(2)
    bits.take(3 + 11)
    is_reduced_rate = bits.take(2) == 3  # noqa: PLR2004  # then two bits tell which, and there are six blocks
    blocks = 6 if is_reduced_rate else _BLOCKS[bits.take(2)]
    if packet[5] >> 3 <= _OLD_AC3:
        return GROUP
    return 0 if kind == 1 else blocks * _BLOCK


def _dts_samples(packet: bytes) -> int:
    """Read NBLKS of the core's header: blocks of 32 frames, less one (ETSI TS 102 114, 5.3.1)."""
    if not packet.startswith(_DTS_SYNC):
        return 0
    bits = BitReader(packet[4:8])
    bits.take(1 + 5 + 1)
    return (bits.take(7) + 1) * 32
