"""What of an encoded stream is being heard, by the client's own index and what the daemon told of its device.

The same reckoning as a sink's in one process (nodes/compressed_sink/position.py), carried on between two looks.
"""

from __future__ import annotations

from pyaudiobus.client.file_node import FileNode
from pyaudiobus.errors import AudiobusError
from pyaudiobus.graph.source import ReplayableSource, Source
from pyaudiobus.model.encoded_timing import NS, EncodedTiming
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.frame_index import FrameIndex
from pyaudiobus.model.position import Position


class OffloadPosition:
    """Turns looks at a device into media time: 0 is the first frame after the encoder's delay. Never goes back."""

    def __init__(self, form: EncodedFormat, index: FrameIndex, *, fragment: int, buffer: int) -> None:
        """Take the stream's format and index, and the device's fragment and whole buffer in bytes."""
        self._form = form
        self._index = index
        self._fragment = fragment
        self._buffer = buffer
        self._lead = 0.0
        """Frames that the device fetches ahead of what it plays, beyond one fragment."""
        self._last = 0.0
        self._looked: EncodedTiming | None = None
        self._taken = self._frames_taken = 0
        """What the device had taken when it was asked first since the last look, in bytes and in frames."""
        self._given, self._frames_given = -1, 0
        """What it had been given when that was asked last, likewise."""
        self.first = 0
        """The PCM frame of the file with which the index begins."""

    def enter(self, first: int, floor: float) -> None:
        """Begin with a PCM frame of the file; the media time is never told below `floor`."""
        self.first, self._last = first, floor

    @property
    def duration(self) -> float:
        """Seconds of sound without the encoder's delay and padding."""
        frames = self.first + self._index.total_frames - self._form.encoder_delay - self._form.encoder_padding
        return max(0, frames) / self._form.rate

    @property
    def told(self) -> float:
        """Seconds of media time that were told last."""
        return self._last

    def read(self, look: EncodedTiming | None, given: int, now: int) -> Position:
        """Return what is heard at `now` (ns); `given` is how many bytes the device has been given."""
        if look is None:
            return Position(self._last, 0.0)
        frames, spread = self._at_look(look, given)
        if look.is_playing:
            frames += max(0, now - look.looked_at) * self._form.rate / NS
        frames = min(frames, self._frames_before(given))
        seconds = (self.first + frames - self._form.lead) / self._form.rate
        self._last = max(self._last, min(seconds, self.duration))
        return Position(self._last, spread / self._form.rate)

    def taken(self, look: EncodedTiming, now: int) -> int:
        """Return the byte up to which the device took, if it has gone on since it was looked at."""
        if look is not self._looked:
            self._looked, self._taken = look, look.taken
            self._frames_taken = self._index.frames_at(look.taken)
            if look.is_playing:
                self._frames_taken += max(0, now - look.looked_at) * self._form.rate // NS
                self._taken = max(look.taken, self._index.byte_at(self._frames_taken))
        return self._taken

    def frames_left(self, look: EncodedTiming, given: int, now: int) -> int:
        """Return the PCM frames of what the device was given and has not taken."""
        self.taken(look, now)
        return self._frames_before(given) - self._frames_taken

    def _frames_before(self, given: int) -> int:
        if given != self._given:
            self._given, self._frames_given = given, self._index.frames_at(given)
        return self._frames_given

    def _at_look(self, look: EncodedTiming, given: int) -> tuple[float, float]:
        """Return PCM frames rendered when the device was looked at, and how far off that may be."""
        if look.rendered:
            return look.rendered, self._form.encoder_delay
        guess = look.played * self._form.rate / NS
        low, high = self._bounds(look.taken, given, guess)
        best = min(max(guess, low), high)
        return best, max(best - low, high - best)

    def _bounds(self, taken: int, given: int, guess: float) -> tuple[float, float]:
        low = self._index.frames_at(max(0, taken - self._fragment))
        if taken <= self._buffer:
            self._lead = max(self._lead, low - guess)
        if taken + self._fragment >= given:
            return low - self._lead, self._index.frames_at(given)
        return low - self._lead, self._index.frames_at(taken + self._fragment) - self._lead


class RingTrack:
    """One file's bytes in the ring of a stream, and what of them is heard."""

    def __init__(self, node: FileNode, form: EncodedFormat, at: int, *, fragment: int, buffer: int) -> None:
        """Take the ring's index of its first byte, and the device's fragment and whole buffer in bytes."""
        self.node = node
        self.form = form
        self.begin = at
        self.base = at
        """Where what is stored of it now begins: elsewhere after a seek."""
        self.end: int | None = None
        """Where it ends, once another track is told of."""
        self.failure: AudiobusError | None = None
        """Why it is not whole."""
        self._sizes = (fragment, buffer)
        source = node.source()
        self.is_replayable = isinstance(source, ReplayableSource)
        """Whether it can be entered anywhere."""
        self.enter(source, at, 0, 0.0)

    def enter(self, source: Source, at: int, first: int, floor: float) -> None:
        """Begin at an index of the ring with a PCM frame of the file; no media time below `floor` is told."""
        fragment, buffer = self._sizes
        self.source, self.base, self.end = source, at, None
        self.position = OffloadPosition(self.form, source.index, fragment=fragment, buffer=buffer)
        self.position.enter(first, min(max(0.0, floor), self.node.duration))
