"""What a stream that plays decoded was asked for as: it can go back to that where its client says so."""

from __future__ import annotations

from pyaudiobus.daemon.objects import Facts
from pyaudiobus.daemon.wish import offers
from pyaudiobus.protocol.messages import CreateStream

MOST_LOSSES = 3
"""Of devices that failed under one track: after that it stays decoded, as this one comes and goes."""


class Undecoded:
    """The request of a stream, and whether it may be played as it was meant now."""

    def __init__(self, wish: CreateStream, losses: int = 0, *, is_ready: bool = True) -> None:
        """Make it; `losses` counts the devices that have failed under the present track."""
        self.wish = wish
        self.losses = losses
        self.is_ready = is_ready
        """Not at once where a device has just failed."""

    def facts(self) -> Facts:
        """Return what it could be, and whether it may go back to it now."""
        return {"formats": offers(self.wish), "may_return": self.is_ready, "losses": self.losses or None}
