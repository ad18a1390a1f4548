"""The compressed sink: joins geometry, feeder, watch, drain and position to one node. Decides nothing about streams.

It is past 300 lines because every one of its calls turns on the same state; what does not is in the files beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from math import inf

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.compress import CompressDevice, Geometry, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError, DeviceLost, DeviceStalled, DeviceXrun, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, FixedInput, IoArea, Param, ParamId, Status
from pyaudiobus.graph.source import Source
from pyaudiobus.model.choice import Enumeration, Range
from pyaudiobus.model.format import MAX_RATE, EncodedFormat
from pyaudiobus.model.negotiation import EncodedOffer
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.states import advance
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest, choose_geometry
from pyaudiobus.nodes.compressed_sink.hold import DeviceHold
from pyaudiobus.nodes.compressed_sink.states import SINK_TABLE, SinkEvent, SinkState
from pyaudiobus.nodes.compressed_sink.stream import SinkStream
from pyaudiobus.nodes.compressed_sink.watch import DRAIN_MARGIN, MAX_SLEEP
from pyaudiobus.nodes.drain import DrainWorker

MAX_CHANNELS = 8


class CompressedSink(FixedInput):
    """A node that plays one encoded stream on one compress device.

    `process()` is called when its last Cycle said so; it writes a burst and tells when it wants to be
    called again. All device calls come from the caller's thread, except the blocking drain.
    """

    def __init__(
        self,
        device: CompressDevice,
        clock: Clock,
        quirks: Quirks,
        request: RingRequest | None = None,
        routes: AbstractContextManager[object] | None = None,
    ) -> None:
        self.name = device.name
        self.signal: Signal = clock.signal()
        """Raised when process() should be called before its deadline."""
        self.state = SinkState.CLOSED
        self._device = device
        self._clock = clock
        self._quirks = quirks
        self._request = request or RingRequest()
        self._hold = DeviceHold(device, routes)
        self._form: EncodedFormat | None = None
        self._geometry = Geometry(0, 0)
        self._stream: SinkStream | None = None
        self._drain: DrainWorker | None = None
        self._watchdog = inf

    # -- params -----------------------------------------------------------------------------------------

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        """List what the port offers; the device is asked once and never while it plays."""
        if param is ParamId.ENUM_FORMAT:
            codecs = self._quirks.playable(self._hold.caps().codecs)
            framings = self._quirks.stream_formats
            shape = Range(1, MAX_RATE), Range(1, MAX_CHANNELS)
            return (EncodedOffer(Enumeration(codecs), *shape, stream_formats=framings),) if codecs else ()
        if param is ParamId.FORMAT:
            return (self._form,) if self._form else ()
        if param is ParamId.BUFFERS:
            ring = self._geometry
            for_kernel = self._device.copies_in_kernel
            return (BuffersParam(ring.fragment_size, ring.ring_size, for_kernel),) if ring.ring_size else ()
        return (IoArea.BUFFERS, IoArea.CLOCK, IoArea.POSITION)

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Set the format: routes on, device open, SET_PARAMS. None closes the device and restores the routes."""
        if param is not ParamId.FORMAT:
            raise NotSupported(f"{self.name}: {param.value} is read only")
        if value is None:
            self._close()
            return
        if not isinstance(value, EncodedFormat):
            raise UserError(f"{self.name} plays encoded audio; {value} is not")
        self._close()
        self._open(value)

    def use_buffers(self, source: Source | None) -> None:
        """Play from `source` from now on; None stops at once."""
        if source is None:
            self._abandon()
            return
        form = self._form
        if form is None:
            raise UserError(f"{self.name} has no format yet")
        if self.state is not SinkState.CONFIGURED:  # it has played: not every driver survives its own STOP
            self._close()
            self._open(form)
        self._stream = SinkStream(self._device, source, form, self._geometry)

    # -- commands ---------------------------------------------------------------------------------------

    def send_command(self, command: Command) -> None:
        """Start, pause, suspend."""
        if command is Command.START:
            self._start()
        elif command is Command.PAUSE:
            self._pause()
        elif command is Command.SUSPEND:
            self.use_buffers(None)
            self._close()
        else:
            raise NotSupported(f"{self.name} does not do {command.value}")

    def _start(self) -> None:
        if self._stream is None:
            raise UserError(f"{self.name} is linked to nothing")
        if self.state is SinkState.PAUSED:  # RESUME first, whatever the queue holds
            self._call(self._device.resume)
            self._move(SinkEvent.RESUME)
            self._stream.tracker.run(self._clock.now())
            self._stream.watch.begin(self._clock.now())
        else:
            self._move(SinkEvent.START)
        self.signal.set()

    def _pause(self) -> None:
        if self.state is SinkState.DRAINING:
            raise NotSupported(f"{self.name} is draining and cannot pause", advice="Wait for the end, or stop.")
        was_running = self.state is SinkState.RUNNING
        self._move(SinkEvent.PAUSE)
        if was_running and self._stream is not None:
            self._call(self._device.pause)
            self._stream.tracker.hold(self._clock.now())

    # -- the cycle --------------------------------------------------------------------------------------

    def process(self) -> Cycle:
        """Prefill, refill, or see to the drain, whichever is due."""
        self.signal.clear()
        stream = self._stream
        if stream is None or self.state not in _BUSY:
            return Cycle(Status.DRAINED if self.state is SinkState.DRAINED else Status.STOPPED, inf)
        stream.wakeups += 1
        try:
            return _BUSY[self.state](self, stream)
        except DeviceXrun as error:  # which call met it first says nothing to a person
            self._fail(error)
            what = f"{self.name} broke off: its driver stopped the stream, as after an xrun (EPIPE)"
            raise DeviceXrun(what, errno=error.errno) from error
        except DeviceError as error:
            self._fail(error)
            raise

    def _prefill(self, stream: SinkStream) -> Cycle:
        full = stream.feeder.fill() or stream.has_prefill
        if not full and not stream.source.ended:
            return Cycle(Status.NEED_DATA, inf)
        if stream.feeder.written == 0:
            if not stream.source.ended:
                raise self._stalled(stream, 0)
            return self._ended(stream)
        self._device.start()
        self._move(SinkEvent.PREFILLED)
        stream.tracker.run(self._clock.now())
        stream.watch.begin(self._clock.now())
        return self._after_write(stream, stream.taken(self._device.progress()))

    def _refill(self, stream: SinkStream) -> Cycle:
        before = stream.taken(stream.ask(self._clock.now()))
        if before >= stream.feeder.written and stream.feeder.written:
            stream.underruns += 1
        looked_at = self._clock.now()  # reading the file may take its time; the device is not to blame for that
        had_work = before < stream.feeder.written
        stream.feeder.fill()
        taken = max(before, stream.taken(_SILENT))
        if not had_work:  # it has nothing to take: what comes now is not late by the time that it waited
            stream.watch.begin(looked_at)
            if stream.source.ended and taken >= stream.feeder.written and self._quirks.drain_may_hang:
                self._move(SinkEvent.SOURCE_ENDED)
                return self._ended(stream)
        if stream.watch.is_still(taken, looked_at):
            raise self._stalled(stream, taken)
        return self._after_write(stream, taken)

    def _after_write(self, stream: SinkStream, taken: int) -> Cycle:
        if stream.source.ended:
            return self._begin_drain(stream, taken)
        deadline = stream.watch.next_look(taken, stream.feeder.written, self._clock.now())
        return Cycle(Status.HAVE_DATA, deadline)

    def _begin_drain(self, stream: SinkStream, taken: int) -> Cycle:
        """Drain at once: on q6asm a drain asked for after the last fragment was played never ends."""
        left = stream.watch.at_most(max(0, taken - 2 * self._geometry.fragment_size), stream.feeder.written)
        self._watchdog = self._clock.now() + 1.1 * left + DRAIN_MARGIN
        self._move(SinkEvent.SOURCE_ENDED)
        self._drain = DrainWorker(self._device, self._clock, self.signal)
        return self._await_drain(stream)

    def _await_drain(self, stream: SinkStream) -> Cycle:
        worker = self._drain
        if worker is None or worker.finished:
            if worker is not None:
                worker.join()
                if worker.error is not None:
                    raise worker.error
                self._check_all_taken(stream)
            return self._ended(stream)
        taken = stream.taken(self._device.progress())
        now = self._clock.now()
        if now >= self._watchdog:
            raise self._stalled(stream, taken)
        return Cycle(Status.HAVE_DATA, min(self._watchdog, now + MAX_SLEEP))

    def _check_all_taken(self, stream: SinkStream) -> None:
        """Tell a drain that was cut short: some drivers end it with success when their card goes away."""
        told = self._device.progress().taken
        if told is None or told < stream.last_taken:  # it does not tell, or counts anew after a drain
            return
        left = stream.feeder.written - told
        if left >= self._geometry.fragment_size:
            raise DeviceLost(
                f"{self.name} ended the drain before everything was played",
                facts=[f"{left} of {stream.feeder.written} bytes were never taken"],
                advice="See whether the device is still there (audiobus devices), and look at its log (dmesg).",
            )

    def _ended(self, stream: SinkStream) -> Cycle:
        with suppress(DeviceError):  # everything was heard; what it says of that is for the counters only
            told = self._device.progress().taken
            stream.taken(Progress(stream.feeder.written if told is None else told, None, 0))
        stream.tracker.finish()
        self._move(SinkEvent.DEVICE_DRAINED)
        return Cycle(Status.DRAINED, inf)

    # -- what can be asked at any time ------------------------------------------------------------------

    def position(self) -> Position:
        """Media time being heard now."""
        stream = self._stream
        if stream is None:
            return Position(0.0, 0.0)
        return stream.tracker.read(self._progress(), stream.feeder.written, self._clock.now())

    def queued(self) -> tuple[int, int]:
        """Bytes in the ring now, and bytes it can hold."""
        if self._stream is None or self.state in _STILL:
            return 0, self._geometry.ring_size
        taken = self._stream.taken(self._progress())
        return max(0, self._stream.feeder.written - taken), self._geometry.ring_size

    def latency(self) -> float:
        """Seconds of sound that are queued and not heard."""
        stream = self._stream
        if stream is None or self.state in _STILL:
            return 0.0
        return stream.tracker.latency(stream.feeder.written)

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        stream = self._stream
        if stream is None:
            return Counters(0, 0, 0, 0)
        return Counters(stream.feeder.written, stream.last_taken, stream.wakeups, stream.underruns)

    def _progress(self) -> Progress:
        """What the device says of itself. If it fails, process() shall meet the failure and tell it, nobody else."""
        if self.state in _STILL or self._stream is None:
            return _SILENT
        try:
            return self._stream.ask(self._clock.now())
        except DeviceError:
            if self.state in _BUSY:
                self.signal.set()
            return _SILENT

    def progress(self) -> Progress:
        """What the device says of itself; nothing while it does not play."""
        return self._progress()

    def now(self) -> float:
        """The instant it is by the clock of its deadlines."""
        return self._clock.now()

    def elapsed(self) -> float:
        """Seconds the device has been playing this stream, by our clock."""
        return 0.0 if self._stream is None else self._stream.tracker.elapsed(self._clock.now())

    def fragment_size(self) -> int:
        """Bytes of one fragment; 0 before a format is set."""
        return self._geometry.fragment_size

    # -- opening, closing, failing ----------------------------------------------------------------------

    def _open(self, form: EncodedFormat) -> None:
        self._geometry = choose_geometry(form, self._hold.caps(), self._quirks, self._request)
        self._hold.take(form, self._geometry)
        self._form = form
        self._move(SinkEvent.CONFIGURE)

    def _close(self) -> None:
        self._abandon()
        self._form = None
        try:
            self._hold.let_go()
        finally:
            self._move(SinkEvent.CLOSE)

    def _abandon(self) -> None:
        """Stop at once; what is queued is dropped. Errors do not matter any more."""
        if self._stream is not None and self.state in _ON_DEVICE:
            with suppress(DeviceError):  # it was stopped already, or is gone: closing is all that is left
                self._device.stop()
        if self._drain is not None:
            self._drain.join()
        self._drain = None
        self._stream = None
        self._watchdog = inf

    def _fail(self, error: DeviceError) -> None:
        if self._stream is not None:
            self._stream.tracker.hold(self._clock.now())
        if self.state is not SinkState.DRAINED:
            self._move(SinkEvent.DEVICE_LOST if isinstance(error, DeviceLost) else SinkEvent.FAIL)

    def _call(self, call: Callable[[], None]) -> None:
        try:
            call()
        except DeviceError as error:
            self._fail(error)
            raise

    def _stalled(self, stream: SinkStream, taken: int) -> DeviceStalled:
        left = stream.feeder.written - taken
        where = "while draining" if self.state is SinkState.DRAINING else "while playing"
        return DeviceStalled(
            f"{self.name} stopped consuming {where}",
            facts=[f"{taken} bytes were taken, {left} are queued and stay there"],
            advice=DeviceStalled.remedy,
        )

    def _move(self, event: SinkEvent) -> None:
        self.state = advance(SINK_TABLE, self.state, event)


_BUSY = {
    SinkState.PREFILLING: CompressedSink._prefill,
    SinkState.RUNNING: CompressedSink._refill,
    SinkState.DRAINING: CompressedSink._await_drain,
}
_ON_DEVICE = (SinkState.RUNNING, SinkState.PAUSED, SinkState.DRAINING, SinkState.LOST, SinkState.FAILED)
_SILENT = Progress(None, None, 0)
"""The progress of a device that tells nothing."""
_STILL = (
    SinkState.CLOSED,
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.DRAINED,
    SinkState.LOST,
    SinkState.FAILED,
)
