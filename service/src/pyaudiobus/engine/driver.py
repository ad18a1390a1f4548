"""The control side of one cycle: starts its thread, hands it streams, tells what happened. Never inside a cycle.

One thread of the daemon owns a Driver; the cycle is a thread of its own that holds no lock of Python's. The module is
long because each thing that a cycle can be asked (driver.h) is asked here, and its values are named here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, IntEnum
from threading import Thread
from typing import TYPE_CHECKING

from pyaudiobus.engine.native import ffi, lib
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.record import Record

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

WHOLE_SINK: int = lib.DRIVER_SLOTS
"""The slot that stands for the sum of all streams."""


class SampleCode(IntEnum):
    """How the cycle numbers encodings (mix.h)."""

    U8 = 0
    S16 = 1
    S24 = 2
    S24_32 = 3
    S32 = 4
    F32 = 5


class EventKind(Enum):
    """What a cycle tells."""

    STARTED = lib.PLAYBACK_STARTED
    UNDERFLOW = lib.PLAYBACK_UNDERFLOW
    DRAINED = lib.PLAYBACK_DRAINED
    ENDED = lib.PLAYBACK_ENDED
    HOSTILE = lib.PLAYBACK_HOSTILE
    REMOVED = lib.DRIVER_REMOVED
    PONG = lib.DRIVER_PONG
    XRUN = lib.DRIVER_XRUN
    FAILED = lib.DRIVER_FAILED
    IDLE = lib.DRIVER_IDLE
    RUNNING = lib.DRIVER_RUNNING


class DriverEvent(Record):
    """One thing that happened in a cycle."""

    kind: EventKind
    slot: int
    serial: int
    """Of the stream or listener; 0 where it is the driver's own."""
    index: int
    """The read index, or the tag of what was asked, or an errno."""
    time: int
    """CLOCK_MONOTONIC, ns."""


class Counters(Record):
    """What the cycle has counted."""

    wakeups: int
    cycles: int
    frames: int
    """Rendered or recorded since the beginning."""
    quantum: int
    """Frames."""
    wait: int
    """ns between when the last cycle was due and when it ran."""
    busy: int
    """ns that the last cycle took."""
    longest_busy: int
    total_busy: int
    xruns: int
    """The device ran dry, or over."""
    overruns: int
    """A cycle took longer than a quantum."""
    missed: int
    """Quanta that passed asleep."""
    late_streams: int
    """A stream had nothing to play when it should have."""
    lost_events: int
    """Not fetched in time: starts, underflows and xruns only."""
    lost_record: int
    """Bytes that listeners did not get because their rings were full."""
    is_realtime: int
    is_locked: int


class CycleRecord(Record):
    """One cycle: when it was due, when it ran, what it did. Times are CLOCK_MONOTONIC in ns."""

    due: int
    awake: int
    finished: int
    frames: int
    queued: int


Matrix = tuple[tuple[float, ...], ...]
"""gain[sink's channel][stream's channel]."""


class PlaybackSetup(Record):
    """How the cycle treats one stream."""

    encoding: SampleCode
    channels: int
    prebuf: int
    """Bytes."""
    matrix: Matrix
    is_corked: bool = False
    group: int = 0
    """Streams of one group that is not 0 start on the same frame, once all that are uncorked can."""


class Hearing(Record):
    """How a listener hears."""

    encoding: SampleCode
    is_passive: bool = False
    """Whether a sink on which nothing sounds may rest all the same: then it hears no silence."""
    dither: int = 0
    """As for set_dither()."""


def null_device(rate: int, channels: int, encoding: SampleCode, room: int) -> CData:
    """Open a device that nobody hears; `room` in frames."""
    device: CData = lib.null_device_open(rate, channels, encoding, room)
    if device == ffi.NULL:
        raise AudiobusError("cannot open a null device: out of memory")
    return device


