"""A client's ring as what a compressed sink reads from: shared memory itself, with no copy of ours. No thread here.

What the device was given stays in the ring until it was heard: it is what a stream is begun again from when its device
was closed or has failed.
"""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.daemon.passing_index import ASSUMED_BIT_RATE, ENDLESS, PassingIndex, has_header
from pyaudiobus.engine.frame_log import FrameLog, FramePattern
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import PeerError
from pyaudiobus.graph.source import Passage
from pyaudiobus.model.format import Codec, EncodedFormat

HEADROOM = 1.25
"""A stream may need this much more than its mean for a while: whoever sleeps by the mean would come too late."""
LOSSLESS = frozenset({Codec.FLAC, Codec.ALAC, Codec.APE})
SLOWER = 4
"""A stretch may need so much less than the mean, that is, sound so much longer."""
SLOWER_LOSSLESS = 8
STILL_SECONDS = 8.0
"""For which a device may stand still."""
STILL_SECONDS_LOSSLESS = 20.0
"""Silence takes next to nothing there."""
SETTLING = {Codec.MP3: 10 * 1152}
"""PCM frames after which a decoder that knew nothing is exact: an MP3 frame may need bits of several before it."""


class RingLoan(NamedTuple):
    """Where a stream is whose bytes are given natively."""

    ring: RingConsumer
    log: FrameLog
    pattern: FramePattern
    given: int
    """The ring's index of the first byte that the device was not given."""
    followed: int
    """The ring's index up to which frames were followed."""
    stop: int | None
    """The ring's index from which on what is done is not known here."""


class RingSource:
    """One encoded stream from a place in its ring on. Belongs to the thread that plays.

    Source bytes count from 0: first `header`, sent again where a stream is begun in the middle, then the ring's bytes
    from `base` on.
    """

    def __init__(
        self,
        ring: RingConsumer,
        form: EncodedFormat,
        *,
        base: int | None = None,
        header: bytes = b"",
        whole: RingSource | None = None,
    ) -> None:
        """Begin at an index of the ring, or at the first byte that waits there; as a part of a whole stream."""
        self.base = ring.taken if base is None else base
        """The ring's index of the first byte that this source gives."""
        self.given = self.base
        """The ring's index up to which the device was given bytes."""
        self.is_short = False
        """Whether the last peek gave less than was wanted, because the client has stored no more."""
        self.index = PassingIndex(form, header)
        """Where each byte lies in time."""
        self.known_end: int | None = None
        """The ring's index before which it ends for all that is known, though more may be stored for it to follow."""
        self.keeps_end = False
        """Its last bytes are given only when it is certain that they are: a drain must come at once then."""
        self._whole = whole or self
        self._ring = ring
        self._form = form
        self._settling = SETTLING.get(form.codec, 0)
        self._resent = memoryview(header)
        self._shift = self.base - len(header)
        """What a source byte's number lacks of its index."""
        self._position = 0
        self._cut: int | None = None
        """The end as somebody else has set it."""
        self._border: int | None = None
        """Where another track begins that is not there yet: whether this one ends there for good is open."""

    # ---- where it is ----

    @property
    def ended(self) -> bool:
        """True once all before the end mark was taken."""
        end = self.end()
        return end is not None and self.given >= end

    def end(self) -> int | None:
        """Return the ring's index at which the stream ends, None while that is open. PeerError."""
        if self._whole._cut is None and self._whole._border is not None:
            return None
        cut = self._whole._cut
        return self._ring.end if cut is None else cut

    def be_known(self, size: int, *, keeps_end: bool) -> None:
        """Take note of its bytes before anything of it was given."""
        self.known_end, self.keeps_end = self.base + size, keeps_end
        self.index.total_bytes = size

    def stop_before(self, index: int) -> None:
        """Give nothing from an index on: another track begins there. It has not ended before end_at()."""
        self._whole._border = index

    def end_at(self, index: int) -> None:
        """Let the stream end before an index."""
        self._whole._cut = index

    def cut(self) -> None:
        """Let the stream end after what is stored now. PeerError."""
        fill = self._ring.look()
        stored = max(self.given, self._ring.taken + fill.stored)
        self._whole._cut = stored if fill.end is None else min(stored, fill.end)

    def ring_index(self, byte: int) -> int:
        """Return the ring's index of a source byte."""
        index = byte + self._shift
        return max(self.base, index)

    def unheard(self, consumed: int) -> int:
        """Return how many bytes are stored and were not taken by the device, which took `consumed` source bytes."""
        return max(0, self._ring.filled() - self.ring_index(consumed))

    # ---- giving ----

    def peek(self, size: int) -> memoryview:
        """Return up to `size` bytes of shared memory; fewer only at the end, or if no more are there yet. PeerError."""
        written = self._ring.filled()
        if written <= self.given and self._ring.look().silence:
            raise PeerError("an encoded stream cannot be silent: its ring has a gap")
        end = self.end()
        limit = written if end is None else min(written, end)
        whole = self._whole
        if whole._border is not None:
            limit = min(limit, whole._border)
        if whole.keeps_end and whole.known_end is not None and end is None:
            limit = min(limit, whole.known_end - 1)
        self._follow(limit, is_all=end is not None and written >= end)
        if self._whole is not self:
            self._whole._follow(limit, is_all=end is not None and written >= end)
        again = self._resent[self._position :]
        stored = max(0, limit - self.given)
        self.is_short = len(again) + stored < size and (end is None or limit < end)
        view = self._ring.view_at(self.given, min(max(0, size - len(again)), stored))
        return memoryview(bytes(again) + bytes(view)) if len(again) else view

    def _follow(self, limit: int, *, is_all: bool) -> None:
        """Look at the frames up to an index of the ring, where the stream may end."""
        index = self.index
        if self._resent and not self._position and has_header(self._ring.view_at(self.base, max(0, limit - self.base))):
            self._resent, self._shift = memoryview(b""), self.base
            index.restart()
        if is_all:
            index.total_bytes = max(0, limit - self.base) + len(self._resent)
        start = self.ring_index(index.followed)
        if limit > start >= self._ring.taken:
            index.follow(self._ring.view_at(start, limit - start))
        start = self.ring_index(index.followed)
        if is_all and start >= self._ring.taken:
            index.finish(self._ring.view_at(start, max(0, limit - start)))

    def advance(self, count: int) -> None:
        """Take bytes. Their memory stays as it is until they are released."""
        self._position += count
        self.given = self.ring_index(self._position)

    def lend(self) -> RingLoan | None:
        """Return where it is, for native code that gives its bytes; None where that is not done with this."""
        index, pattern = self.index, self.index.pattern
        if pattern is None or self._whole is not self or self.is_short or self._position < len(self._resent):
            return None
        stops = [stop for stop in (self._border, self._cut, self.known_end) if stop is not None]
        return RingLoan(
            self._ring, index.log, pattern, self.given, self.ring_index(index.followed), min(stops, default=None)
        )

    def book(self, sent: int, followed: int) -> None:
        """Note the bytes that were given so, and how many more were followed."""
        self.advance(sent)
        self.index.followed += followed

    def release(self, consumed: int, heard: int) -> None:
        """Give memory back to the client: what nothing after PCM frame `heard` of the whole stream needs.

        Of a stream whose frames are not known, what the device took: the source bytes before `consumed`.
        """
        index = self._whole.index
        if not index.is_exact:
            self._give_back(self.ring_index(consumed))
            return
        needed = heard - self._settling
        if needed > index.first_frame:
            self._give_back(min(self._whole.ring_index(index.forget(index.byte_at(needed))), self.given))

    def release_before(self) -> None:
        """Give everything before the first byte of this source back to the client."""
        self._give_back(self.base)

    def release_all(self) -> None:
        """Give everything that the device was given back to the client."""
        self._give_back(self.given)

    def _give_back(self, index: int) -> None:
        size = index - self._ring.taken
        if size > 0:
            self._ring.take(size)

    def drop(self) -> None:
        """Give everything back to the client, also what it has stored and the device was not given. PeerError."""
        stored = self._ring.look().stored
        self._ring.take(max(stored, self.given - self._ring.taken))

    # ---- being woken ----

    def want(self, index: int) -> bool:
        """Ask to be woken when bytes up to an index of the ring are there, or the end. True: they are, do not sleep."""
        index = min(index, self._ring.taken + self._ring.capacity)
        end = self._ring.end
        if end is None:
            return self._ring.want_data(index)
        return self._ring.want_more(min(index, end) if end > self.given else index)


