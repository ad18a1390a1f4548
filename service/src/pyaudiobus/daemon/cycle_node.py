"""A node of the daemon's own with a device: opened when it is needed, closed when nothing has sounded for long.

What a sink and a source have in common; what plays is in pcm_sink.py, what records in pcm_source.py.
Past 300 lines because all of it turns on the state of one device.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from pyaudiobus.daemon.cycle import Cycle
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.engine.driver import (
    WHOLE_SINK,
    Counters,
    CycleRecord,
    Driver,
    DriverEvent,
    EventKind,
    Hearing,
    SampleCode,
)
from pyaudiobus.errors import AudiobusError, DeviceError
from pyaudiobus.model.channels import default_map
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.model.record import Record
from pyaudiobus.systemd.journal import Incidents

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

log = logging.getLogger("audiobusd")
SMALLEST_QUANTUM = 16
"""Frames."""
RETRY_SECONDS = 1
"""Until a device that failed is opened again for streams that wait for it."""


class Manner(Record):
    """How a device is used."""

    shortest: int
    """Microseconds: the least latency that is granted."""
    longest: int
    suspend_after: int
    """Seconds; 0: never."""
    priority: int
    """SCHED_FIFO of its cycle; 0: none."""
    dither: int = 0
    """Seed of the noise that is added where it is rounded to 16 bits or fewer; 0: none."""


class Opener(Protocol):
    """Opens one device, again and again."""

    kind: str
    """null, file, alsa."""

    def open(self, form: PcmFormat) -> tuple[CData, PcmFormat]:
        """Return the engine's device, and the format it granted. DeviceError."""

    def closed(self) -> None:
        """The device was closed."""


class Watcher(Protocol):
    """Who is told of a node: the bus."""

    def node_changed(self, node: BusObject, facts: Facts) -> None:
        """Something of it is different."""

    def node_suspended(self, node: CycleNode, *, is_suspended: bool) -> None:
        """Its device was closed or opened."""

    def node_lost(self, node: CycleNode, reason: str) -> None:
        """Its device failed."""

    def node_found(self, node: CycleNode) -> None:
        """Its device can be used again."""


