"""One encoded stream on one compressed sink, as the thread sees it that plays: burst by burst, and what it tells.

Its buffer attributes count bytes of the encoded stream, from the first that was not heard to the last that is stored:
what the device holds is still in the ring. Past 300 lines because all of it turns on the state of one stream.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import NamedTuple

from pyaudiobus.daemon.following import Following, check_following
from pyaudiobus.daemon.left_sink import LeftSink
from pyaudiobus.daemon.native_bursts import native_bursts
from pyaudiobus.daemon.passing_index import ASSUMED_BIT_RATE
from pyaudiobus.daemon.ring_source import ReplayableRingSource, RingSource, source_of
from pyaudiobus.engine.ring import CORKED, PLAYING, RingConsumer
from pyaudiobus.errors import AudiobusError, DeviceLost, NotSupported, PeerError
from pyaudiobus.graph.node import Command, ParamId, Status
from pyaudiobus.model.changes import Joined, Mended, Troubled
from pyaudiobus.model.encoded_timing import NS
from pyaudiobus.model.format import DECODER_DELAYS, EncodedFormat
from pyaudiobus.model.position import Counters
from pyaudiobus.model.record import Record
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from pyaudiobus.nodes.compressed_sink.stream import FRESH


class News(Record):
    """What a feed tells of its stream."""

    event: str
    """In the protocol's words."""
    index: int
    """Of the ring."""
    reason: str = ""
    joined: Joined | None = None
    """How it went on from one track to the next."""


Tell = Callable[[News], None]
MOST_VAIN_WAKEUPS = 1000
"""A client that wakes us so often without storing anything is up to no good."""
_ON_THE_WAY = (SinkState.PREFILLING, SinkState.RUNNING, SinkState.DRAINING)


class HeardAt(NamedTuple):
    """A place in a stream's ring."""

    byte: int
    """The ring's index of the first byte of an encoded frame."""
    skip: int
    """PCM frames of that which were heard."""


