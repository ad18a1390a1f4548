"""One encoded stream on one compressed sink, as the thread sees it that plays: burst by burst, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from pyaudiobus.daemon.ring_source import ASSUMED_BIT_RATE, RingSource
from pyaudiobus.engine.ring import CORKED, PLAYING, RingConsumer, Timing
from pyaudiobus.errors import PeerError
from pyaudiobus.graph.node import BuffersParam, Command, ParamId, Status
from pyaudiobus.model.encoded_timing import NS
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState

Tell = Callable[[str, int], None]
"""Called with an event's name in the protocol's words, and the ring's index."""
MOST_VAIN_WAKEUPS = 1000
"""A client that wakes us so often without storing anything is up to no good."""
_ON_THE_WAY = (SinkState.PREFILLING, SinkState.RUNNING, SinkState.DRAINING)


class Feed:
    """Plays what a ring brings. All of it, but for `tell`, belongs to the thread that plays."""

    def __init__(self, sink: CompressedSink, ring: RingConsumer, form: EncodedFormat, tell: Tell) -> None:
        """Take a sink that has this format already; nothing is heard before start()."""
        self._sink = sink
        self._ring = ring
        self._form = form
        self._tell = tell
        self._source = RingSource(ring, form)
        self._happened: list[tuple[str, int]] = []
        self._is_corked = True
        self._is_heard = False
        self._is_over = False
        self._underruns = 0
        self._shown_at = 0
        self._seen_dry = 0
        self._vain = 0
        self._wakeups = 0
        """Of sinks that this stream had before a flush."""
        self._sink.use_buffers(self._source)

    # ---- orders ----

    def start(self) -> None:
        """Play, or go on."""
        self._is_corked = False
        if not self._is_over:
            self._sink.send_command(Command.START)
        self.show()

    def cork(self) -> None:
        """Hold. NotSupported while the device drains."""
        if self._is_over:
            self._is_corked = True
            return
        self._sink.send_command(Command.PAUSE)
        self._is_corked = True
        self.show()

    def flush(self) -> None:
        """Drop what the device has not played; the next byte of the ring is the next one heard."""
        if self._sink.state is SinkState.CONFIGURED and self._source.base == self._ring.taken:
            return
        self._begin_anew()
        self.show()

    def cut(self) -> bool:
        """Let the stream end after what is stored now; True: it has been heard already. PeerError."""
        if self._is_over and not self._has_more():
            return True
        self._source.cut()
        return False

    def release(self) -> None:
        """Stop at once and give the device back."""
        try:
            self._sink.use_buffers(None)
        finally:
            self._sink.set_param(ParamId.FORMAT, None)

    @property
    def is_over(self) -> bool:
        """Whether all that there was has been heard."""
        return self._is_over

    def counters(self) -> tuple[int, int, int]:
        """Return the index up to which the device took, how often it was looked after, how often it ran dry."""
        counters = self._sink.counters()
        return self._source.base + counters.bytes_consumed, self._wakeups + counters.wakeups, self._underruns

    def queued_seconds(self) -> float:
        """Return how long what is stored in the ring and the device will sound, by the stream's mean. PeerError."""
        taken = self._source.base + self._sink.counters().bytes_consumed
        stored = self._ring.taken + self._ring.look().stored
        since = time.monotonic_ns() - self._shown_at if self._is_playing() else 0
        return max(0.0, max(0, stored - taken) * 8 / (self._form.bit_rate or ASSUMED_BIT_RATE) - since / NS)

    # ---- the work ----

    def step(self) -> float:
        """Do what is due, show it, tell it; return the instant of the next call. DeviceError, PeerError."""
        deadline = self._work()
        self.show()
        happened, self._happened = self._happened, []
        for event, index in happened:
            self._tell(event, index)
        return deadline

    def _work(self) -> float:
        if self._is_over and not self._has_more():
            return inf
        if self._is_corked:
            return inf
        before = self._ring.taken
        cycle = self._sink.process()
        self._count_vain(before)
        if self._sink.state is SinkState.PREFILLING:
            return self._await_data(self._missing())
        if cycle.status is Status.DRAINED:
            self._end()
            return inf
        self._tell_flow()
        if self._sink.state is not SinkState.RUNNING or not self._source.is_short:
            return cycle.deadline
        woken_at = self._await_data(self._sink.fragment_size())
        return woken_at if woken_at < inf else inf if self._is_dry() else cycle.deadline

    def _has_more(self) -> bool:
        """Begin anew where a client goes on after its end mark was heard."""
        fill = self._ring.look()
        if not fill.stored or (fill.end is not None and fill.end <= self._ring.taken):
            self._ring.want_more(self._ring.taken + 1)
            return False
        self._begin_anew()
        return True

    def _begin_anew(self) -> None:
        self._wakeups += self._sink.counters().wakeups
        self._is_over = self._is_heard = False
        self._seen_dry = 0
        self._source = RingSource(self._ring, self._form)
        self._sink.use_buffers(self._source)
        if not self._is_corked:
            self._sink.send_command(Command.START)

    def _missing(self) -> int:
        """Bytes that the device's buffer lacks before it can start."""
        queued = self._ring.taken - self._source.base
        size = self._buffer_size()
        return max(self._sink.fragment_size(), size - queued)

    def _buffer_size(self) -> int:
        found = self._sink.enum_params(ParamId.BUFFERS)
        return found[0].size if found and isinstance(found[0], BuffersParam) else 0

    def _is_dry(self) -> bool:
        return self._sink.counters().bytes_consumed >= self._ring.taken - self._source.base

    def _await_data(self, size: int) -> float:
        """Be woken when there is more; return when to look again if nobody wakes us."""
        return self._sink.now() if self._source.want(size) else inf

    def _count_vain(self, before: int) -> None:
        self._vain = self._vain + 1 if self._ring.taken == before else 0
        if self._vain > MOST_VAIN_WAKEUPS:
            raise PeerError("it wakes the bus again and again for nothing")

    def _tell_flow(self) -> None:
        """Tell when sound begins, and when it stopped for want of bytes."""
        seen, self._seen_dry = self._seen_dry, self._sink.counters().underruns
        if self._is_heard and (self._seen_dry > seen or self._is_dry()):
            self._is_heard = False
            self._underruns += 1
            self._happened.append(("underflow", self._ring.taken))
        if not self._is_heard and not self._is_dry():
            self._is_heard = True
            self._happened.append(("started", self._ring.taken))

    def _end(self) -> None:
        if not self._is_over:
            self._is_over, self._is_heard = True, False
            self._happened.append(("ended", self._ring.taken))
        self._ring.want_more(self._ring.taken + 1)

    # ---- what the client can see ----

    def show(self) -> None:
        """Put into the ring's page how far the device is."""
        if self._is_over:
            taken, rendered = self._ring.taken, 0
        else:
            progress = self._sink.progress()
            taken = self._source.base + self._sink.counters().bytes_consumed
            rendered = _frames(progress.rendered, progress.rate, self._form.rate)
        played = self._sink.elapsed()
        self._source.index.learn(taken - self._source.base, played)
        flags = (CORKED if self._is_corked else 0) | (PLAYING if self._is_playing() else 0)
        index = self._source.index
        delay = (index.frames_at(self._ring.taken) - index.frames_at(taken)) * NS // self._form.rate
        self._shown_at = now = time.monotonic_ns()
        self._ring.show_timing(Timing(taken, now, delay, int(played * NS), rendered, self._underruns, flags))

    def _is_playing(self) -> bool:
        return self._is_heard and not self._is_corked and self._sink.state in _ON_THE_WAY


def _frames(rendered: int | None, device_rate: int, rate: int) -> int:
    return 0 if not rendered or device_rate <= 0 else rendered * rate // device_rate