class CycleNode(BusObject):
    """A node with a cycle of its own."""

    kind = "node"
    settles = True
    media_class = ""

    def __init__(
        self,
        serial: int,
        name: str,
        opener: Opener,
        form: PcmFormat,
        *,
        manner: Manner,
        watcher: Watcher,
        properties: dict[str, str],
    ) -> None:
        super().__init__(serial, name, 0, {"media.class": self.media_class, "device.api": opener.kind, **properties})
        self.format = form
        self.manner = manner
        self.listeners: dict[int, RecordStream] = {}
        self.is_wanted_asleep = False
        """Somebody has it suspended by hand."""
        self.opener = opener
        self._watcher = watcher
        self._loop = asyncio.get_running_loop()
        self._cycle: Cycle | None = None
        self._leaving: dict[int, Callable[[], None]] = {}
        """What to do when the cycle gives back what has this serial."""
        self._latencies: dict[int, int] = {}
        """Microseconds, as granted to each stream."""
        self._state = "suspended"
        self._incidents = Incidents(log)
        self._error = ""
        """Why the device cannot be used."""
        self._bedtime: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None

    # ---- what it is ----

    @property
    def state(self) -> str:
        """As PipeWire's node states."""
        return self._state

    @property
    def is_awake(self) -> bool:
        """Whether its device is open."""
        return self._cycle is not None

    @property
    def is_available(self) -> bool:
        """Whether its device can be used, as far as is known."""
        return self._state != "error"

    @property
    def map(self) -> tuple[str, ...]:
        """Positions of its channels."""
        return self.format.channel_map or default_map(self.format.channels)

    @property
    def quantum(self) -> int:
        """Frames at a time."""
        usec = min(self._latencies.values(), default=self.manner.longest)
        return max(SMALLEST_QUANTUM, usec * self.format.rate // 1_000_000)

    def facts(self) -> Facts:
        """Return format, quantum, and what the cycle counted."""
        told: Facts = {
            "format": str(self.format),
            "channel_map": ",".join(self.map),
            "quantum": self.quantum,
            "latency": min(self._latencies.values(), default=self.manner.longest),
        }
        if self._error:
            told["error"] = self._error
        if self._cycle is not None:
            counters = self._cycle.counters()
            told["quantum"] = counters.quantum
            told |= {name: getattr(counters, name) for name in Counters.__annotations__ if name != "quantum"}
        return told

    def counters(self) -> Counters | None:
        """Return what the cycle counted; None while the device is closed."""
        return self._cycle.counters() if self._cycle else None

    def records(self, most: int) -> list[CycleRecord]:
        """Return the last cycles."""
        return self._cycle.records(min(most, 256)) if self._cycle and most else []

    def gone(self) -> None:
        """Stop the cycle."""
        self._forget_timers()
        self._close("suspended")

    @property
    def is_settled(self) -> bool:
        """Whether all was done that was ordered."""
        return self._cycle is None or self._cycle.is_settled

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` when all was done that was ordered."""
        if self._cycle is None:
            then()
        else:
            self._cycle.settle(then)

    def together(self) -> AbstractContextManager[None]:
        """Let what is ordered inside be done before one and the same cycle: no frame passes between."""
        return self._cycle.together() if self._cycle is not None else nullcontext()

    # ---- waking and sleeping ----

    def wake(self) -> None:
        """Open the device if it is closed, and give it what waits. DeviceError; AudiobusError if it sleeps by hand."""
        if self._cycle is not None:
            return
        if self.is_wanted_asleep:
            raise AudiobusError(f"{self.name} is suspended", advice="Wake it with: audiobus resume")
        was_lost = not self.is_available
        try:
            self._cycle = self._opened()
        except AudiobusError as error:
            self._complain(error.what)
            raise
        self._error = ""
        self._become("idle", {"error": None, **self.facts()})
        self.admit_waiting(self._cycle)
        for listener in self.listeners.values():
            if listener.node_slot is None:
                self._send_listener(self._cycle, listener)
        self._watcher.node_suspended(self, is_suspended=False)
        if was_lost:
            self._watcher.node_found(self)
        self._await_bedtime()

    def _complain(self, reason: str) -> None:
        """Say once why the device cannot be used, and seldom if it changes all the time."""
        if self._error != reason:
            self._incidents.tell("unusable", f"{self.name} cannot be used: {reason}")
        self._break(reason)

    def _break(self, reason: str) -> None:
        if self._error != reason:
            self._error = reason
            self._become("error", {"error": reason})
        self._state = "error"

    def _opened(self) -> Cycle:
        device, form = self.opener.open(self.format)
        cycle = Cycle(
            self.name,
            device,
            self.quantum,
            priority=self.manner.priority,
            hear=self._take,
            stalled=self._stalled,
        )
        if (form.rate, form.channels) != (self.format.rate, self.format.channels) and self.has_users():
            cycle.stop()
            self.opener.closed()
            raise DeviceError(f"{self.name} takes {form} now, and its streams have {self.format}")
        self.format = form
        if self.manner.dither:
            cycle.do(lambda driver: driver.set_dither(self.manner.dither))
        return cycle

    def has_users(self) -> bool:
        """Whether streams are here."""
        return bool(self.listeners)

    def sleep(self, *, by_hand: bool = False) -> None:
        """Close the device; what plays or records waits."""
        self.is_wanted_asleep = self.is_wanted_asleep or by_hand
        self._forget_timers()
        if self._cycle is None:
            return
        self._close("suspended")
        self._watcher.node_suspended(self, is_suspended=True)
        self.park_waiting()

    def resume(self) -> None:
        """Undo sleep(by_hand=True)."""
        self.is_wanted_asleep = False
        self.wake()

    def admit_waiting(self, cycle: Cycle) -> None:
        """Give a new cycle what waited for it."""

    def park_waiting(self) -> None:
        """Have an eye on what waits, the device being closed."""

    def is_held_awake(self) -> bool:
        """Whether somebody listens."""
        return any(not (listener.is_corked or listener.is_passive) for listener in self.listeners.values())

    def _close(self, state: str) -> None:
        cycle, self._cycle = self._cycle, None
        if cycle is not None:
            cycle.stop()
            self.opener.closed()
        for listener in self.listeners.values():
            listener.node_slot = None
        leaving, self._leaving = self._leaving, {}
        for then in leaving.values():
            then()
        self._become(state, {})

    def _become(self, state: str, facts: Facts) -> None:
        self._state = state
        self._watcher.node_changed(self, facts)

    def _await_bedtime(self) -> None:
        if self._bedtime is not None:
            self._bedtime.cancel()
            self._bedtime = None
        if self.manner.suspend_after and self._state == "idle":
            self._bedtime = self._loop.call_later(self.manner.suspend_after, self._bedtime_came)

    def _bedtime_came(self) -> None:
        self._bedtime = None
        if self._state != "idle":
            return
        if self.is_held_awake():
            self._await_bedtime()
        else:
            self.sleep()

    def _forget_timers(self) -> None:
        for timer in (self._bedtime, self._again):
            if timer is not None:
                timer.cancel()
        self._bedtime = self._again = None

    def try_again(self, *, is_needed: bool = True) -> None:
        """Open the device after a failure, quietly; where that fails and it is needed, later again."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._cycle is not None or self.is_wanted_asleep:
            return
        try:
            self.wake()
        except AudiobusError:
            if is_needed or self.has_users():
                self._again = self._loop.call_later(RETRY_SECONDS, self.try_again)

    def lose(self, reason: str) -> None:
        """Take the device for gone."""
        if self.is_available:
            self._failed(reason)

    # ---- latency ----

    def grant_latency(self, serial: int, usec: int) -> int:
        """Let a stream have a latency, as near as can be; the quantum follows the smallest of all."""
        granted = min(max(usec, self.manner.shortest), self.manner.longest)
        self._latencies[serial] = granted
        self._set_quantum()
        return granted

    def release_latency(self, serial: int) -> None:
        """Forget what a stream was granted."""
        if self._latencies.pop(serial, None) is not None:
            self._set_quantum()

    def _set_quantum(self) -> None:
        if self._cycle is None:
            return
        frames = self.quantum
        if frames != self._cycle.counters().quantum:
            self._cycle.do(lambda driver: driver.set_quantum(frames))
            self._watcher.node_changed(self, {"quantum": frames, "latency": min(self._latencies.values(), default=0)})

    # ---- listening ----

    def listen(self, listener: RecordStream, stream: PlaybackStream | None) -> None:
        """Let a record stream hear one stream, or with None all that is played or recorded."""
        listener.heard = stream
        self.listeners[listener.serial] = listener
        try:
            if not (listener.is_corked or listener.is_passive) or self._cycle is not None:
                self.wake()
            if self._cycle is not None and listener.node_slot is None:
                self._send_listener(self._cycle, listener)
        except AudiobusError:
            self.listeners.pop(listener.serial)
            raise
        self._await_bedtime()

    def unlisten(self, listener: RecordStream, then: Callable[[], None]) -> None:
        """Let it hear no more; `then` is called when its ring is not in use."""
        if self.listeners.pop(listener.serial, None) is None or self._cycle is None or listener.node_slot is None:
            listener.node_slot = None
            then()
            return
        slot, listener.node_slot = listener.node_slot, None
        self._leaving[listener.serial] = then
        self._cycle.do(lambda driver: driver.unlisten(slot, listener.serial))

    def cork_listener(self, listener: RecordStream) -> None:
        """Follow a listener's cork."""
        if not listener.is_corked:
            self.wake()
        slot = listener.node_slot
        if self._cycle is not None and slot is not None:
            self._cycle.do(lambda driver: driver.cork_listener(slot, listener.serial, is_corked=listener.is_corked))
        self._await_bedtime()

    def _send_listener(self, cycle: Cycle, listener: RecordStream) -> None:
        slot = WHOLE_SINK if listener.heard is None else listener.heard.slot
        cycle.must(lambda driver: add_listener(driver, listener, slot))
        listener.node_slot = slot

    # ---- what the cycle tells ----

    def _take(self, event: DriverEvent) -> None:
        if event.kind is EventKind.REMOVED:
            self.take_removed(event.serial)
            self._leaving.pop(event.serial, _nothing)()
        elif event.kind in (EventKind.IDLE, EventKind.RUNNING):
            self._become(event.kind.name.lower(), {})
            self._await_bedtime()
        elif event.kind is EventKind.FAILED:
            self._failed(DeviceError.from_errno("use", self.name, event.index).what)
        elif event.kind is EventKind.XRUN:
            counters = self.counters()
            self._watcher.node_changed(self, {"xruns": counters.xruns if counters else 0})
        else:
            self.take_stream_event(event)

    def take_stream_event(self, event: DriverEvent) -> None:
        """Take what happened to a stream."""

    def take_removed(self, serial: int) -> None:
        """Take that the cycle has given something back."""

    def _failed(self, reason: str) -> None:
        self._forget_timers()
        self._close("error")
        self._break(reason)
        self._watcher.node_lost(self, reason)
        self._watcher.node_suspended(self, is_suspended=True)
        if self.has_users():
            self._again = self._loop.call_later(RETRY_SECONDS, self.try_again)

    def _stalled(self) -> None:
        self._watcher.node_changed(self, {"stalled": True})


def add_listener(driver: Driver, listener: RecordStream, slot: int) -> None:
    """Order that a record stream hears what is in a slot."""
    how = Hearing(SampleCode[listener.format.encoding.name], listener.is_passive, listener.dither)
    driver.listen(slot, listener.serial, listener.ring, how)
    if listener.is_corked:
        driver.cork_listener(slot, listener.serial, is_corked=True)


def _nothing() -> None:
    """Do what nobody waits for."""
