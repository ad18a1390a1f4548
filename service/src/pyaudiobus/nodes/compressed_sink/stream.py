"""What belongs to one stream while it is on the sink, gone when it leaves or enters the device anew."""

from __future__ import annotations

from math import inf

from pyaudiobus.devices.compress import CompressDevice, Geometry, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError
from pyaudiobus.graph.source import (
    DoubtfulSource,
    LateSource,
    Passage,
    ReplayableSource,
    Source,
    UnsureSource,
)
from pyaudiobus.model.format import DECODER_DELAYS, EncodedFormat
from pyaudiobus.model.frame_index import FrameIndex
from pyaudiobus.nodes.compressed_sink.feeder import Feeder
from pyaudiobus.nodes.compressed_sink.position import A_YEAR, HASTE, PositionTracker
from pyaudiobus.nodes.compressed_sink.watch import Watch

FRESH = 0.002
"""Seconds for which an answer of the device will do: what follows a wakeup need not ask again."""
TRUST = 0.005
"""Seconds by which our clock and a device that tells no frames may disagree about when something ends."""
DRIFT = 0.0005
"""Part of the time by which its clock may be ahead of ours, besides."""


class Tally:
    """What a stream has cost and carried, over all the times it entered the device."""

    def __init__(self) -> None:
        self.sent = 0
        self.taken = 0
        self.wakeups = 0
        self.underruns = 0
        self.recoveries = 0


class Origin:
    """Where a stream begins on a device that has played others before it."""

    def __init__(self, taken: int = 0, rendered: int = 0) -> None:
        self.taken = taken
        """Bytes."""
        self.rendered = rendered
        """PCM frames."""

    def since(self, told: Progress, written: int) -> Progress:
        """Return a device's progress without what it did before, nor what it has taken of tracks behind it."""
        if not self.taken and not self.rendered and (told.taken is None or told.taken <= written):
            return told
        taken = None if told.taken is None else min(max(0, told.taken - self.taken), written)
        rendered = None if told.rendered is None else max(0, told.rendered - self.rendered)
        return Progress(taken, rendered, told.rate)