class Feed:
    """Plays what a ring brings. All of it, but for `tell`, belongs to the thread that plays."""

    def __init__(
        self, sink: CompressedSink, ring: RingConsumer, form: EncodedFormat, tell: Tell, *, prebuf: int
    ) -> None:
        """Take a sink that has this format already; nothing is heard before start(). `prebuf` is in bytes."""
        self._sink: CompressedSink | LeftSink = sink
        self._ring = ring
        self._form = self._playing_as = form
        self._lead = form.lead
        self._tell = tell
        self._prebuf = prebuf
        self._source = source_of(ring, form)
        self._following: Following | None = None
        self._joined: Joined | None = None
        """How it went on, until that is told; its gap is the instant at which one began where it is not gapless."""
        self._earlier = Counters(0, 0, 0, 0)
        """Wakeups and underruns of the tracks before this one."""
        self._happened: list[News] = []
        self._is_corked = True
        self._is_waiting = True
        """For prebuf, a trigger or the end."""
        self._is_held = False
        """The device was paused until prebuf is there again."""
        self._is_heard = False
        self._is_over = False
        self._underruns = 0
        self._recoveries = 0
        self._is_open = True
        """As it was told last."""
        self._left_at: HeardAt | None = None
        self._shown_at = 0
        self._played = 0
        """ns of the stream that were heard, since it began or was flushed."""
        self._seen_dry = 0
        self._vain = 0
        self._wakeups = 0
        """Of sinks that this stream had before a flush."""
        self._sink.use_buffers(self._source)

    # ---- orders ----

    def start(self) -> None:
        """Play, or go on."""
        self._is_corked = False
        if not self._is_over and not self._is_held:
            self._sink.send_command(Command.START)
        self.show()

    def cork(self) -> None:
        """Hold, while it drains too; NotSupported then for a codec whose frames are not known."""
        is_heard, self._is_corked = not self._is_over and not self._is_held, True
        if is_heard:
            self._sink.send_command(Command.PAUSE)
        self.show()

    def trigger(self) -> None:
        """Play what is there without waiting for prebuf."""
        self._stop_waiting()

    def wait_again(self) -> None:
        """Wait for prebuf again, if there is less than that."""
        if self._is_over or not self._prebuf:
            return
        self._is_waiting = True
        if self._is_ready():
            self._stop_waiting()
        elif self._sink.state is SinkState.RUNNING:
            self._sink.send_command(Command.PAUSE)
            self._is_held = True
        self.show()

    def set_prebuf(self, prebuf: int) -> None:
        """Change how many bytes are waited for."""
        self._prebuf = prebuf

    def flush(self, cut: int = 0) -> None:
        """Drop all that was not heard; the next byte that the client stores is the next one heard. PeerError.

        `cut`: so many PCM frames of what comes next are not heard, where the device can cut them off.
        """
        self._tell_turn()
        self._tell_all()  # before this order is answered: what the client drops may be another track than it thinks
        header = self._source.index.header
        self._reads()[0].drop()
        self._is_waiting, self._is_held = True, False
        self._begin(header, cut)
        self.show()

    def cut(self) -> bool:
        """Let the stream end after what is stored now; True: it has been heard already. PeerError."""
        if self._is_over and not self._has_more():
            return True
        (self._source if self._following is None else self._following.source).cut()
        return False

    def follow(self, index: int, form: EncodedFormat, size: int = 0) -> bool:
        """Let another track begin at an index of the ring, with no stop before it; True: nothing is before it.

        `size` is in bytes, 0 where that is open.

        UserError, NotSupported, AudiobusError where one is told already, PeerError.
        """
        if self._following is not None:
            raise AudiobusError(
                f"a track follows already, from byte {self._following.source.base} on",
                advice="Tell of the next one when that is heard (track-joined).",
            )
        first = self._ring.taken if self._is_over else max(self._source.base, self._given())
        check_following(self._form, form, index, first, self._ring.filled())
        if index == (self._ring.taken if self._is_over else self._source.base):
            self._take_for_first(form)
            return True
        self._source.stop_before(index)
        self._following = Following(self._ring, index, form, size, keeps_end=self._sink.must_drain_at_once)
        return False

    def _take_for_first(self, form: EncodedFormat) -> None:
        """Take what comes for another track than was thought."""
        self._form = form
        if self._is_over:
            self._source = source_of(self._ring, form)
            return
        self._is_waiting, self._is_held = True, False
        self._wakeups += self._sink.counters().wakeups
        self._enter(form, source_of(self._ring, form))
        self.show()

    def release(self) -> None:
        """Stop at once and give the device back; heard_at() still tells where it was."""
        self._left_at = self.heard_at()
        try:
            self._sink.use_buffers(None)
        finally:
            self._sink.set_param(ParamId.FORMAT, None)

    def sleep(self) -> None:
        """Give the device back until it is needed again: there is nothing to be heard, or it is corked.

        NotSupported where the stream could not go on where it was.
        """
        if not self._is_over and not self._is_corked:
            raise AudiobusError("it plays")
        if not self._is_over and not self.can_leave:
            raise NotSupported("it could not go on where it was")
        self._sink.send_command(Command.SUSPEND)

    @property
    def can_leave(self) -> bool:
        """Whether it can go on later where it left its device: the frames of its codec are known."""
        return isinstance(self._source, ReplayableRingSource)

    def leave(self) -> None:
        """Give the device to another stream and keep the place; orders are still taken. Gone where it was lost."""
        if self._left_at is not None:
            raise DeviceLost("its device was lost meanwhile")
        sink, position = self._sink, self._sink.position()
        self._wakeups += sink.counters().wakeups
        self._sink = LeftSink(self._source, sink.next_frame(), position)
        self._seen_dry, self._is_heard = 0, False
        try:
            sink.use_buffers(None)
        finally:
            sink.set_param(ParamId.FORMAT, None)
        self.show()

    def go_on(self, sink: CompressedSink, tell: Tell) -> None:
        """Play on, on a sink that has its format, from the frame at which it left another. DeviceError."""
        left, self._sink, self._tell = self._sink, sink, tell
        if self._following is not None:
            self._following.is_told = False  # not to this one
        if self._is_over or not isinstance(left, LeftSink):
            return
        if self._playing_as != self._form:
            sink.set_param(ParamId.FORMAT, self._playing_as)
        sink.use_buffers(left.source)
        if left.frame:
            sink.go_on_at(left.frame, left.position().seconds)
        if not self._is_waiting:
            sink.begin()
        if not self._is_corked and not self._is_held:
            sink.send_command(Command.START)

    @property
    def is_over(self) -> bool:
        """Whether all that there was has been heard."""
        return self._is_over

    def counters(self) -> tuple[int, int, int, int]:
        """Return the index up to which the device took, and how often it was looked after, ran dry and failed."""
        counters = self._sink.counters()
        return self._taken(), self._wakeups + counters.wakeups, self._underruns, self._recoveries

    def heard_at(self) -> HeardAt:
        """Return what of the stream is to be heard next."""
        if self._left_at is not None:
            return self._left_at
        if self._is_over:
            return HeardAt(self._ring.taken, 0)
        whole, frame = self._source, self._sink.next_frame()
        start = whole.index.byte_at(frame)
        return HeardAt(max(0, whole.ring_index(start)), max(0, frame - whole.index.frames_at(start)))

    def queued_seconds(self) -> float:
        """Return how long what is stored in the ring and the device will sound, by the stream's mean. PeerError."""
        source, consumed = self._reads()
        unheard = source.unheard(consumed)
        since = time.monotonic_ns() - self._shown_at if self._is_playing() else 0
        return max(0.0, unheard * 8 / (self._form.bit_rate or ASSUMED_BIT_RATE) - since / NS)

    # ---- the work ----

    def step(self) -> float:
        """Do what is due, show it, tell it; return the instant of the next call. DeviceError, PeerError."""
        deadline = self._work()
        self._hear_sink()
        self.show()
        if self._sink.is_open is not self._is_open:
            self._is_open = self._sink.is_open
            self._happened.append(News("opened" if self._is_open else "closed", self._given()))
        self._tell_all()
        return deadline

    def rest(self) -> bool:
        """Sleep and feed the device natively until something else is to be done; False where that is so already."""
        sink = self._sink
        if not isinstance(sink, CompressedSink) or not self._is_steady():
            return False
        bursts = native_bursts(sink, self._source)
        if bursts is None:
            return False
        while bursts.rest():
            self._vain = 0
            self.show()
        return True

    def _is_steady(self) -> bool:
        """Whether nothing is to come, for all that is known, but one burst after the other."""
        is_stopped = self._is_corked or self._is_waiting or self._is_held or self._is_over
        has_told_all = self._following is None or self._following.is_told
        return self._is_heard and not is_stopped and has_told_all and self._joined is None

    def _tell_all(self) -> None:
        happened, self._happened = self._happened, []
        for news in happened:
            self._tell(news)

    def _work(self) -> float:
        self._tell_sink()
        if not self._is_due():
            if self._is_waiting:
                self._count_vain(self._given())
            return self._sink.process().deadline if self._sink.state is SinkState.PAUSED else inf
        before = self._given()
        try:
            cycle = self._sink.process()
        finally:
            self._hear_sink()
        self._count_vain(before)
        if self._sink.state is SinkState.PREFILLING:
            return min(cycle.deadline, self._await_data(self._given() + self._sink.fragment_size()))
        if cycle.status is Status.DRAINED:
            return self._end()
        self._tell_flow()
        if self._sink.state is not SinkState.RUNNING or not self._reads()[0].is_short:
            return cycle.deadline
        woken_at = self._await_data(self._given() + self._sink.fragment_size())
        return woken_at if woken_at < inf else inf if self._is_dry() else cycle.deadline

    def _is_due(self) -> bool:
        if self._is_over and not self._has_more():
            return False
        return not self._is_corked and (not self._is_waiting or self._has_enough())

    def _has_more(self) -> bool:
        """Begin anew where a client goes on after its end mark was heard."""
        fill = self._ring.look()
        if not fill.stored or (fill.end is not None and fill.end <= self._ring.taken):
            self._ring.want_more(self._ring.taken + 1)
            return False
        self._is_waiting = True
        self._begin(self._source.index.header)
        return True

    def _begin(self, header: bytes, cut: int = 0) -> None:
        """Play what the client stores from now on, on a device that is opened anew. DeviceError."""
        delay = max(0, cut - DECODER_DELAYS.get(self._form.codec, 0))
        self._wakeups += self._sink.counters().wakeups
        self._enter(self._form.replace(encoder_delay=delay), source_of(self._ring, self._form, header))

    def _enter(self, form: EncodedFormat, source: RingSource) -> None:
        self._is_over = self._is_heard = False
        self._seen_dry = 0
        self._following = None
        self._playing_as, self._lead = form, form.lead
        self._sink.set_param(ParamId.FORMAT, form)
        self._source = source
        self._sink.use_buffers(source)
        if not self._is_corked and not self._is_held:
            self._sink.send_command(Command.START)

    # ---- the track that follows ----

    def _tell_sink(self) -> None:
        """Let the sink know what follows, once there is something of it to go on with."""
        following = self._following
        if following is None or following.is_told or not following.has_begun(self._sink.fragment_size()):
            return
        following.is_told = True
        self._source.end_at(following.source.base)
        self._sink.follow(following.source, following.form)

    def _turn(self, joined: Joined) -> None:
        """Turn to the track that is heard now."""
        following = self._following
        assert following is not None  # noqa: S101  # else the sink had nothing to join
        wakeups, underruns = self._wakeups + joined.counters.wakeups, self._underruns
        own = joined.counters.replace(
            wakeups=wakeups - self._earlier.wakeups, underruns=underruns - self._earlier.underruns
        )
        self._wakeups, self._earlier = wakeups, joined.counters.replace(wakeups=wakeups, underruns=underruns)
        self._following, self._source = None, following.source
        self._form = self._playing_as = following.form
        self._lead = self._form.lead
        self._source.release_before()
        self._joined = joined.replace(counters=own)

    def _go_on(self) -> float:
        """Open the device anew for the next track: it did not go on by itself."""
        self._turn(Joined(self._sink.counters(), self._sink.now(), gapless=False))
        self._is_waiting, self._is_held = True, False
        self._enter(self._form, self._source)
        return self._sink.now()

    def _tell_turn(self) -> None:
        """Tell that the next track is heard."""
        joined, self._joined = self._joined, None
        if joined is None:
            return
        if not joined.gapless:
            joined = joined.replace(gap=self._sink.now() - joined.gap)
        self._happened.append(News("track-joined", self._source.base, joined=joined))

    # ---- prebuf ----

    def _has_enough(self) -> bool:
        """Leave off waiting where that is right; else ask to be woken then."""
        while not self._is_ready():
            if not self._want(self._taken() + max(1, self._prebuf)):
                return False
            self._tell_sink()  # of what follows enough may have come since that was asked last
        self._stop_waiting()
        return True

    def _is_ready(self) -> bool:
        end = self._source.end()
        end = self._source.known_end if end is None else end
        source, consumed = self._reads()
        stored = source.unheard(consumed)
        return stored >= max(1, self._prebuf) or (end is not None and self._ring.filled() >= end)

    def _stop_waiting(self) -> None:
        self._is_waiting = False
        self._sink.begin()
        if self._is_held:
            self._is_held = False
            if not self._is_corked:
                self._sink.send_command(Command.START)

    def _reads(self) -> tuple[RingSource, int]:
        """Return what the device is fed from, and the bytes of it that it took: after a failure another part."""
        source, consumed = self._sink.consumed()
        return (source, consumed) if isinstance(source, RingSource) else (self._source, 0)

    def _given(self) -> int:
        """Return the ring's index up to which the device was given bytes."""
        return self._reads()[0].given

    def _taken(self) -> int:
        """Return the ring's index up to which the device took them."""
        source, consumed = self._reads()
        return source.ring_index(consumed)

    def _is_dry(self) -> bool:
        return self._taken() >= self._given()

    def _await_data(self, index: int) -> float:
        """Be woken when there is more; return when to look again if nobody wakes us."""
        return self._sink.now() if self._want(index) else inf

    def _want(self, index: int) -> bool:
        """Ask to be woken when there is more, up to an index, or enough of the track that follows."""
        following, known = self._following, self._source.known_end
        if following is not None and not following.is_told:
            index = following.enough_at(self._sink.fragment_size())
        elif known is not None and self._source.end() is None:
            index = min(index, known) if self._ring.filled() < known else known + 1
        return self._source.want(index)

    def _count_vain(self, before: int) -> None:
        self._vain = self._vain + 1 if self._given() == before else 0
        if self._vain > MOST_VAIN_WAKEUPS:
            raise PeerError("it wakes the bus again and again for nothing")

    def _tell_flow(self) -> None:
        """Tell when sound begins, and when it stopped for want of bytes."""
        if self._sink.state not in (SinkState.RUNNING, SinkState.DRAINING):
            return
        self._tell_turn()
        seen, self._seen_dry = self._seen_dry, self._sink.counters().underruns
        source = self._reads()[0]
        has_begun, is_done = source.given > self._source.base, source.ended  # at its end a track is heard out
        is_dry = self._is_dry() and has_begun and not is_done
        if self._is_heard and (self._seen_dry > seen or is_dry):
            self._is_heard = False
            self._is_waiting = is_dry and self._prebuf > 0
            self._underruns += 1
            self._happened.append(News("underflow", self._given()))
        if not self._is_heard and not self._is_dry():
            self._is_heard = True
            self._happened.append(News("started", self._given()))

    def _end(self) -> float:
        self._reads()[0].release_all()
        if self._following is not None:
            return self._go_on()
        if not self._is_over:
            self._is_over, self._is_heard = True, False
            self._happened.append(News("ended", self._ring.taken))
        self._ring.want_more(self._ring.taken + 1)
        return inf

    # ---- what the sink tells ----

    def _hear_sink(self) -> None:
        """Tell what has become of the device."""
        for change in self._sink.news():
            if isinstance(change, Joined):
                self._turn(change)
                self._tell_turn()
            elif isinstance(change, Troubled):
                self._happened.append(News("troubled", self._given(), change.reason))
            elif isinstance(change, Mended):
                self._recoveries += 1
                self._happened.append(News("recovered", self._given(), change.reason))

    # ---- what the client can see ----

    def show(self) -> None:
        """Put into the ring's page how far the device is, and give the client the memory that was heard."""
        source, sink = self._source, self._sink
        if self._is_over:
            taken, rendered = self._ring.taken, 0
        else:
            (position, progress), rate, lead = sink.reading(FRESH), self._form.rate, self._lead
            frames = int(position.seconds * rate) + lead
            source, consumed = self._reads()
            source.release(consumed, int((position.seconds - position.uncertainty) * rate) + lead)
            taken = min(source.ring_index(consumed), source.given)
            rendered = frames if progress.rendered else 0
            self._played = frames * NS // rate
        index = source.index
        if not index.is_exact:
            index.learn(taken - source.base, sink.elapsed())
        flags = (CORKED if self._is_corked else 0) | (PLAYING if self._is_playing() else 0)
        delay = max(0, index.frames_at(source.given - source.base) - index.frames_at(taken - source.base)) * NS
        self._shown_at = now = time.monotonic_ns()
        self._ring.show_timing(taken, now, delay // self._form.rate, self._played, rendered, self._underruns, flags)

    def _is_playing(self) -> bool:
        return self._is_heard and not self._is_corked and not self._is_held and self._sink.state in _ON_THE_WAY
