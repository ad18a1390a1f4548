"""One encoded stream on one compressed sink, as the thread sees it that plays: burst by burst, and what it tells.

Its buffer attributes count bytes of the encoded stream, from the first that was not heard to the last that is stored:
what the device holds is still in the ring.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from pyaudiobus.daemon.left_sink import LeftSink
from pyaudiobus.daemon.passing_index import ASSUMED_BIT_RATE
from pyaudiobus.daemon.ring_source import ReplayableRingSource, RingSource, source_of
from pyaudiobus.engine.ring import CORKED, PLAYING, RingConsumer, Timing
from pyaudiobus.errors import AudiobusError, DeviceLost, NotSupported, PeerError
from pyaudiobus.graph.node import Command, ParamId, Status
from pyaudiobus.model.changes import Mended, Troubled
from pyaudiobus.model.encoded_timing import NS
from pyaudiobus.model.format import DECODER_DELAYS, EncodedFormat
from pyaudiobus.model.record import Record
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState


class News(Record):
    """What a feed tells of its stream."""

    event: str
    """In the protocol's words."""
    index: int
    """Of the ring."""
    reason: str = ""


Tell = Callable[[News], None]
MOST_VAIN_WAKEUPS = 1000
"""A client that wakes us so often without storing anything is up to no good."""
_ON_THE_WAY = (SinkState.PREFILLING, SinkState.RUNNING, SinkState.DRAINING)


class Feed:
    """Plays what a ring brings. All of it, but for `tell`, belongs to the thread that plays."""

    def __init__(
        self, sink: CompressedSink, ring: RingConsumer, form: EncodedFormat, tell: Tell, *, prebuf: int
    ) -> None:
        """Take a sink that has this format already; nothing is heard before start(). `prebuf` is in bytes."""
        self._sink: CompressedSink | LeftSink = sink
        self._ring = ring
        self._form = self._playing_as = form
        self._tell = tell
        self._prebuf = prebuf
        self._source = source_of(ring, form)
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
        self._left_at: int | None = None
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
        header = self._source.index.header
        self._reads()[0].drop()
        self._is_waiting, self._is_held = True, False
        self._begin(header, cut)
        self.show()

    def cut(self) -> bool:
        """Let the stream end after what is stored now; True: it has been heard already. PeerError."""
        if self._is_over and not self._has_more():
            return True
        self._source.cut()
        return False

    def release(self) -> None:
        """Stop at once and give the device back; heard_index() still tells where it was."""
        self._left_at = self.heard_index()
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

    def heard_index(self) -> int:
        """Return the ring's index of the byte that is to be heard next, in mid-frame by its share of the frame."""
        if self._left_at is not None:
            return self._left_at
        if self._is_over:
            return self._ring.taken
        whole, frame = self._source, self._sink.next_frame()
        start = whole.index.byte_at(frame)
        first, size = whole.index.frames_at(start), max(1, whole.index.byte_at(frame + 2304) - start)
        beyond = (frame - first) * size // max(1, whole.index.frames_at(start + size) - first)
        return max(0, whole.ring_index(start + beyond))

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
        self.show()
        self._tell_changes()
        if self._sink.is_open is not self._is_open:
            self._is_open = self._sink.is_open
            self._happened.append(News("opened" if self._is_open else "closed", self._given()))
        happened, self._happened = self._happened, []
        for news in happened:
            self._tell(news)
        return deadline

    def _work(self) -> float:
        if not self._is_due():
            if self._is_waiting:
                self._count_vain(self._given())
            return self._sink.process().deadline if self._sink.state is SinkState.PAUSED else inf
        before = self._given()
        cycle = self._sink.process()
        self._count_vain(before)
        if self._sink.state is SinkState.PREFILLING:
            return min(cycle.deadline, self._await_data(self._given() + self._sink.fragment_size()))
        if cycle.status is Status.DRAINED:
            self._end()
            return inf
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
        self._wakeups += self._sink.counters().wakeups
        self._is_over = self._is_heard = False
        self._seen_dry = 0
        delay = max(0, cut - DECODER_DELAYS.get(self._form.codec, 0))
        self._playing_as = self._form.replace(encoder_delay=delay)
        self._sink.set_param(ParamId.FORMAT, self._playing_as)
        self._source = source_of(self._ring, self._form, header)
        self._sink.use_buffers(self._source)
        if not self._is_corked and not self._is_held:
            self._sink.send_command(Command.START)

    # ---- prebuf ----

    def _has_enough(self) -> bool:
        """Leave off waiting where that is right; else ask to be woken then."""
        while not self._is_ready():
            if not self._source.want(self._taken() + max(1, self._prebuf)):
                return False
        self._stop_waiting()
        return True

    def _is_ready(self) -> bool:
        end = self._source.end()
        source, consumed = self._reads()
        stored = source.unheard(consumed)
        return stored >= max(1, self._prebuf) or (
            end is not None and self._ring.taken + self._ring.look().stored >= end
        )

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
        return self._sink.now() if self._source.want(index) else inf

    def _count_vain(self, before: int) -> None:
        self._vain = self._vain + 1 if self._given() == before else 0
        if self._vain > MOST_VAIN_WAKEUPS:
            raise PeerError("it wakes the bus again and again for nothing")

    def _tell_flow(self) -> None:
        """Tell when sound begins, and when it stopped for want of bytes."""
        if self._sink.state not in (SinkState.RUNNING, SinkState.DRAINING):
            return
        seen, self._seen_dry = self._seen_dry, self._sink.counters().underruns
        if self._is_heard and (self._seen_dry > seen or self._is_dry()):
            self._is_heard = False
            self._is_waiting = self._is_dry() and self._prebuf > 0
            self._underruns += 1
            self._happened.append(News("underflow", self._given()))
        if not self._is_heard and not self._is_dry():
            self._is_heard = True
            self._happened.append(News("started", self._given()))

    def _end(self) -> None:
        self._reads()[0].release_all()
        if not self._is_over:
            self._is_over, self._is_heard = True, False
            self._happened.append(News("ended", self._ring.taken))
        self._ring.want_more(self._ring.taken + 1)

    # ---- what the sink tells ----

    def _tell_changes(self) -> None:
        """Tell what has become of the device."""
        for change in self._sink.news():
            if isinstance(change, Troubled):
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
            position, rate, lead = sink.position(), self._form.rate, self._playing_as.lead
            frames = int(position.seconds * rate) + lead
            progress = sink.progress()
            source, consumed = self._reads()
            source.release(consumed, int((position.seconds - position.uncertainty) * rate) + lead)
            taken = min(source.ring_index(consumed), source.given)
            rendered = frames if progress.rendered else 0
            self._played = frames * NS // rate
        index = source.index
        index.learn(taken - source.base, sink.elapsed())
        flags = (CORKED if self._is_corked else 0) | (PLAYING if self._is_playing() else 0)
        delay = max(0, index.frames_at(source.given - source.base) - index.frames_at(taken - source.base)) * NS
        self._shown_at = now = time.monotonic_ns()
        self._ring.show_timing(
            Timing(taken, now, delay // self._form.rate, self._played, rendered, self._underruns, flags)
        )

    def _is_playing(self) -> bool:
        return self._is_heard and not self._is_corked and not self._is_held and self._sink.state in _ON_THE_WAY
