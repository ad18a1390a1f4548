"""Buffer attributes of encoded streams: PulseAudio's, in bytes of the encoded stream. Pure."""

from __future__ import annotations

from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.protocol.words import Attributes

LEAST_RING = 64 * 1024
MOST_RING = 16 * 1024 * 1024
USUAL_RING = 1024 * 1024
"""Bytes; a client that wants to sleep for minutes asks for more."""


def settle(wish: Attributes, capacity: int, device: BuffersParam) -> Attributes:
    """Return what is granted of a wish; -1 leaves one to the bus.

    All count bytes that were not heard, so those that the device holds too. `maxlength` is the ring, which stays as
    it was made; `tlength` what is stored at most; `minreq` a fragment of the device; `prebuf` what the device holds.
    Clamped as PulseAudio does with frames of one byte (pulse-protocol, playback buffer attributes, 7 and 8).
    """
    tlength = capacity if wish.tlength < 0 else min(max(wish.tlength, 2), capacity)
    minreq = min(device.block, tlength // 2) if wish.minreq < 0 else min(max(wish.minreq, 1), tlength - 1)
    most = tlength + 1 - minreq
    prebuf = min(device.size, most) if wish.prebuf < 0 else min(wish.prebuf, most)
    return Attributes(capacity, tlength, prebuf, max(minreq, 1))
