"""What becomes of a stream while it plays, as its sink tells it. A player makes events of these (model/events.py)."""

from __future__ import annotations

from pyaudiobus.model.position import Counters
from pyaudiobus.model.record import Record


class Joined(Record):
    """The last frame of the stream was heard, and the one queued behind it is playing now."""

    counters: Counters
    """What the one that has ended has cost and carried."""
    gap: float = 0.0
    """Seconds of silence between them."""
    gapless: bool = True
    """Whether the device went on by itself, with no stop in between."""


class Slept(Record):
    """The device was given back in a long pause; the stream keeps its place."""


class Troubled(Record):
    """The device does not do what it should; what comes of it is told next."""

    reason: str


class Mended(Record):
    """The device plays again, from the frame that was heard last."""

    reason: str
    attempts: int


class Relocated(Record):
    """Another sink plays the stream now, from the frame that was heard last, by the connection's new terms."""

    reason: str
    seconds: float
    """Media time of that frame."""


class Starved(Record):
    """The source brings no more for now: the device holds before it runs dry."""

    buffered: float
    """Seconds that are left."""


class Flowing(Record):
    """Enough came from the source, and the device goes on."""

    buffered: float
    """Seconds that are there."""


class Titled(Record):
    """What is heard from now on has this title, says the station."""

    title: str


Change = Joined | Slept | Troubled | Mended | Relocated | Starved | Flowing | Titled
