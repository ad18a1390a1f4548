"""What the mix must compute, written a second time without C: one sample at a time, in single precision by hand."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence

from pyaudiobus.engine.driver import Matrix, SampleCode

INTEGER_BITS = {SampleCode.U8: 8, SampleCode.S16: 16, SampleCode.S24: 24, SampleCode.S24_32: 24, SampleCode.S32: 32}
WIDTHS = {SampleCode.U8: 1, SampleCode.S16: 2, SampleCode.S24: 3, SampleCode.S24_32: 4, SampleCode.S32: 4}


def single(value: float) -> float:
    """Round to single precision: the sum or product of two singles, computed in double and rounded here, is exact."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def width(encoding: SampleCode) -> int:
    """Bytes in a sample."""
    return WIDTHS.get(encoding, 4)


def decode(data: bytes, encoding: SampleCode) -> list[float]:
    """Read samples; 1.0 is full scale."""
    if encoding is SampleCode.F32:
        values = [value for (value,) in struct.iter_unpack("<f", data)]
        return [value if math.isfinite(value) else 0.0 for value in values]
    bits, size = INTEGER_BITS[encoding], width(encoding)
    return [single(_integer(data[at : at + size], encoding) / 2 ** (bits - 1)) for at in range(0, len(data), size)]


def _integer(data: bytes, encoding: SampleCode) -> float:
    if encoding is SampleCode.U8:
        return data[0] - 128
    value = int.from_bytes(data[:3] if encoding is SampleCode.S24_32 else data, "little", signed=True)
    return single(value)


def encode(samples: Iterable[float], encoding: SampleCode) -> bytes:
    """Write samples: clipped, rounded to the nearest, halves to even."""
    if encoding is SampleCode.F32:
        return b"".join(struct.pack("<f", sample) for sample in samples)
    return b"".join(_clipped(sample, encoding) for sample in samples)


def _clipped(sample: float, encoding: SampleCode) -> bytes:
    bits = INTEGER_BITS[encoding]
    full = 2 ** (bits - 1)
    top = full - 1 if bits <= 24 else full - 128  # the largest single below 2^31
    value: int = round(min(max(sample * full, -full), top))
    if encoding is SampleCode.U8:
        return bytes([value + 128])
    return value.to_bytes(width(encoding), "little", signed=True)


def mixed(streams: Sequence[tuple[Sequence[float], Matrix]], channels: int, frames: int) -> list[float]:
    """Sum streams, each through its matrix, in the order in which they are given."""
    out = [0.0] * (channels * frames)
    for samples, matrix in streams:
        width_in = len(matrix[0])
        for frame in range(min(frames, len(samples) // width_in)):
            for to in range(channels):
                for source in range(width_in):
                    product = single(samples[frame * width_in + source] * single(matrix[to][source]))
                    at = frame * channels + to
                    out[at] = single(out[at] + product)
    return out


def plain(channels: int, gain: float = 1.0) -> Matrix:
    """Each channel to itself."""
    return tuple(tuple(gain if to == source else 0.0 for source in range(channels)) for to in range(channels))
