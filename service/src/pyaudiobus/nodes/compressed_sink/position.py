"""What is being heard now: by the device's own clock, or by what it took and the time that passed."""

from __future__ import annotations

from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.graph.source import FrameIndex
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.position import Position


class PositionTracker:
    """Turns a device's progress into media time.

    Media time 0 is the first frame after the encoder's delay, and it ends at the stream's duration, whether
    or not the DSP trims delay and padding. A device that tells only what it took out of the ring
    (q6asm) is interpolated by the clock, within one fragment of what it took, less what it reads ahead.
    """

    def __init__(self, form: EncodedFormat, index: FrameIndex, geometry: Geometry) -> None:
        self._form = form
        self._index = index
        self._fragment = geometry.fragment_size
        self._ring = geometry.ring_size
        self._lead = 0.0
        """Frames the DSP fetches ahead of what it plays, beyond one fragment; its first gulp shows them."""
        self._running_since: float | None = None
        self._ran = 0.0
        self._last = 0.0
        self._heard = 0.0
        self._ended = False

    @property
    def duration(self) -> float:
        """Seconds of sound without the encoder's delay and padding."""
        frames = self._index.total_frames - self._form.encoder_delay - self._form.encoder_padding
        return max(0, frames) / self._form.rate

    def run(self, now: float) -> None:
        """The DSP plays from now on."""
        if self._running_since is None:
            self._running_since = now

    def hold(self, now: float) -> None:
        """The DSP holds from now on."""
        self._ran = self.elapsed(now)
        self._running_since = None

    def finish(self) -> None:
        """Everything was heard."""
        self._ended = True

    def elapsed(self, now: float) -> float:
        """Seconds the DSP has been playing, by our clock."""
        since = 0.0 if self._running_since is None else now - self._running_since
        return self._ran + since

    def read(self, progress: Progress, written: int, now: float) -> Position:
        """Return the media time heard at `now`, given the bytes written so far and what the device says."""
        if self._ended:
            self._last = self.duration
            return Position(self.duration, 0.0)
        frames, spread = self._frames(progress, written, now)
        self._heard = frames
        seconds = (frames - self._form.encoder_delay) / self._form.rate
        self._last = max(self._last, min(seconds, self.duration))
        return Position(self._last, spread / self._form.rate)

    def latency(self, written: int) -> float:
        """Seconds of the bytes written that had not been heard at the last reading."""
        queued = self._index.frames_at(written) - self._heard
        return 0.0 if self._ended else max(0.0, queued / self._form.rate)

    def _frames(self, progress: Progress, written: int, now: float) -> tuple[float, float]:
        """Return PCM frames rendered since the start of the stream, and how far off that may be."""
        if progress.rendered is not None and progress.rate > 0:
            return progress.rendered * self._form.rate / progress.rate, self._form.encoder_delay
        guess = self.elapsed(now) * self._form.rate
        low, high = self._bounds(progress.taken, written, guess)
        best = min(max(guess, low), high)
        return best, max(best - low, high - best)

    def _bounds(self, taken: int | None, written: int, guess: float) -> tuple[float, float]:
        """Return frames that must have been, and that can at most have been rendered."""
        if taken is None:
            return 0, self._index.frames_at(written)
        low = self._index.frames_at(max(0, taken - self._fragment))
        if taken <= self._ring:  # later the clocks may have parted, and a lead would be that
            self._lead = max(self._lead, low - guess)
        if taken + self._fragment >= written:  # it has everything: the lead is being played
            return low - self._lead, self._index.frames_at(written)
        return low - self._lead, self._index.frames_at(taken + self._fragment) - self._lead