class Driver:
    """One device, which plays or records, and its thread."""

    def __init__(self, device: CData, quantum: int, *, priority: int = 0) -> None:
        """Take over `device`; `quantum` in frames, `priority` of SCHED_FIFO (0: none)."""
        self._driver = lib.driver_create(device, quantum)
        if self._driver == ffi.NULL:
            raise AudiobusError("cannot make an audio cycle: out of memory or of descriptors")
        self._thread = Thread(target=lib.driver_run, args=(self._driver, priority), name="audio cycle", daemon=True)
        self._lent: dict[int, tuple[CData, RingConsumer | RingProducer]] = {}
        """What the cycle uses, by serial: kept alive until it gives it back."""
        self._watched: dict[int, int] = {}
        self._undo: list[Callable[[], object]] = []
        """What takes back what was not committed yet."""
        self._then: list[Callable[[], object]] = []
        """What is to be done once it is."""
        self._slots: dict[int, int] = {}
        self._free = list(range(WHOLE_SINK - 1, -1, -1))
        self._is_stopped = False

    def start(self) -> None:
        """Let the cycle run."""
        self._thread.start()

    def stop(self) -> None:
        """End the cycle, close the device, give all rings back; legal once."""
        lib.driver_stop(self._driver)
        if self._thread.is_alive():
            self._thread.join()
        self._is_stopped = True
        lib.driver_destroy(self._driver)
        for serial in list(self._lent):
            self._give_back(serial)

    def fileno(self) -> int:
        """Return what becomes readable when there are events."""
        return int(lib.driver_event_fd(self._driver))

    def events(self) -> Iterator[DriverEvent]:
        """Fetch what has happened since the last call; no more where one of it has the cycle stopped."""
        with suppress(BlockingIOError):
            os.read(self.fileno(), 8)
        event = ffi.new("struct driver_event *")
        while not self._is_stopped and lib.driver_next_event(self._driver, event):
            yield self._noted(DriverEvent(EventKind(event.kind), event.slot, event.serial, event.index, event.time))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Commands given inside take effect in one and the same cycle, or, if an error ends the block, not at all."""
        try:
            yield
        except BaseException:
            lib.driver_take_back(self._driver)
            self._settle(reversed(self._undo))
            raise
        lib.driver_commit(self._driver)
        self._settle(self._then)

    def add(self, serial: int, ring: RingConsumer, setup: PlaybackSetup) -> int:
        """Play what is in a ring; return the slot that names the stream from now on. No serial is given twice."""
        self._check_new(serial)
        if not self._free:
            raise AudiobusError(f"a sink plays at most {WHOLE_SINK} streams at once")
        stream = ffi.new("struct playback *")
        stream.ring = ring.handle[0]
        stream.serial, stream.encoding, stream.channels = serial, setup.encoding, setup.channels
        stream.prebuf, stream.is_corked, stream.group = setup.prebuf, setup.is_corked, setup.group
        _fill(stream.ramp.now, setup.matrix)
        lib.playback_init(stream)
        slot = self._free[-1]
        self._put(lib.DRIVER_ADD, slot, pointer=stream)
        self._free.pop()
        self._lend(serial, stream, ring, slot)
        return slot

    def remove(self, slot: int, serial: int) -> None:
        """Stop playing a stream; REMOVED tells when its ring may be closed."""
        self._put(lib.DRIVER_REMOVE, slot)
        self._then.append(lambda: self._unwatch(serial))

    def cork(self, slots: Iterable[int], *, is_corked: bool) -> None:
        """Cork or uncork streams; those of one together() start on the same frame."""
        for slot in slots:
            self._put(lib.DRIVER_CORK, slot, int(is_corked))

    def trigger(self, slot: int) -> None:
        """Play what is there, however little."""
        self._put(lib.DRIVER_TRIGGER, slot)

    def rearm(self, slot: int) -> None:
        """Wait for prebuf again."""
        self._put(lib.DRIVER_REARM, slot)

    def drain(self, slot: int, tag: int) -> None:
        """Ask for a DRAINED with this tag once all was heard."""
        self._put(lib.DRIVER_DRAIN, slot, tag)

    def set_prebuf(self, slot: int, prebuf: int) -> None:
        """Change how many bytes must wait before any is played."""
        self._put(lib.DRIVER_SET_PREBUF, slot, prebuf)

    def set_matrix(self, slot: int, matrix: Matrix, frames: int) -> None:
        """Let the stream's matrix become another in the course of `frames` frames."""
        command = self._command(lib.DRIVER_SET_MATRIX, slot, frames)
        _fill(command.matrix, matrix)
        self._send(command)

    def listen(self, slot: int, serial: int, ring: RingProducer, how: Hearing) -> None:
        """Copy what a stream, or WHOLE_SINK, plays or records into a record ring, in the device's channels."""
        self._check_new(serial)
        listener = ffi.new("struct driver_listener *")
        listener.ring = ring.handle[0]
        listener.serial, listener.encoding = serial, how.encoding
        listener.dither, listener.is_passive = how.dither, how.is_passive
        self._put(lib.DRIVER_LISTEN, slot, pointer=listener)
        self._lend(serial, listener, ring)

    def unlisten(self, slot: int, serial: int) -> None:
        """Stop it; REMOVED tells when its ring may be closed."""
        self._put(lib.DRIVER_UNLISTEN, slot, serial)

    def cork_listener(self, slot: int, serial: int, *, is_corked: bool) -> None:
        """Let a listener hear nothing, or go on; a device that records for nobody rests."""
        self._put(lib.DRIVER_CORK_LISTENER if is_corked else lib.DRIVER_UNCORK_LISTENER, slot, serial)

    def set_quantum(self, frames: int) -> None:
        """Change how many frames are rendered or recorded at a time; counters() tell what the device could do."""
        self._put(lib.DRIVER_SET_QUANTUM, number=frames)

    def set_dither(self, seed: int) -> None:
        """Add noise, triangular, before rounding to 16 bits or fewer; a seed of 0: none."""
        self._put(lib.DRIVER_SET_DITHER, number=seed)

    def ping(self, tag: int) -> None:
        """Ask for a PONG with this tag: all that was commanded before it was done."""
        self._put(lib.DRIVER_PING, number=tag)

    def counters(self) -> Counters:
        """Return what the cycle has counted."""
        found = lib.driver_counters(self._driver)
        return Counters(*(getattr(found, name) for name in Counters.__annotations__))

    def records(self, most: int = 256) -> list[CycleRecord]:
        """Return the last cycles, oldest first."""
        found = ffi.new("struct driver_record[]", most)
        count = lib.driver_records(self._driver, found, most)
        return [CycleRecord(*(getattr(found[at], name) for name in CycleRecord.__annotations__)) for at in range(count)]

    def _noted(self, event: DriverEvent) -> DriverEvent:
        if event.kind is EventKind.REMOVED:
            self._give_back(event.serial)
            slot = self._slots.pop(event.serial, None)
            if slot is not None:
                self._free.append(slot)
        return event

    def _check_new(self, serial: int) -> None:
        """What the cycle uses must stay in memory until it says so, under a name of its own."""
        if serial in self._lent:
            raise ValueError(f"the cycle already has a stream or listener {serial}")

    def _lend(self, serial: int, user: CData, ring: RingConsumer | RingProducer, slot: int | None = None) -> None:
        """Leave a ring to the cycle, unless the command is taken back."""
        self._lent[serial] = (user, ring)
        self._undo.append(lambda: self._lent.pop(serial))
        if slot is not None:
            self._slots[serial] = slot
            self._undo.append(lambda: self._free.append(self._slots.pop(serial)))
            self._then.append(lambda: self._watch(serial, ring.fileno(), slot))

    def _watch(self, serial: int, descriptor: int, slot: int) -> None:
        self._watched[serial] = descriptor
        lib.driver_watch(self._driver, descriptor, slot)

    def _unwatch(self, serial: int) -> None:
        descriptor = self._watched.pop(serial, None)
        if descriptor is not None:
            lib.driver_unwatch(self._driver, descriptor)

    def _settle(self, steps: Iterable[Callable[[], object]]) -> None:
        for step in list(steps):
            step()
        self._undo.clear()
        self._then.clear()

    def _give_back(self, serial: int) -> None:
        """Let a ring go on elsewhere from where the cycle left it."""
        user, ring = self._lent.pop(serial)
        ring.handle.taken, ring.handle.written = user.ring.taken, user.ring.written

    def _command(self, kind: int, slot: int = 0, number: int = 0) -> CData:
        command = ffi.new("struct driver_command *")
        command.kind, command.slot, command.number = kind, slot, number
        return command

    def _put(self, kind: int, slot: int = 0, number: int = 0, pointer: CData = ffi.NULL) -> None:
        command = self._command(kind, slot, number)
        command.pointer = pointer
        self._send(command)

    def _send(self, command: CData) -> None:
        if not lib.driver_command(self._driver, command):
            raise AudiobusError("the audio cycle does not take commands: its queue is full")


def _fill(matrix: CData, gains: Matrix) -> None:
    for to, row in enumerate(gains):
        for source, gain in enumerate(row):
            matrix.gain[to][source] = gain
