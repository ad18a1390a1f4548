"""A client's ring as what a compressed sink reads from: shared memory itself, with no copy of ours. No thread here."""

from __future__ import annotations

from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import PeerError
from pyaudiobus.model.format import Codec, EncodedFormat

ASSUMED_BIT_RATE = 320_000
"""Of streams that do not tell theirs."""
LEAST_BIT_RATE = 1_000
MOST_BIT_RATE = 50_000_000
HEADROOM = 1.25
"""A stream may need this much more than its mean for a while: whoever sleeps by the mean would come too late."""
LEARNING_SECONDS = 5.0
"""What a device fetches ahead at the start says nothing of a stream's rate."""
ENDLESS = 1 << 62
LOSSLESS = frozenset({Codec.FLAC, Codec.ALAC, Codec.APE})
SLOWER = 4
"""A stretch may need so much less than the mean, that is, sound so much longer."""
SLOWER_LOSSLESS = 8
STILL_SECONDS = 8.0
"""For which a device may stand still."""
STILL_SECONDS_LOSSLESS = 20.0
"""Silence takes next to nothing there."""


class RateIndex:
    """Where bytes lie in time, by the stream's bit rate: good for when to look again, not for what is heard."""

    total_bytes = ENDLESS
    total_frames = ENDLESS

    def __init__(self, rate: int, bit_rate: float) -> None:
        """Take PCM frames and bits per second."""
        self._rate = rate
        self._byte_rate = min(max(bit_rate, LEAST_BIT_RATE), MOST_BIT_RATE) / 8

    def learn(self, size: int, seconds: float) -> None:
        """Follow a stream that turns out to need more than it told: so many bytes were played in that time."""
        if seconds > LEARNING_SECONDS:
            self._byte_rate = min(max(self._byte_rate, size / seconds), MOST_BIT_RATE / 8)

    def frames_at(self, byte: int) -> int:
        """PCM frames before `byte`, about."""
        return int(byte * self._rate / self._byte_rate)

    def byte_at(self, frame: int) -> int:
        """Where PCM frame `frame` lies, about."""
        return int(frame * self._byte_rate / self._rate)


class RingSource:
    """One encoded stream from its ring, from where the ring is now. Belongs to the thread that plays."""

    def __init__(self, ring: RingConsumer, form: EncodedFormat) -> None:
        bit_rate, is_lossless = form.bit_rate or ASSUMED_BIT_RATE, form.codec in LOSSLESS
        slower = SLOWER_LOSSLESS if is_lossless or not form.bit_rate else SLOWER
        self.index = RateIndex(form.rate, bit_rate * HEADROOM)
        self.slow_index = RateIndex(form.rate, bit_rate / slower)
        self.patience = STILL_SECONDS_LOSSLESS if is_lossless else STILL_SECONDS
        self.base = ring.taken
        """The ring's index of the first byte that this source gave."""
        self.is_short = False
        """Whether the last peek gave less than was wanted, because the client has stored no more."""
        self._ring = ring
        self._cut: int | None = None
        """The end as somebody else has set it."""

    @property
    def ended(self) -> bool:
        """True once all before the end mark was taken."""
        end = self.end()
        return end is not None and self._ring.taken >= end

    def end(self) -> int | None:
        """Return the ring's index at which the stream ends, None while that is open. PeerError."""
        return self._ring.look().end if self._cut is None else self._cut

    def cut(self) -> None:
        """Let the stream end after what is stored now. PeerError."""
        fill = self._ring.look()
        stored = self._ring.taken + fill.stored
        self._cut = stored if fill.end is None else min(stored, fill.end)

    def peek(self, size: int) -> memoryview:
        """Return up to `size` bytes of shared memory; fewer only at the end, or if no more are there yet. PeerError."""
        fill = self._ring.look()
        if fill.silence and not fill.stored:
            raise PeerError("an encoded stream cannot be silent: its ring has a gap")
        stored = fill.stored
        end = fill.end if self._cut is None else self._cut
        if end is not None:
            stored = min(stored, max(0, end - self._ring.taken))
            self.index.total_bytes = end - self.base if self._ring.taken + stored >= end else ENDLESS
        else:
            self.index.total_bytes = ENDLESS
        self.is_short = stored < size and (end is None or self._ring.taken + stored < end)
        return self._ring.view(min(size, stored))

    def advance(self, count: int) -> None:
        """Take bytes: their memory is the client's again."""
        self._ring.take(count)

    def want(self, size: int) -> bool:
        """Ask to be woken when `size` bytes are there, or the end. True: they are, do not sleep."""
        index = self._ring.taken + min(size, self._ring.capacity)
        end = self._ring.look().end
        if end is None:
            return self._ring.want_data(index)
        return self._ring.want_more(min(index, end) if end > self._ring.taken else index)
