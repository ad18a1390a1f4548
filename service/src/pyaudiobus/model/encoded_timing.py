"""What the timing words of a ring say of an encoded stream, whose bytes have no fixed time. Used by both ends.

The words are those of engine/ring.h; two of them mean something else here than they do for PCM:
`playing_for` is how much of the stream was heard, in ns since it began or was flushed, and `underrun_for` is the same
in PCM frames, the encoder's delay among them, 0 where the driver does not tell. `read_index` counts the bytes that the
device took out of its own buffer; what it was given beyond that is still in the ring.
"""

from __future__ import annotations

from pyaudiobus.model.record import Record

NS = 1_000_000_000


class EncodedTiming(Record):
    """One look at a device that plays an encoded stream."""

    taken: int
    """The ring's index of the first byte that the device has not taken out of its own buffer."""
    looked_at: int
    """CLOCK_MONOTONIC in ns."""
    played: int
    """ns for which it has been playing."""
    rendered: int
    """PCM frames since the stream began; 0: not told."""
    underruns: int
    is_playing: bool
    is_corked: bool