class SinkStream:
    """One stream on the device, from a PCM frame of it on: its feeder, tracker and watch."""

    def __init__(
        self,
        device: CompressDevice,
        whole: Source,
        form: EncodedFormat,
        geometry: Geometry,
        quirks: Quirks,
        *,
        at: int | None = None,
        tally: Tally | None = None,
        follows: Origin | None = None,
        floor: float | None = None,
    ) -> None:
        """Enter at PCM frame `at`, from the first byte if that is None; behind another stream if it `follows` one."""
        self.whole = whole
        self.form = form
        self.origin = follows or Origin()
        is_cut = quirks.trims_delay or (follows is not None and quirks.trims_joins)
        passage = Passage(whole, 0)
        if isinstance(whole, ReplayableSource) and (at is not None or follows is not None):
            passage = whole.passage(at or 0, settled=is_cut)
        self.source = source = passage.source
        self.at = form.lead if at is None else at
        """The PCM frame that is to be heard first."""
        cut = max(0, self.at - passage.frame) if is_cut else 0
        self.delay = _delay(form, cut) if is_cut else 0 if at else form.encoder_delay
        """What the device is to be told to cut off."""
        self.feeder = Feeder(device, source, geometry)
        self.feeder.before = self.origin.taken
        known = cut if is_cut or not quirks.timestamps or not form.encoder_delay else None
        start = (self.at - form.lead) / form.rate if floor is None else floor
        doubt = source.doubt if isinstance(source, DoubtfulSource) else 0
        self.tracker = PositionTracker(
            form, source.index, geometry, first=passage.frame, cut=known, floor=start, doubt=doubt
        )
        self.watch = Watch(source.index, form.rate, geometry)
        if isinstance(source, UnsureSource):
            self.watch.be_patient(source.slow_index, source.patience)
        if isinstance(source, LateSource):
            self.watch.be_frugal()
        self.settled_at = -inf
        """When it is what the device plays for sure, and no other before it."""
        self.tally = tally or Tally()
        self.last_taken = 0
        self._first = passage.frame
        self._cut = cut
        self._ends_cut = quirks.trims_delay or quirks.trims_joins
        self._device = device
        self._told = Progress(None, None, 0)
        self._told_at = -inf
        self._ring = geometry.ring_size

    @property
    def has_prefill(self) -> bool:
        """Whether so much was written that a source which comes slowly may begin."""
        source = self.source
        return isinstance(source, LateSource) and self.feeder.written >= source.prefill

    @property
    def is_replayable(self) -> bool:
        """Whether it can be entered anew."""
        return isinstance(self.whole, ReplayableSource)

    @property
    def audible(self) -> int:
        """PCM frames of it that the device renders, less the padding if it is one that cuts that off at times."""
        late = DECODER_DELAYS.get(self.form.codec, 0)
        padding = max(0, self.form.encoder_padding - late) if self._ends_cut else 0
        return self.source.index.total_frames - self._cut - padding

    def ask(self, now: float, *, fresh: float = FRESH) -> Progress:
        """Ask the device how far it is, unless it was asked a moment ago."""
        if now - self._told_at > fresh:
            self._hear(self._device.progress(), now)
        return self._told

    def heard(self, told: Progress, now: float) -> int:
        """Note what the device has said to somebody else; return the bytes it took."""
        self._hear(told, now)
        return self.taken(self._told)

    def _hear(self, told: Progress, now: float) -> None:
        self._told, self._told_at = self.origin.since(told, self.feeder.written), now

    def taken(self, progress: Progress) -> int:
        """Bytes the device took, by its own word, or at least what it must have taken to have had room."""
        told = 0 if progress.taken is None else progress.taken
        self.last_taken = max(self.last_taken, told, self.feeder.written - self._ring)
        return self.last_taken

    def is_all_heard(self, now: float) -> bool:
        """Whether the device took all there is and, if it tells that, has rendered it."""
        told = self.ask(now)
        if self.taken(told) < self.feeder.written:
            return False
        return told.rendered is None or told.rendered + 1 >= self.audible * told.rate // self.form.rate

    def unheard(self, progress: Progress, now: float) -> float:
        """Return how many seconds of it are still to be heard, by the device's own count, else by our clock.

        0 where nobody knows how long it is; below 0 once our clock says that it must be over.
        """
        rate = self.form.rate
        if self.audible >= A_YEAR * rate:
            return 0.0
        if progress.rendered is not None and progress.rate > 0:
            return max(0, self.audible * progress.rate // rate - progress.rendered) / progress.rate
        return self.audible / rate - self.tracker.elapsed(now)

    def doubt(self, progress: Progress, now: float) -> float:
        """Return by how many seconds that may be off."""
        return 0.0 if progress.rendered is not None else TRUST + DRIFT * self.tracker.elapsed(now)

    def falls_short(self, progress: Progress, now: float) -> bool:
        """Whether it says itself that it has not rendered all, and there was no time to; 0 says nothing."""
        if not progress.rendered or not self.tracker.lacks_time(now):
            return False
        return progress.rendered < HASTE * self.audible * progress.rate / self.form.rate

    def next_frame(self, now: float, *, stalled: bool) -> int:
        """Return the PCM frame to go on from, as well as the device still tells."""
        try:
            told = self.origin.since(self._device.progress(), self.feeder.written)
        except DeviceError:
            told = Progress(None, None, 0)
        self.taken(told)
        return self.tracker.frame(told, self.feeder.written, now, stalled=stalled)

    def read_until(self) -> int:
        """Return the PCM frame that the source gives next."""
        return self._first + self.source.index.frames_at(self.feeder.written)

    def cut_short(self) -> None:
        """Let it end with what the device was given until now."""
        self.source = self.feeder.source = Ended(self.source.index, self.feeder.written)

    def leave(self) -> Tally:
        """Return what it has cost and carried until now, the device being given back."""
        self.tally.sent += self.feeder.written
        self.tally.taken += self.last_taken
        return self.tally


class Ended:
    """A source that gives nothing any more."""

    def __init__(self, index: FrameIndex, taken: int) -> None:
        frames = index.frames_at(taken)
        self.index: FrameIndex = EndedIndex(index, taken, frames)
        self.ended = True

    def peek(self, size: int) -> memoryview:
        """Nothing."""
        del size
        return memoryview(b"")

    def advance(self, count: int) -> None:
        """Nothing can be taken."""


class EndedIndex:
    """An index up to a byte."""

    def __init__(self, index: FrameIndex, total_bytes: int, total_frames: int) -> None:
        self.total_bytes = total_bytes
        self.total_frames = total_frames
        self._index = index

    def frames_at(self, byte: int) -> int:
        """PCM frames that the bytes before `byte` decode to."""
        return min(self._index.frames_at(byte), self.total_frames)

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds PCM frame `frame`."""
        return min(self._index.byte_at(frame), self.total_bytes)


def _delay(form: EncodedFormat, cut: int) -> int:
    return max(0, cut - DECODER_DELAYS.get(form.codec, 0))
