"""How often, and when, a device that broke off is tried again. Touches no device."""

from __future__ import annotations

ATTEMPTS = 3
"""How often a device is tried in one incident; then its stream has to go elsewhere."""
FIRST_RETRY = 0.05
"""Seconds; each further try waits four times as long: 0.05, 0.2 and 0.8 s after the one before."""
FACTOR = 4
QUIET = 10.0
"""Seconds of sound that a device must have played for the next trouble to count as another incident."""


class Recovery:
    """The incidents of one stream."""

    def __init__(self) -> None:
        self.attempts = 0
        """Tries in the present incident."""
        self.reason = ""
        """What began it; empty while there is none."""
        self.due = 0.0
        """When to try next."""
        self._is_in_doubt = False
        self._place = 0.0

    @property
    def is_hopeless(self) -> bool:
        """Whether it was tried often enough."""
        return self.attempts >= ATTEMPTS

    def fail(self, reason: str, now: float, place: float) -> bool:
        """Take note of a failure at a media time, and plan the next try; True if an incident begins."""
        if place - self._place >= QUIET:
            self.attempts, self.reason = 0, ""
        is_new = not self.reason
        self.reason, self._place = self.reason or reason, place
        self._is_in_doubt = True
        self.due = now + FIRST_RETRY * FACTOR**self.attempts
        return is_new

    def succeed(self) -> bool:
        """Take note that it plays; True if that was in doubt."""
        was_in_doubt, self._is_in_doubt = self._is_in_doubt, False
        return was_in_doubt

    def leap(self, place: float) -> None:
        """Go to another media time: what lies between was not played."""
        self._place = place
