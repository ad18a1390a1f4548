"""When to look at the device again, and when it has been still for too long."""

from __future__ import annotations

from math import inf

from pyaudiobus.devices.compress import Geometry
from pyaudiobus.model.frame_index import FrameIndex

MAX_SLEEP = 15.0
"""Seconds; an unplugged or dead device is noticed within this time although nothing polls it."""
LEAST_SLEEP = 0.005
STILL_FRAGMENTS = 4
"""A device that takes nothing for the time of this many fragments has stalled."""
STILL_SECONDS = 2.0
"""But no sooner than this, whatever the bit rate."""
SHORT = 2.0
"""Seconds; a fragment may sound longer than a sleep shorter than this."""
DRAIN_MARGIN = 3.0
"""Seconds a drain may last longer than the sound that is left, besides a tenth of that."""


class Watch:
    """Predicts, from the stream's own index, when the ring runs low; notices when reality is slower."""

    def __init__(self, index: FrameIndex, rate: int, geometry: Geometry) -> None:
        self._index = self._slow = index
        self._still = STILL_SECONDS
        self._rate = rate
        self.low = max(2 * geometry.fragment_size, geometry.ring_size // 10)
        """Bytes in a ring that is nearly empty."""
        self._fragment = geometry.fragment_size
        self._seen = 0
        self._seen_at = 0.0
        self.is_moving = True
        """Whether it had taken something when that was noted last."""
        self.low_at = -inf
        """The instant at which the ring will be nearly empty."""

    def be_patient(self, slow: FrameIndex, still: float) -> None:
        """Judge the device by another index, and no sooner than after so many seconds."""
        self._slow, self._still = slow, still

    def be_frugal(self) -> None:
        """Let the ring run lower: it will never be full of what comes no faster than it sounds."""
        self.low = 2 * self._fragment

    def begin(self, now: float) -> None:
        """The device runs from now on (again)."""
        self._seen_at = now
        self.is_moving = True

    def seconds(self, start: int, end: int) -> float:
        """How long the stream bytes from `start` to `end` sound."""
        return max(0, self._index.frames_at(end) - self._index.frames_at(start)) / self._rate

    def at_most(self, start: int, end: int) -> float:
        """How long they may sound at most."""
        return max(0, self._slow.frames_at(end) - self._slow.frames_at(start)) / self._rate

    def patience(self, taken: int) -> float:
        """How long the device may stand still at byte `taken`."""
        return max(self._still, STILL_FRAGMENTS * self.at_most(taken, taken + self._fragment))

    def is_still(self, taken: int, now: float) -> bool:
        """Note how far the device is; True when it has not moved for longer than is right."""
        self.is_moving = taken > self._seen
        if self.is_moving:
            self._seen, self._seen_at = taken, now
            return False
        return now - self._seen_at > self.patience(taken)

    def next_look(self, taken: int, written: int, now: float) -> float:
        """Return the instant at which the ring will be nearly empty; sooner if the device may have stalled."""
        until_low = self.seconds(taken, max(taken, written - self.low))
        if until_low < SHORT:  # the ring is small, or could not be filled: come back when there is room again
            until_low = max(until_low, self.seconds(taken, taken + self._fragment) / 2)
        self.low_at = now + until_low
        look = min(max(until_low, LEAST_SLEEP), MAX_SLEEP)
        if not self.is_moving:  # make sure before the ring runs dry
            look = min(look, self._seen_at + self.patience(taken) - now + 0.01)
        return now + max(look, LEAST_SLEEP)
