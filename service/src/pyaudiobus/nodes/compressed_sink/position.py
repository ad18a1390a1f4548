"""What is being heard now: by the device's own clock, or by what it took and the time that passed."""

from __future__ import annotations

from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.frame_index import FrameIndex
from pyaudiobus.model.position import Position

STILL = 0.25
"""Seconds for which a device that plays tells other frames than before, unless it has stalled."""
HASTE = 0.9
"""Part of its time in which no DSP plays a stream, however much its clock differs from ours."""
A_YEAR = 3e7
"""Seconds; an index that says more does not know when its stream ends."""
ROUNDING = 1e-6
"""Part of a frame by which the difference of two readings of a clock may be short."""


class PositionTracker:
    """Turns a device's progress into media time.

    Media time 0 is the first frame after the encoder's delay, and it ends at the stream's duration, whether
    or not the DSP trims delay and padding. A device that tells only what it took out of the ring
    (q6asm) is interpolated by the clock, within one fragment of what it took, less what it reads ahead.

    `index` counts from the first byte that the device was given, which decodes to the stream's PCM frame `first`.
    `cut` frames from there on are not heard; None where nobody knows whether the device cuts off the delay.
    The media time never goes below `floor`, nor back. `doubt` is by how many PCM frames `first` may be wrong.
    """

    def __init__(
        self,
        form: EncodedFormat,
        index: FrameIndex,
        geometry: Geometry,
        *,
        first: int = 0,
        cut: int | None = None,
        floor: float = 0.0,
        doubt: int = 0,
    ) -> None:
        self._form = form
        self._before = form.lead
        self._index = index
        self._first = first
        self._cut = cut or 0
        self._place_doubt = doubt / form.rate
        self._doubt = form.encoder_delay if cut is None else 0
        self._fragment = geometry.fragment_size
        self._ring = geometry.ring_size
        self._lead = 0.0
        """Frames the DSP fetches ahead of what it plays, beyond one fragment; its first gulp shows them."""
        self._running_since: float | None = None
        self._ran = 0.0
        self._last = min(floor, self.duration)
        self._heard = 0.0
        self._told: tuple[float, float] | None = None
        """What the device said last of the frames it rendered, and for how long it had been running then."""
        self._moved = 0.0
        """For how long it had been running when it said so first."""
        self._holds = 0
        """How often it was held while it played."""
        self._ended = False

    @property
    def duration(self) -> float:
        """Seconds of sound without the encoder's delay and padding."""
        frames = self._first + self._index.total_frames - self._form.encoder_delay - self._form.encoder_padding
        return max(0, frames) / self._form.rate

    def run(self, now: float) -> None:
        """The DSP plays from now on."""
        if self._running_since is None:
            self._running_since = now

    def hold(self, now: float) -> None:
        """The DSP holds from now on."""
        self._holds += self._running_since is not None
        self._ran = self.elapsed(now)
        self._running_since = None

    def finish(self) -> None:
        """Everything was heard."""
        self._ended = True

    def elapsed(self, now: float) -> float:
        """Seconds the DSP has been playing, by our clock."""
        since = 0.0 if self._running_since is None else now - self._running_since
        return self._ran + since

    def lacks_time(self, now: float) -> bool:
        """Whether it has not played for so long that all of it can have been heard; not where that is unknown."""
        lasts = (self._index.total_frames - self._cut - self._form.encoder_padding) / self._form.rate
        return lasts < A_YEAR and self.elapsed(now) < HASTE * lasts

    def read(self, progress: Progress, written: int, now: float) -> Position:
        """Return the media time heard at `now`, given the bytes written so far and what the device says."""
        if self._ended:
            self._last = self.duration
            return Position(self.duration, 0.0)
        frames, spread = self._frames(progress, written, now)
        self._heard = frames
        seconds = (self._first + frames - self._before) / self._form.rate
        self._last = max(self._last, min(seconds, self.duration))
        behind = max(0.0, self._last - seconds)  # it entered before what was told, or asked for
        return Position(self._last, spread / self._form.rate + behind + self._place_doubt)

    def frame(self, progress: Progress, written: int, now: float, *, stalled: bool = False) -> int:
        """Return the next PCM frame of the stream to be heard, to go on from there.

        Of a device that stopped by itself and does not tell where, the earliest it can be: nothing is left out.
        """
        frames, spread = self._frames(progress, written, now)
        if stalled and progress.rendered is None:
            frames -= spread
        elif self._told is None:  # it may have begun a frame anew after each hold
            frames -= self._holds
        return max(self._first + int(max(0.0, frames) + ROUNDING), self._first + self._cut)

    def latency(self, written: int) -> float:
        """Seconds of the bytes written that had not been heard at the last reading."""
        queued = self._index.frames_at(written) - self._heard
        return 0.0 if self._ended else max(0.0, queued / self._form.rate)

    def _frames(self, progress: Progress, written: int, now: float) -> tuple[float, float]:
        """Return PCM frames decoded and passed since the first byte, and how far off that may be."""
        elapsed = self.elapsed(now)
        rendered = -1.0
        if progress.rendered is not None and progress.rate > 0:
            rendered = progress.rendered * self._form.rate / progress.rate
        if rendered >= (0.0 if self._told is None else self._told[0]):  # less than before: the card is gone
            if self._told is None or rendered != self._told[0]:
                self._moved = elapsed
            self._told = rendered, elapsed
            return rendered + self._cut, self._doubt
        guess = elapsed * self._form.rate + self._cut
        if self._told is not None:  # it used to tell, and cannot now: it is gone
            is_still = self._told[1] - self._moved > STILL
            since = 0.0 if is_still else elapsed - self._told[1]
            return self._told[0] + since * self._form.rate + self._cut, self._doubt
        low, high = self._bounds(progress.taken, written, guess)
        best = min(max(guess, low), high)
        return best, max(best - low, high - best)

    def _bounds(self, taken: int | None, written: int, guess: float) -> tuple[float, float]:
        """Return frames that must have been, and that can at most have been rendered."""
        if taken is None:
            return 0, self._index.frames_at(written)
        low = self._decoded(max(0, taken - self._fragment))
        if taken <= self._ring:  # later the clocks may have parted, and a lead would be that
            self._lead = max(self._lead, low - guess)
        if taken + self._fragment >= written:  # it has everything: the lead is being played
            return low - self._lead, self._index.frames_at(written)
        return low - self._lead, self._index.frames_at(taken + self._fragment) - self._lead

    def _decoded(self, byte: int) -> int:
        """Return PCM frames that a decoder gives for the bytes before `byte`: whole frames, and one less."""
        index = self._index
        whole = index.frames_at(index.byte_at(index.frames_at(byte)))
        return index.frames_at(index.byte_at(whole - 1)) if whole else 0
