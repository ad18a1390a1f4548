"""PCM made louder or softer, cut off at full scale. For what is decoded here; a DSP has its mixer control."""

from __future__ import annotations

import sys
from array import array

from pyaudiobus.model.format import Encoding

_TYPES = {Encoding.S16: "h", Encoding.S32: "i"}
"""What the decoder gives (media/decode), by the names of module array."""


def scaled(data: bytes, gain: float, encoding: Encoding) -> bytes:
    """Return S16 or S32 samples times a linear gain; other encodings as they are."""
    kind = _TYPES.get(encoding)
    if kind is None:
        return data
    samples = array(kind, data)
    if sys.byteorder == "big":
        samples.byteswap()
    most = (1 << 8 * encoding.width - 1) - 1
    if gain <= 1.0:
        louder = array(kind, [int(sample * gain) for sample in samples])
    else:
        louder = array(kind, [max(~most, min(int(sample * gain), most)) for sample in samples])
    if sys.byteorder == "big":
        louder.byteswap()
    return louder.tobytes()
