"""What happened to a virtual device and when, for tests and for people."""

from __future__ import annotations

from collections import deque

from pyaudiobus.devices.clock import Clock

_EVENTS_KEPT = 10_000


class Journal:
    """Two lists: everything that happened, and what a real DSP would have punished."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.events: deque[tuple[float, str]] = deque(maxlen=_EVENTS_KEPT)
        """Instants of the clock and what happened; the newest are kept."""
        self.incidents: list[str] = []
        """Each kind of mistake of the player once, in a sentence."""

    def note(self, event: str) -> None:
        """Write down what happened."""
        self.events.append((self._clock.now(), event))

    def blame(self, mistake: str) -> None:
        """Write down what the player did wrong."""
        if mistake not in self.incidents:
            self.incidents.append(mistake)
            self.note(mistake)
