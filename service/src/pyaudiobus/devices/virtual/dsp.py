"""The virtual compress device: the kernel core's half. What lies behind it is in stream.py.

Longer than most: the Protocol's sixteen calls belong to one class, and each is three lines.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pyaudiobus.devices.clock import Clock, MonotonicClock, Signal
from pyaudiobus.devices.compress import CompressCaps, Geometry, Progress
from pyaudiobus.devices.virtual.decoder import likely_output
from pyaudiobus.devices.virtual.faults import Fault, Faults
from pyaudiobus.devices.virtual.hardware import Hardware, Sleepers
from pyaudiobus.devices.virtual.journal import Journal
from pyaudiobus.devices.virtual.option_checks import refusal_of
from pyaudiobus.devices.virtual.profile import profile_named
from pyaudiobus.devices.virtual.recording import Tap
from pyaudiobus.devices.virtual.states import Call, State, after, refusal
from pyaudiobus.devices.virtual.stream import Stream, codec_of
from pyaudiobus.devices.wav_file import WavSeries
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.units import Seconds

_LONG = 3600.0
"""Seconds a sleeper sleeps at a time when nothing is known to happen."""


class VirtualDsp:
    """A CompressDevice whose DSP is in this process.

    `profile` is "q6asm" (the Dragonboard's driver with its limits and quirks) or "generic".
    `render` is a WAV of what would be heard, `tap` a file of the exact bytes consumed; both are
    begun anew with this object and grow over all its opens. Any thread may call any method.
    """

    copies_in_kernel = False

    def __init__(
        self,
        profile: str = "q6asm",
        clock: Clock | None = None,
        render: str | None = None,
        tap: str | None = None,
        hardware: Hardware | None = None,
    ) -> None:
        self._profile = profile_named(profile)
        self.name = f"virtual:{profile}"
        self.driver = f"{profile}-virtual"
        self._clock = MonotonicClock() if clock is None else clock
        self.hardware = Hardware() if hardware is None else hardware
        self._render = None if render is None else WavSeries(render)
        self._tap = None if tap is None else Tap(tap)
        self.journal = Journal(self._clock)
        self.faults = Faults(self._on_fault, self.journal.incidents)
        self.alarm: Signal | None = None
        self.opens = 0
        """How often it was opened."""
        self._lock = threading.RLock()
        self._sleepers = Sleepers(self._clock)
        self._state = State.CLOSED
        self._stream: Stream | None = None
        self._is_dead = False

    @property
    def state(self) -> State:
        """The kernel's state at this instant."""
        with self._lock:
            self._catch_up()
            return self._state

    @property
    def stream(self) -> Stream:
        """The stream since the last SET_PARAMS at this instant; it stays readable after close."""
        with self._lock:
            self._catch_up()
            return self._configured

    def open(self) -> None:
        """Take the device."""
        with self._lock:
            self._refuse(Call.OPEN, errno.ENODEV if self.faults.is_unplugged else self.faults.due("open"))
            is_free = self._state is State.CLOSED and self.hardware.take(self)
            self._refuse(Call.OPEN, 0 if is_free else errno.EBUSY)
            self._stream, self._is_dead = None, False
            self._move(Call.OPEN)
            self.opens += 1

    def caps(self) -> CompressCaps:
        """Return the profile's limits."""
        with self._call(Call.CAPS):
            self._move(Call.CAPS)
            return self._profile.caps

    def set_params(self, form: EncodedFormat, geometry: Geometry) -> None:
        """Configure codec and ring, once per open; the next track's codec after next_track."""
        with self._call(Call.SET_PARAMS):
            present = self._stream
            is_for_next_track = present is not None and present.is_next_track_announced
            if not is_for_next_track:
                after(self._state, Call.SET_PARAMS, self.name)
            is_same_ring = present is None or present.geometry == geometry
            is_fine = is_same_ring and self._profile.accepts(form, geometry)
            why = refusal_of(codec_of(form)) if is_fine and self._profile.checks_options else ""
            self._refuse(Call.SET_PARAMS, errno.EINVAL if why or not is_fine else 0, why)
            if present is not None:
                present.set_next_form(form)
            else:
                self._configure(form, geometry)

    def write(self, data: memoryview) -> int:
        """Queue what fits now."""
        with self._call(Call.WRITE) as now:
            target = after(self._state, Call.WRITE, self.name)
            why = self._configured.contradiction(data) if data.nbytes else ""
            self._refuse(Call.WRITE, errno.EINVAL if why else 0, why)
            taken = self._configured.write(data, now)
            self._state = target if taken else self._state
            return taken

    def avail(self) -> int:
        """Bytes that can be written now, as the kernel's core reckons it."""
        with self._call(Call.AVAIL):
            self._move(Call.AVAIL)
            return self._configured.ring.available()

    def progress(self) -> Progress:
        """How far the DSP is."""
        with self._call(Call.PROGRESS):
            self._move(Call.PROGRESS)
            unknown = Progress(0, 0 if self._profile.fills_timestamps else None, 0)
            return unknown if self._stream is None else self._stream.progress()

    def start(self) -> None:
        """Begin to play."""
        with self._call(Call.START) as now:
            self._move(Call.START)
            self._let_run(now)

    def pause(self) -> None:
        """Hold."""
        with self._call(Call.PAUSE) as now:
            self._move(Call.PAUSE)
            self._configured.firmware.hold(now)

    def resume(self) -> None:
        """Go on."""
        with self._call(Call.RESUME) as now:
            self._move(Call.RESUME)
            self._let_run(now)

    def stop(self) -> None:
        """Drop what is queued."""
        with self._call(Call.STOP) as now:
            self._move(Call.STOP)
            self._configured.stop(now)

    def drain(self) -> None:
        """Block, on the clock, until everything written was rendered."""
        with self._call(Call.DRAIN) as now:
            self._move(Call.DRAIN)
            self._configured.begin_drain(now)
        self._sleep_through_drain(Call.DRAIN)

    def partial_drain(self) -> None:
        """Block, on the clock, until the present track was rendered."""
        with self._call(Call.PARTIAL_DRAIN) as now:
            target = after(self._state, Call.PARTIAL_DRAIN, self.name)
            self._refuse(Call.PARTIAL_DRAIN, 0 if self._configured.is_next_track_announced else errno.EPERM)
            self._state = target
            self._configured.begin_partial_drain(now)
        self._sleep_through_drain(Call.PARTIAL_DRAIN)

    def next_track(self) -> None:
        """Announce that what is written from now on belongs to another track."""
        with self._call(Call.NEXT_TRACK):
            self._move(Call.NEXT_TRACK)
            self._refuse(Call.NEXT_TRACK, 0 if self._configured.announce_next_track() else errno.EPERM)

    def set_metadata(self, encoder_delay: int, encoder_padding: int) -> None:
        """Tell the frames to trim: of the first track before START, of the next one later."""
        with self._call(Call.SET_METADATA):
            self._move(Call.SET_METADATA)
            is_playing = self._state not in (State.SETUP, State.PREPARED)
            self._configured.set_metadata(encoder_delay, encoder_padding, is_playing=is_playing)
            self.journal.note(f"metadata: delay {encoder_delay}, padding {encoder_padding}")

    def wait(self, timeout: Seconds) -> bool:
        """Sleep on the clock until a fragment is free or something is wrong; ends a drain, as poll() does."""
        end = self._clock.now() + timeout
        with self._call(Call.WAIT):
            self._move(Call.WAIT)
        with self._sleepers.one() as signal:
            while (deadline := self._time_to_ready(signal)) is not None:
                if self._clock.now() >= end:
                    return False
                self._clock.wait(signal, min(end, deadline))
        return True

    def fileno(self) -> int | None:
        """There is none."""
        return None

    def close(self) -> None:
        """Give the device back and finish the files."""
        with self._lock:
            if self._state is State.CLOSED:
                return
            self._catch_up()
            if self._stream is not None:
                self._stream.firmware.cut()
            self._state = State.CLOSED
            self.hardware.give_back()
            self.journal.note("close")
            self._sleepers.wake()
            for record in (self._render, self._tap):
                if record is not None:
                    record.close()

    @property
    def _configured(self) -> Stream:
        """The stream; only asked for in states that have one."""
        assert self._stream is not None  # noqa: S101  # states.py lets no call get here before SET_PARAMS
        return self._stream

    @contextmanager
    def _call(self, call: Call) -> Iterator[float]:
        """One call into the driver: one at a time, refused if it has to be, at one instant."""
        with self._lock:
            self._refuse(call, errno.ENODEV if self._is_dead else self.faults.due(call.name.lower()))
            self._catch_up()
            yield self._clock.now()

    def _refuse(self, call: Call, code: int, why: str = "") -> None:
        if code:
            told = f": {why}" if why else ""
            self.journal.note(f"{call.name.lower()} refused: {errno.errorcode.get(code, code)}{told}")
            raise refusal(call, self.name, code, why)

    def _move(self, call: Call) -> None:
        """Go where a call leads, if it is legal."""
        target = after(self._state, call, self.name)
        if target is not self._state:
            self._state = target
            self.journal.note(call.name.lower())
            self._sleepers.wake()

    def _configure(self, form: EncodedFormat, geometry: Geometry) -> None:
        self._move(Call.SET_PARAMS)
        self._stream = Stream(form, geometry, self._profile, self.journal, render=self._render, tap=self._tap)
        if self._render is not None:
            self._render.expect(likely_output(form))

    def _let_run(self, now: float) -> None:
        if not self.faults.is_stalled:
            self._configured.firmware.run(now)

    def _catch_up(self) -> None:
        """Let the DSP do what it had time for, and end a drain that is through."""
        stream = self._stream
        if stream is None or self._state is State.CLOSED:
            return
        stream.firmware.advance(self._clock.now())
        if self._state is State.DRAINING and stream.is_drained(at_fetch=self.faults.ends_tracks_early):
            self._state = State.RUNNING if stream.is_partial_drain else State.SETUP
            self.journal.note(f"drained at frame {stream.firmware.rendered}")
            self._sleepers.wake()
        if self._state is not State.DRAINING and stream.firmware.is_finished:
            stream.firmware.hold(self._clock.now())
            stream.firmware.continue_after_end()

    def _sleep_through_drain(self, call: Call) -> None:
        with self._sleepers.one() as signal:
            while True:
                with self._lock:
                    signal.clear()
                    self._catch_up()
                    self._refuse(call, errno.ENODEV if self._is_dead else 0)
                    if self._state is not State.DRAINING:
                        return
                    deadline = self._next_instant()
                self._clock.wait(signal, deadline)

    def _time_to_ready(self, signal: Signal) -> float | None:
        """When poll() has to look again; None if it reports POLLOUT or POLLERR now."""
        with self._lock:
            signal.clear()
            self._catch_up()
            self._refuse(Call.WAIT, errno.ENODEV if self._is_dead else 0)
            if self._state not in (State.PREPARED, State.RUNNING, State.PAUSED):
                return None
            is_room = self._configured.ring.available() >= self._configured.geometry.fragment_size
            return None if is_room else self._next_instant()

    def _next_instant(self) -> float:
        instant = self._configured.firmware.next_instant()
        return min(instant, self._clock.now() + _LONG)

    def _on_fault(self, fault: Fault) -> None:
        with self._lock:
            is_news = fault in (Fault.UNPLUG, Fault.XRUN) and self._state is not State.CLOSED and not self._is_dead
            self.journal.note(fault.value)
            self._catch_up()
            self._is_dead = self._is_dead or (fault is Fault.UNPLUG and self._state is not State.CLOSED)
            if self._stream is not None and self._state is not State.CLOSED:
                self._hit(self._stream, fault)
            self._sleepers.wake()
        if self.alarm is not None and is_news:
            self.alarm.set()

    def _hit(self, stream: Stream, fault: Fault) -> None:
        """Let a fault change what is going on."""
        if fault in (Fault.STALL, Fault.UNPLUG, Fault.XRUN):
            stream.firmware.hold(self._clock.now())
        if fault is Fault.XRUN and self._state is not State.SETUP:
            self._state = State.XRUN
        if fault is Fault.UNSTALL and self._state in (State.RUNNING, State.DRAINING):
            stream.firmware.run(self._clock.now())
