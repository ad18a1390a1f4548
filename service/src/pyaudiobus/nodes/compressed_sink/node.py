"""The compressed sink: joins geometry, feeder, watch, drain and position to one node. Decides nothing about streams.

It is past 300 lines because every one of its calls turns on the same state; what does not is in the files beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from math import inf

from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.devices.compress import AlarmedDevice, CompressDevice, Geometry, Progress
from pyaudiobus.devices.quirks import Quirks
from pyaudiobus.errors import DeviceError, DeviceLost, DeviceStalled, DeviceXrun, NotSupported, UserError
from pyaudiobus.graph.node import BuffersParam, Command, Cycle, FixedInput, IoArea, Param, ParamId, Status
from pyaudiobus.graph.source import Source
from pyaudiobus.model.changes import Change, Joined, Mended, Slept, Troubled
from pyaudiobus.model.choice import Enumeration, Range
from pyaudiobus.model.format import MAX_RATE, EncodedFormat, Format
from pyaudiobus.model.negotiation import EncodedOffer
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.states import advance
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest, choose_geometry
from pyaudiobus.nodes.compressed_sink.hold import DeviceHold
from pyaudiobus.nodes.compressed_sink.joining import ROUNDED, SOON, STANDS, Following, Join, announce, can_join
from pyaudiobus.nodes.compressed_sink.recovery import Recovery
from pyaudiobus.nodes.compressed_sink.states import SINK_TABLE, SinkEvent, SinkState
from pyaudiobus.nodes.compressed_sink.stream import FRESH, Origin, SinkStream
from pyaudiobus.nodes.compressed_sink.watch import DRAIN_MARGIN, MAX_SLEEP
from pyaudiobus.nodes.drain import DrainWorker

MAX_CHANNELS = 8
SUSPEND_AFTER = 30.0
"""Seconds of a pause after which the device is given back so that the DSP can sleep."""
SEEK_SPACING = 0.1
"""Seconds between two seeks on the device: of those that come faster only the last one reaches it."""


def longest_pause(*told: int | None) -> float:
    """Return the seconds of a pause after which a device is closed, as the first who says so has it; 0 is for never."""
    said = next((seconds for seconds in told if seconds is not None), SUSPEND_AFTER)
    return said or inf


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
        *,
        suspend_after: float = SUSPEND_AFTER,
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
        self._suspend_after = suspend_after
        self._paused_at = 0.0
        self._has_leapt = False
        self._leapt_at = -inf
        self._recovery = Recovery()
        self._is_urgent = False
        """It starts with what there is: somebody wants to hear it now."""
        self._news: list[Change] = []
        self._following = Following(is_asked_for=False)
        self._join: Join | None = None
        """What follows, once the device was told of it."""
        if isinstance(device, AlarmedDevice):
            device.alarm = self.signal

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
        self._recovery = Recovery()
        self._is_urgent = False
        self._stream = SinkStream(self._device, source, form, self._geometry, self._quirks)

    # -- commands ---------------------------------------------------------------------------------------

    def send_command(self, command: Command) -> None:
        """Obey, as SPA has it: Suspend gives the device back, and Start goes on where it was."""
        _COMMANDS[command](self)

    def seek(self, seconds: float) -> None:
        """Let the frame at this media time be the next that is heard; what is queued is not heard any more."""
        stream = self._replayable("seek")
        form = stream.form
        frame = form.lead + round(max(0.0, seconds) * form.rate)
        if seconds >= stream.tracker.duration:
            frame = max(frame, stream.whole.index.total_frames)
        self._give_back()
        self._move(SinkEvent.LEAP)
        self._following.forget()
        self._enter(stream, frame, floor=None)
        self._recovery.leap(seconds)
        self._has_leapt = True
        self.signal.set()

    def go_on_at(self, frame: int, floor: float) -> None:
        """Begin at a PCM frame of the stream, at which it left the device before; no earlier time is told than `floor`.

        To be called between use_buffers() and the start.
        """
        stream = self._replayable("go on")
        self._give_back()
        self._move(SinkEvent.LEAP)
        self._enter(stream, frame, floor=floor)

    def begin(self) -> None:
        """Have the device started with what there is, though its ring is not full."""
        self._is_urgent = True

    def expect_next(self) -> None:
        """Ask from now on what follows (wants_next) before a stream ends."""
        self._following = Following(is_asked_for=True)

    @property
    def wants_next(self) -> bool:
        """Whether all of the stream was written, and follow() has not told what comes behind it."""
        return self._following.is_wanted

    @property
    def must_drain_at_once(self) -> bool:
        """Whether it must be certain, when a stream's last bytes are written, what becomes of it then."""
        return self._quirks.drain_may_hang

    def follow(self, source: Source | None, form: Format | None) -> bool:
        """Let another stream follow without a stop, if its format allows that; with None nothing follows."""
        stream, encoded = self._stream, form if isinstance(form, EncodedFormat) else None
        fits = stream is not None and encoded is not None and can_join(stream.form, encoded, self._quirks)
        self._following.tell(source if fits else None, encoded)
        return fits

    def _start(self) -> None:
        if self._stream is None:
            raise UserError(f"{self.name} is linked to nothing")
        self.signal.set()
        if self.state is not SinkState.PAUSED:
            self._move(SinkEvent.START)
            return
        now = self._clock.now()
        try:
            self._device.resume()  # first of all, whatever the queue holds
        except DeviceError as error:
            self._break_off(error)
            return
        self._move(SinkEvent.RESUME)
        self._stream.tracker.run(now)
        self._stream.watch.begin(now)
        if self._drain is not None:  # it was held while it drained
            self._watchdog += now - self._paused_at
            self._move(SinkEvent.SOURCE_ENDED)

    def _pause(self) -> None:
        stream, was = self._stream, self.state
        self.signal.set()
        if stream is None or was not in (SinkState.RUNNING, SinkState.DRAINING):
            self._move(SinkEvent.PAUSE if self._hold.is_held or was is SinkState.SUSPENDED else SinkEvent.SLEEP)
            return
        if was is SinkState.DRAINING and not stream.is_replayable and not self._is_crossing:
            raise NotSupported(f"{self.name} is draining and cannot pause", advice="Wait for the end, or stop.")
        try:
            self._device.pause()
        except DeviceError as error:  # q6asm cannot while it drains (EPERM): go on later from where it is now
            if not stream.is_replayable:
                self._fail(error)
                raise
            self._sleep(stream)
            return
        self._paused_at = self._clock.now()
        self._move(SinkEvent.PAUSE)
        stream.tracker.hold(self._paused_at)

    def _suspend(self) -> None:
        """Give the device back; a stream that can be replayed keeps its place."""
        stream = self._stream
        if self.state is SinkState.DRAINED:  # all was heard: nothing but the device is given back
            self._give_back()
        elif stream is None or not stream.is_replayable or self.state not in _KEEPS_PLACE:
            self.use_buffers(None)
            self._close()
        elif self.state is not SinkState.SUSPENDED:
            self._sleep(stream)

    def _flush(self) -> None:
        """Drop what was not heard; what the source gives next is heard next."""
        stream = self._stream
        if stream is not None:
            stream = self._replayable("flush")
            frame = stream.read_until()
            self._give_back()
            self._move(SinkEvent.LEAP)
            self._enter(stream, frame, floor=None)
            self.signal.set()

    def _end(self) -> None:
        """Let the stream end with what was taken from the source."""
        if self._stream is not None:
            self._stream.cut_short()
            self.signal.set()

    def _replayable(self, what: str) -> SinkStream:
        stream = self._stream
        if stream is None or not stream.is_replayable:
            raise NotSupported(f"{self.name} cannot {what} in what it plays: it comes once only")
        return stream

    def _sleep(self, stream: SinkStream) -> None:
        """Give the device back and keep the stream's place."""
        frame, floor = self.next_frame(), self.position().seconds
        self._give_back()
        self._move(SinkEvent.SLEEP)
        self._enter(stream, frame, floor=floor)
        self._news.append(Slept())

    def _enter(self, stream: SinkStream, frame: int, floor: float | None) -> None:
        """Let a stream begin anew at a PCM frame, as soon as the device is taken for it."""
        self._stream = SinkStream(
            self._device,
            stream.whole,
            stream.form,
            self._geometry,
            self._quirks,
            at=frame,
            tally=stream.leave(),
            floor=floor,
        )

    # -- the cycle --------------------------------------------------------------------------------------

    def process(self) -> Cycle:
        """Prefill, refill, or see to the drain, whichever is due."""
        self.signal.clear()
        stream = self._stream
        if stream is None or self.state not in _BUSY:
            return Cycle(Status.DRAINED if self.state is SinkState.DRAINED else Status.STOPPED, inf)
        stream.tally.wakeups += 1
        try:
            return _BUSY[self.state](self, stream)
        except DeviceXrun as error:  # which call met it first says nothing to a person
            what = f"{self.name} broke off: its driver stopped the stream, as after an xrun (EPIPE)"
            return self._break_off(DeviceXrun(what, errno=error.errno))
        except DeviceError as error:
            return self._break_off(error)

    def glance(self) -> float | None:
        """Do what process() does where all is well between two bursts; return the instant of the next call.

        None: there is more to do than to see that the device goes on, and process() is to do it.
        """
        stream, now = self._stream, self._clock.now()
        if stream is None or self.state is not SinkState.RUNNING or now >= stream.watch.low_at or self.wants_next:
            return None
        before = stream.last_taken
        try:
            taken = stream.taken(stream.ask(now))
        except DeviceError:
            return None
        if not before < taken < stream.feeder.written:
            return None
        stream.watch.is_still(taken, now)
        stream.tally.wakeups += 1
        return min(stream.watch.low_at, now + MAX_SLEEP)

    def _prefill(self, stream: SinkStream) -> Cycle:
        if not self._hold.is_held:
            if self._has_leapt and self._clock.now() < self._leapt_at + SEEK_SPACING:
                return Cycle(Status.NEED_DATA, self._leapt_at + SEEK_SPACING)
            if self._has_leapt:
                self._has_leapt, self._leapt_at = False, self._clock.now()
            if stream.source.ended:
                return self._ended(stream)
            self._hold.take(stream.form, self._geometry, stream.delay)
        full = self._fill(stream) or stream.has_prefill or (self._is_urgent and stream.feeder.written > 0)
        if self.wants_next:
            return Cycle(Status.HAVE_DATA, self._clock.now())
        if not full and not stream.source.ended:
            return Cycle(Status.NEED_DATA, inf)
        if stream.feeder.written == 0:
            if not stream.source.ended:
                raise self._stalled(stream, 0)
            return self._ended(stream)
        self._device.start()
        self._move(SinkEvent.PREFILLED)
        now = self._clock.now()
        stream.tracker.run(now)
        stream.watch.begin(now)
        if self._recovery.succeed():
            stream.tally.recoveries += 1
            self._news.append(Mended(self._recovery.reason, self._recovery.attempts))
        return self._after_write(stream, stream.taken(stream.ask(now)))

    def _await_retry(self, stream: SinkStream) -> Cycle:
        if self._clock.now() < self._recovery.due:
            return Cycle(Status.NEED_DATA, self._recovery.due)
        self._recovery.attempts += 1
        self._move(SinkEvent.START)
        return self._prefill(stream)

    def _await_resume(self, stream: SinkStream) -> Cycle:
        """Hold; after a time give the device back so that it can sleep."""
        stream.tally.wakeups -= 1
        due = self._paused_at + self._suspend_after
        if not stream.is_replayable:
            return Cycle(Status.STOPPED, inf)
        if self._clock.now() < due:
            return Cycle(Status.STOPPED, due)
        self._sleep(stream)
        return Cycle(Status.STOPPED, inf)

    def _break_off(self, error: DeviceError) -> Cycle:
        """Give the device back and plan another try from the frame that was heard last; raise when that is no use."""
        stream = self._stream
        if stream is None or not stream.is_replayable:
            self._fail(error)
            raise error
        now = self._clock.now()
        floor = self.position().seconds
        frame = self._due(stream, stalled=isinstance(error, DeviceStalled))
        self._give_back()
        if self._recovery.fail(error.what, now, (frame - stream.form.lead) / stream.form.rate):
            self._news.append(Troubled(error.what))
        self._enter(stream, frame, floor=floor)
        if self._recovery.is_hopeless:
            self._fail(error)
            raise error
        self._move(SinkEvent.BREAK_OFF)
        return Cycle(Status.NEED_DATA, self._recovery.due)

    def _refill(self, stream: SinkStream) -> Cycle:
        before = stream.taken(stream.ask(self._clock.now()))
        if before >= stream.feeder.written and stream.feeder.written:
            stream.tally.underruns += 1
        looked_at = self._clock.now()  # reading the file may take its time; the device is not to blame for that
        had_work = before < stream.feeder.written
        self._fill(stream)
        taken = max(before, stream.taken(_SILENT))
        has_all = stream.source.ended and taken >= stream.feeder.written and not self.wants_next
        if not had_work and has_all and self._quirks.drain_may_hang:
            return self._end_undrained(stream, taken, looked_at)
        if not had_work:  # it has nothing to take: what comes now is not late by the time that it waited
            stream.watch.begin(looked_at)
        if stream.watch.is_still(taken, looked_at):
            raise self._stalled(stream, taken)
        return self._after_write(stream, taken)

    def _end_undrained(self, stream: SinkStream, taken: int, now: float) -> Cycle:
        """Let it end when what the device took was heard: a drain that begins now might not."""
        told = stream.ask(now)
        left = stream.unheard(told, now)
        if left:  # the device may be behind our clock
            left += stream.doubt(told, now)
        if left > SOON:
            if stream.watch.is_still(taken, now):
                raise self._stalled(stream, taken)
            return Cycle(Status.HAVE_DATA, now + left)
        self._move(SinkEvent.SOURCE_ENDED)
        return self._ended(stream)

    def _fill(self, stream: SinkStream) -> bool:
        """Write a burst; what follows is asked for before the last bytes, which a drain must follow at once."""
        following = self._following
        keeps_end = following.is_open
        full = stream.feeder.fill(keeps_end=keeps_end)
        if keeps_end and not full and stream.feeder.left <= self._geometry.fragment_size:
            following.was_asked = True
        return full

    def _after_write(self, stream: SinkStream, taken: int) -> Cycle:
        if self.wants_next:
            return Cycle(Status.HAVE_DATA, self._clock.now())
        if stream.source.ended:
            return self._at_source_end(stream, taken)
        deadline = stream.watch.next_look(taken, stream.feeder.written, self._clock.now())
        return Cycle(Status.HAVE_DATA, deadline)

    def _at_source_end(self, stream: SinkStream, taken: int) -> Cycle:
        if self._following.source is None:
            return self._begin_drain(stream, taken)
        return self._begin_join(stream, self._following.source, taken)

    def _begin_join(self, stream: SinkStream, source: Source, taken: int) -> Cycle:
        """Announce the next track, write some of it where the driver takes it now, and wait for the end of this one."""
        if self._clock.now() < stream.settled_at:
            return Cycle(Status.HAVE_DATA, stream.settled_at)
        if self._join is None:
            form = self._following.form or stream.form
            origin = Origin(stream.origin.taken + stream.feeder.written)
            self._join = Join(SinkStream(self._device, source, form, self._geometry, self._quirks, follows=origin))
            if not announce(self._device, self._quirks, stream, self._join.following, self._geometry):
                self._join = None
                self._following.tell(None, None)
                return self._begin_drain(stream, taken)
        following = self._join.following
        if self._quirks.write_before_partial_drain:
            following.feeder.fill(keeps_end=True)
            if not following.feeder.written and following.feeder.left > self._geometry.fragment_size:
                wait = stream.watch.seconds(taken, taken + self._geometry.fragment_size) / 2
                return Cycle(Status.HAVE_DATA, self._clock.now() + max(wait, 0.01))
        left = stream.watch.at_most(max(0, taken - 2 * self._geometry.fragment_size), stream.feeder.written)
        self._watchdog = self._clock.now() + 1.1 * left + DRAIN_MARGIN
        self._move(SinkEvent.SOURCE_ENDED)
        self._drain = DrainWorker(self._device, self._clock, self.signal, self._device.partial_drain)
        return self._await_drain(stream)

    @property
    def _is_crossing(self) -> bool:
        """Whether the next track is being written, and the present one still heard."""
        return self._join is not None and self._drain is not None and self._drain.finished

    def _cross(self, stream: SinkStream, join: Join, ended_at: float) -> Cycle:
        """Feed the next track; turn to it when the present one was heard, which the driver may not have waited for."""
        now = self._clock.now()
        told = stream.ask(now, fresh=0.0)
        left = join.feed(stream.unheard(told, now), stream.doubt(told, now), now - ended_at)
        if not left:
            return self._joined(stream, join)
        if not join.has_moved(told) and told.rendered is not None:
            if left * told.rate < ROUNDED:  # it has nothing more to render
                return self._joined(stream, join)
            if now >= self._watchdog:
                raise self._stalled(stream, stream.taken(told))
            left = max(left, STANDS)
        return Cycle(Status.HAVE_DATA, min(join.next_look(left, now), max(self._watchdog, now + STANDS)))

    def _joined(self, stream: SinkStream, join: Join) -> Cycle:
        """Turn to the next track, whose first frame is due."""
        following = join.following
        self._drain, self._join, self._watchdog = None, None, inf
        self._move(SinkEvent.JOINED)
        told = self._device.progress()
        heard = stream.origin.rendered + stream.audible * max(told.rate, 1) // stream.form.rate
        following.origin.rendered = heard if told.rendered is None else min(heard, told.rendered)
        stream.last_taken = stream.feeder.written
        counters = self.counters()
        self._stream, self._form = following, following.form
        self._following.forget()
        following.tally.wakeups += 1
        try:
            self._fill(following)
        finally:  # if that fails, it is the next track that is in trouble
            now = self._clock.now()
            self._news.append(Joined(counters, join.gap))
        join.begin(now)
        return self._after_write(following, following.taken(following.ask(now, fresh=0.0)))

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
                self._device.avail()  # an xrun ends a drain with success too, and shows here
                if self._join is not None:
                    return self._cross(stream, self._join, worker.ended_at)
                self._check_all_taken(stream)
            return self._ended(stream)
        now = self._clock.now()
        taken = stream.taken(stream.ask(now, fresh=0.0))
        if now >= self._watchdog:
            return self._give_up_drain(stream, taken)
        return Cycle(Status.HAVE_DATA, min(self._watchdog, now + MAX_SLEEP))

    def _give_up_drain(self, stream: SinkStream, taken: int) -> Cycle:
        """End a drain that does not: what the DSP had taken long enough ago was heard, though it does not say so."""
        error = self._stalled(stream, taken)
        if not stream.is_replayable or not stream.is_all_heard(self._clock.now()):
            raise error
        self._news.append(
            Troubled(f"{self.name} does not end its drain; all of it was taken, and had time to be heard")
        )
        self._give_back()
        return self._ended(stream)

    def _check_all_taken(self, stream: SinkStream) -> None:
        """Tell a drain that was cut short: some drivers end it with success when their card goes away."""
        now = self._clock.now()
        progress = stream.ask(now, fresh=-1.0)
        told = progress.taken
        if told is None:
            return
        if told < stream.last_taken:  # it counts anew after a drain, or has forgotten all because it is gone
            told = stream.last_taken if stream.tracker.lacks_time(now) else stream.feeder.written
        left = stream.feeder.written - told
        if left >= self._geometry.fragment_size or stream.falls_short(progress, now):
            raise DeviceLost(
                f"{self.name} ended the drain before everything was played",
                facts=[
                    f"it had taken {told} of {stream.feeder.written} bytes",
                    f"and rendered {progress.rendered or 0} of about {stream.audible} frames",
                ],
                advice="See whether the device is still there (audiobus devices), and look at its log (dmesg).",
            )

    def _ended(self, stream: SinkStream) -> Cycle:
        with suppress(DeviceError):  # everything was heard; what it says of that is for the counters only
            told = stream.ask(self._clock.now(), fresh=-1.0).taken
            stream.taken(Progress(stream.feeder.written if told is None else told, None, 0))
        stream.tracker.finish()
        self._move(SinkEvent.DEVICE_DRAINED)
        return Cycle(Status.DRAINED, inf)

    # -- what can be asked at any time ------------------------------------------------------------------

    def position(self) -> Position:
        """Media time being heard now, or to be heard next while nothing is."""
        stream = self._stream
        if stream is None:
            return Position(0.0, 0.0)
        return stream.tracker.read(self._progress(fresh=0.0), stream.feeder.written, self._clock.now())

    def queued(self) -> tuple[int, int]:
        """Bytes in the ring now, and bytes it can hold."""
        if self._stream is None or self.state in _STILL:
            return 0, self._geometry.ring_size
        taken = self._stream.taken(self._progress())
        waiting = max(0, self._stream.feeder.written - taken) + (self._join.waiting if self._join else 0)
        return waiting, self._geometry.ring_size

    def latency(self) -> float:
        """Seconds of sound that are queued and not heard."""
        stream = self._stream
        if stream is None or self.state in _STILL:
            return 0.0
        return stream.tracker.latency(stream.feeder.written) + (self._join.ahead if self._join else 0.0)

    def counters(self) -> Counters:
        """What the stream has cost and carried."""
        stream = self._stream
        if stream is None:
            return Counters(0, 0, 0, 0)
        tally = stream.tally
        sent, taken = tally.sent + stream.feeder.written, tally.taken + stream.last_taken
        return Counters(sent, taken, tally.wakeups, tally.underruns)

    def consumed(self) -> tuple[Source | None, int]:
        """What the device is fed from at present, and how many bytes of it the device took."""
        stream = self._stream
        return (None, 0) if stream is None else (stream.source, stream.last_taken)

    def next_frame(self) -> int:
        """Return the PCM frame of the stream that is to be heard next, as well as the device tells."""
        stream = self._stream
        return 0 if stream is None else self._due(stream, stalled=False)

    def _due(self, stream: SinkStream, *, stalled: bool) -> int:
        return stream.at if self.state in _STILL else stream.next_frame(self._clock.now(), stalled=stalled)

    def news(self) -> tuple[Change, ...]:
        """What has become of the stream since the last call."""
        if not self._news:
            return ()
        news, self._news = tuple(self._news), []
        return news

    def _progress(self, fresh: float = FRESH) -> Progress:
        """What the device says of itself. If it fails, process() shall meet the failure and tell it, nobody else."""
        if self.state in _STILL or self._stream is None:
            return _SILENT
        try:
            return self._stream.ask(self._clock.now(), fresh=fresh)
        except DeviceError:
            if self.state in _BUSY:
                self.signal.set()
            return _SILENT

    @property
    def is_open(self) -> bool:
        """Whether its device is open."""
        return self._hold.is_held

    def is_free(self) -> bool:
        """Try whether its device could be opened now; it must not be in use here."""
        try:
            self._device.open()
        except DeviceError:
            return False
        self._device.close()
        return True

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
        """Stop at once; what is queued is dropped."""
        self._stop()
        self._stream = None
        self._following.forget()
        self._news.clear()

    def _give_back(self) -> None:
        """Stop at once and close the device; the stream stays."""
        self._stop()
        with suppress(DeviceError):  # it may be gone: there is nothing left to give back then
            self._hold.let_go()

    def _stop(self) -> None:
        """Stop at once. Errors do not matter any more."""
        if self._stream is not None and self.state in _ON_DEVICE and self._hold.is_held:
            with suppress(DeviceError):  # it was stopped already, or is gone: closing is all that is left
                self._device.stop()
        if self._drain is not None:
            self._drain.join()
        self._drain = self._join = None
        self._watchdog = inf

    def _fail(self, error: DeviceError) -> None:
        if self._stream is not None:
            self._stream.tracker.hold(self._clock.now())
        if self.state is not SinkState.DRAINED:
            self._move(SinkEvent.DEVICE_LOST if isinstance(error, DeviceLost) else SinkEvent.FAIL)

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


