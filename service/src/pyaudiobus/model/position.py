"""Where a stream is, and how sure that is."""

from __future__ import annotations

from pyaudiobus.model.record import Record


class Position(Record):
    """One reading of a stream's place in its media."""

    seconds: float
    """Media time being heard: 0 is the first frame after the encoder's delay. Never goes back."""
    uncertainty: float
    """The true value lies within this many seconds of `seconds`."""


class Counters(Record):
    """What a stream has cost and carried so far."""

    bytes_sent: int
    bytes_consumed: int
    wakeups: int
    """How often the sink woke to look after the device, prefill included."""
    underruns: int
    """How often the device was found with nothing left to play before the end."""