class ReplayableRingSource(RingSource):
    """The same for a stream whose frames are known: it can be begun again at any of those that are still there."""

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Return the bytes from the encoded frame on that holds a PCM frame; settled, from some before it on."""
        index = self.index
        at = frame - self._settling if settled else frame
        byte = max(index.byte_at(max(at, index.first_frame)), len(index.header))
        if index.is_exact:  # where the last frame ends is not known, where it begins is
            byte = min(byte, index.followed)
        source = RingSource(self._ring, self._form, base=self.ring_index(byte), header=index.header, whole=self)
        if index.total_bytes < ENDLESS:
            source.index.total_bytes = index.total_bytes - byte + len(index.header)
        return Passage(source, index.frames_at(byte))


class UnsureRingSource(RingSource):
    """The same for a stream whose frames are not known: the device is judged with more patience."""

    def __init__(self, ring: RingConsumer, form: EncodedFormat, *, base: int | None = None) -> None:
        super().__init__(ring, form.replace(bit_rate=int((form.bit_rate or ASSUMED_BIT_RATE) * HEADROOM)), base=base)
        is_lossless = form.codec in LOSSLESS
        slower = SLOWER_LOSSLESS if is_lossless or not form.bit_rate else SLOWER
        slow = form.replace(bit_rate=(form.bit_rate or ASSUMED_BIT_RATE) // slower)
        self.slow_index = PassingIndex(slow)
        self.patience = STILL_SECONDS_LOSSLESS if is_lossless else STILL_SECONDS


def is_followed(form: EncodedFormat) -> bool:
    """Tell whether the frames of a format can be followed, so that it can be begun again at any of them."""
    return form.codec in (Codec.MP3, Codec.FLAC)


def source_of(ring: RingConsumer, form: EncodedFormat, header: bytes = b"", *, base: int | None = None) -> RingSource:
    """Return what a sink reads a stream from, which begins at an index, or at the first byte that waits in its ring.

    `header`: what a decoder needs before any frame, where it is known from before and the client brings none.
    """
    if not is_followed(form):
        return UnsureRingSource(ring, form, base=base)
    return ReplayableRingSource(ring, form, base=base, header=header)