_COMMANDS: dict[Command, Callable[[CompressedSink], None]] = {
    Command.START: CompressedSink._start,
    Command.PAUSE: CompressedSink._pause,
    Command.SUSPEND: CompressedSink._suspend,
    Command.FLUSH: CompressedSink._flush,
    Command.DRAIN: CompressedSink._end,
}
_BUSY = {
    SinkState.PREFILLING: CompressedSink._prefill,
    SinkState.RUNNING: CompressedSink._refill,
    SinkState.DRAINING: CompressedSink._await_drain,
    SinkState.PAUSED: CompressedSink._await_resume,
    SinkState.RECOVERING: CompressedSink._await_retry,
}
_ON_DEVICE = (SinkState.RUNNING, SinkState.PAUSED, SinkState.DRAINING, SinkState.LOST, SinkState.FAILED)
_KEEPS_PLACE = (
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.RUNNING,
    SinkState.PAUSED,
    SinkState.DRAINING,
    SinkState.RECOVERING,
    SinkState.SUSPENDED,
)
_SILENT = Progress(None, None, 0)
"""The progress of a device that tells nothing."""
_STILL = (
    SinkState.CLOSED,
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.SUSPENDED,
    SinkState.RECOVERING,
    SinkState.DRAINED,
    SinkState.LOST,
    SinkState.FAILED,
)
