"""What plays on a compress device, and how far it is: what the commands, the cycle and a stream's ending share."""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from math import inf

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.compress import CompressDevice, Geometry, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError, DeviceLost, DeviceStalled, NotSupported
from pyaudiobus.graph.node import Cycle, Status
from pyaudiobus.model.changes import Change, Slept, Troubled
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.states import advance
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest, choose_geometry
from pyaudiobus.nodes.compressed_sink.hold import DeviceHold
from pyaudiobus.nodes.compressed_sink.joining import Following, Join
from pyaudiobus.nodes.compressed_sink.recovery import Recovery
from pyaudiobus.nodes.compressed_sink.states import BUSY, ON_DEVICE, SINK_TABLE, STILL, SinkEvent, SinkState
from pyaudiobus.nodes.compressed_sink.stream import FRESH, SinkStream
from pyaudiobus.nodes.drain import DrainWorker

SILENT = Progress(None, None, 0)
"""The progress of a device that tells nothing."""


class Playback:
    """At most one stream on one device, with what follows it."""

    def __init__(
        self,
        device: CompressDevice,
        clock: Clock,
        quirks: Quirks,
        request: RingRequest,
        *,
        routes: AbstractContextManager[object] | None,
        suspend_after: float,
    ) -> None:
        self.name = device.name
        self.signal: Signal = clock.signal()
        self.state = SinkState.CLOSED
        self.device = device
        self.clock = clock
        self.quirks = quirks
        self.request = request
        self.hold = DeviceHold(device, routes)
        self.form: EncodedFormat | None = None
        self.geometry = Geometry(0, 0)
        self.stream: SinkStream | None = None
        self.drain: DrainWorker | None = None
        self.watchdog = inf
        """When a drain has taken too long."""
        self.suspend_after = suspend_after
        self.paused_at = 0.0
        self.has_leapt = False
        self.leapt_at = -inf
        self.recovery = Recovery()
        self.is_urgent = False
        """It starts with what there is: somebody wants to hear it now."""
        self.news: list[Change] = []
        self.following = Following(is_asked_for=False)
        self.join: Join | None = None
        """What follows, once the device was told of it."""

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream was written, and follow() has not told what comes behind it."""
        return self.following.is_wanted

    @property
    def is_crossing(self) -> bool:
        """Whether the next track is being written, and the present one still heard."""
        return self.join is not None and self.drain is not None and self.drain.finished

    def open(self, form: EncodedFormat) -> None:
        """Take the device for a format. DeviceError."""
        self.geometry = choose_geometry(form, self.hold.caps(), self.quirks, self.request)
        self.hold.take(form, self.geometry)
        self.form = form
        self.move(SinkEvent.CONFIGURE)

    def close(self) -> None:
        """Stop at once, give the device back, and forget the format."""
        self.abandon()
        self.form = None
        try:
            self.hold.let_go()
        finally:
            self.move(SinkEvent.CLOSE)

    def abandon(self) -> None:
        """Stop at once; what is queued is dropped."""
        self.stop()
        self.stream = None
        self.following.forget()
        self.news.clear()

    def give_back(self) -> None:
        """Stop at once and close the device; the stream stays."""
        self.stop()
        with suppress(DeviceError):  # it may be gone: there is nothing left to give back then
            self.hold.let_go()

    def stop(self) -> None:
        """Stop at once. Errors do not matter any more."""
        if self.stream is not None and self.state in ON_DEVICE and self.hold.is_held:
            with suppress(DeviceError):  # it was stopped already, or is gone: closing is all that is left
                self.device.stop()
        if self.drain is not None:
            self.drain.join()
        self.drain = self.join = None
        self.watchdog = inf

    def move(self, event: SinkEvent) -> None:
        """Turn to the state that the table has for it. IllegalTransition where there is none."""
        self.state = advance(SINK_TABLE, self.state, event)

    def enter(self, stream: SinkStream, frame: int, floor: float | None) -> None:
        """Let a stream begin anew at a PCM frame, as soon as the device is taken for it."""
        self.stream = SinkStream(
            self.device,
            stream.whole,
            stream.form,
            self.geometry,
            self.quirks,
            at=frame,
            tally=stream.leave(),
            floor=floor,
        )

    def sleep(self, stream: SinkStream) -> None:
        """Give the device back and keep the stream's place."""
        frame, floor = self.due(stream, stalled=False), self.position().seconds
        self.give_back()
        self.move(SinkEvent.SLEEP)
        self.enter(stream, frame, floor=floor)
        self.news.append(Slept())

    def replayable(self, what: str) -> SinkStream:
        """Return the stream if it can be entered anew; else NotSupported names what was wanted of it."""
        stream = self.stream
        if stream is None or not stream.is_replayable:
            raise NotSupported(f"{self.name} cannot {what} in what it plays: it comes once only")
        return stream

    def fill(self, stream: SinkStream) -> bool:
        """Write a burst; what follows is asked for before the last bytes, which a drain must follow at once."""
        following = self.following
        keeps_end = following.is_open
        full = stream.feeder.fill(keeps_end=keeps_end)
        if keeps_end and not full and stream.feeder.left <= self.geometry.fragment_size:
            following.was_asked = True
        return full

    def stalled(self, stream: SinkStream, taken: int) -> DeviceStalled:
        """Return what there is to say of a device that takes nothing any more."""
        left = stream.feeder.written - taken
        where = "while draining" if self.state is SinkState.DRAINING else "while playing"
        return DeviceStalled(
            f"{self.name} stopped consuming {where}",
            facts=[f"{taken} bytes were taken, {left} are queued and stay there"],
            advice=DeviceStalled.remedy,
        )

    def fail(self, error: DeviceError) -> None:
        """Let it be over here: the device is not tried again."""
        if self.stream is not None:
            self.stream.tracker.hold(self.clock.now())
        if self.state is not SinkState.DRAINED:
            self.move(SinkEvent.DEVICE_LOST if isinstance(error, DeviceLost) else SinkEvent.FAIL)

    def break_off(self, error: DeviceError) -> Cycle:
        """Give the device back and plan another try from the frame that was heard last; raise when that is no use."""
        stream = self.stream
        if stream is None or not stream.is_replayable:
            self.fail(error)
            raise error
        now = self.clock.now()
        floor = self.position().seconds
        frame = self.due(stream, stalled=isinstance(error, DeviceStalled))
        self.give_back()
        if self.recovery.fail(error.what, now, (frame - stream.form.lead) / stream.form.rate):
            self.news.append(Troubled(error.what))
        self.enter(stream, frame, floor=floor)
        if self.recovery.is_hopeless:
            self.fail(error)
            raise error
        self.move(SinkEvent.BREAK_OFF)
        return Cycle(Status.NEED_DATA, self.recovery.due)

    def position(self, fresh: float = 0.0) -> Position:
        """Media time being heard now, or to be heard next while nothing is.

        An answer of the device will do that is no older than so many seconds.
        """
        return self.reading(fresh)[0]

    def reading(self, fresh: float) -> tuple[Position, Progress]:
        """Return the same, and the answer of the device behind it."""
        stream = self.stream
        if stream is None:
            return Position(0.0, 0.0), SILENT
        told = self.progress(fresh)
        return stream.tracker.read(told, stream.feeder.written, self.clock.now()), told

    def queued(self) -> tuple[int, int]:
        """Bytes in the ring now, and bytes it can hold."""
        if self.stream is None or self.state in STILL:
            return 0, self.geometry.ring_size
        taken = self.stream.taken(self.progress())
        waiting = max(0, self.stream.feeder.written - taken) + (self.join.waiting if self.join else 0)
        return waiting, self.geometry.ring_size

    def latency(self) -> float:
        """Seconds of sound that are queued and not heard."""
        stream = self.stream
        if stream is None or self.state in STILL:
            return 0.0
        return stream.tracker.latency(stream.feeder.written) + (self.join.ahead if self.join else 0.0)

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        stream = self.stream
        if stream is None:
            return Counters(0, 0, 0, 0)
        tally = stream.tally
        sent, taken = tally.sent + stream.feeder.written, tally.taken + stream.last_taken
        return Counters(sent, taken, tally.wakeups, tally.underruns)

    def due(self, stream: SinkStream, *, stalled: bool) -> int:
        """Return the PCM frame of the stream that is to be heard next, as well as the device tells."""
        return stream.at if self.state in STILL else stream.next_frame(self.clock.now(), stalled=stalled)

    def progress(self, fresh: float = FRESH) -> Progress:
        """What the device says of itself. If it fails, process() shall meet the failure and tell it, nobody else."""
        if self.state in STILL or self.stream is None:
            return SILENT
        try:
            return self.stream.ask(self.clock.now(), fresh=fresh)
        except DeviceError:
            if self.state in BUSY:
                self.signal.set()
            return SILENT
