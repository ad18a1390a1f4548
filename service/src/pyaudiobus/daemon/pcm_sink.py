"""A sink that mixes: one playback device, its cycle, and the streams in it, as an object of the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.engine.driver import (
    WHOLE_SINK,
    Counters,
    CycleRecord,
    Driver,
    DriverEvent,
    EventKind,
    PlaybackSetup,
    SampleCode,
)
from pyaudiobus.model.channels import default_map, remix, with_volume
from pyaudiobus.model.format import PcmFormat

MIN_QUANTUM_USEC = 500
MAX_QUANTUM_USEC = 2_000_000
SMALLEST_QUANTUM = 16
"""Frames."""


class PcmSink(BusObject):
    """A node that plays PCM. Owned by the daemon."""

    kind = "node"

    def __init__(
        self,
        serial: int,
        name: str,
        driver: Driver,
        form: PcmFormat,
        tell: Callable[[PcmSink, Facts], None],
        properties: dict[str, str],
    ) -> None:
        super().__init__(serial, name, 0, {"media.class": "Audio/Sink", **properties})
        self.format = form
        self.gains: tuple[float, ...] = ()
        self.is_muted = False
        self._driver = driver
        self._tell = tell
        self._streams: dict[int, PlaybackStream] = {}
        self._listeners: dict[int, tuple[int, RecordStream]] = {}
        """Serial to the slot it listens to and the stream."""
        self._leaving: dict[int, Callable[[], None]] = {}
        """What to do when the cycle gives back what has this serial."""
        self._latencies: dict[int, int] = {}
        """Microseconds, as granted to each stream."""
        self._state = "idle"
        driver.start()
        asyncio.get_running_loop().add_reader(driver.fileno(), self._hear)

    @property
    def state(self) -> str:
        """As PipeWire's node states."""
        return self._state

    @property
    def map(self) -> tuple[str, ...]:
        """Positions of its channels."""
        return self.format.channel_map or default_map(self.format.channels)

    @property
    def streams(self) -> tuple[PlaybackStream, ...]:
        """What plays here."""
        return tuple(self._streams.values())

    def facts(self) -> Facts:
        """Return format, volume and quantum."""
        return {
            "format": str(self.format),
            "channel_map": ",".join(self.map),
            "volume": " ".join(f"{gain:g}" for gain in self.gains) or "1",
            "muted": self.is_muted,
            "quantum": self._driver.counters().quantum,
            "latency": min(self._latencies.values(), default=MAX_QUANTUM_USEC),
        }

    def counters(self) -> Counters:
        """Return what the cycle counted."""
        return self._driver.counters()

    def records(self, most: int) -> list[CycleRecord]:
        """Return the last cycles."""
        return self._driver.records(min(most, 256))

    def gone(self) -> None:
        """Stop the cycle."""
        asyncio.get_running_loop().remove_reader(self._driver.fileno())
        self._driver.stop()

    # ---- latency ----

    def grant_latency(self, serial: int, usec: int) -> int:
        """Let a stream have a latency, as near as can be; the quantum follows the smallest of all."""
        granted = min(max(usec, MIN_QUANTUM_USEC), MAX_QUANTUM_USEC)
        self._latencies[serial] = granted
        self._set_quantum()
        return granted

    def _set_quantum(self) -> None:
        usec = min(self._latencies.values(), default=MAX_QUANTUM_USEC)
        frames = max(SMALLEST_QUANTUM, usec * self.format.rate // 1_000_000)
        if frames != self._driver.counters().quantum:
            with self._driver.together():
                self._driver.set_quantum(frames)
            self._tell(self, {"quantum": frames, "latency": usec})

    # ---- streams ----

    def admit(self, stream: PlaybackStream) -> None:
        """Play a stream from now on."""
        setup = PlaybackSetup(
            SampleCode[stream.format.encoding.name],
            stream.format.channels,
            stream.buffering.prebuf,
            self._matrix(stream),
            stream.is_corked,
        )
        with self._driver.together():
            stream.slot = self._driver.add(stream.serial, stream.ring, setup)
        self._streams[stream.serial] = stream

    def dismiss(self, stream: PlaybackStream, then: Callable[[], None]) -> None:
        """Play a stream no more; `then` is called when its ring is not in use."""
        if self._streams.pop(stream.serial, None) is None:
            then()
            return
        self._latencies.pop(stream.serial, None)
        self._leaving[stream.serial] = then
        with self._driver.together():
            self._driver.remove(stream.slot, stream.serial)
        self._set_quantum()

    def cork(self, streams: list[PlaybackStream], *, is_corked: bool) -> None:
        """Hold streams or let them go on, all at one frame."""
        with self._driver.together():
            self._driver.cork([stream.slot for stream in streams], is_corked=is_corked)

    def trigger(self, streams: list[PlaybackStream]) -> None:
        """Let streams play what they have."""
        with self._driver.together():
            for stream in streams:
                self._driver.trigger(stream.slot)

    def rearm(self, streams: list[PlaybackStream]) -> None:
        """Let streams wait for prebuf again."""
        with self._driver.together():
            for stream in streams:
                self._driver.rearm(stream.slot)

    def drain(self, stream: PlaybackStream, tag: int) -> None:
        """Say when all of a stream was heard: stream.drained(tag)."""
        with self._driver.together():
            self._driver.drain(stream.slot, tag)

    def set_prebuf(self, stream: PlaybackStream) -> None:
        """Follow a stream's buffer attributes."""
        with self._driver.together():
            self._driver.set_prebuf(stream.slot, stream.buffering.prebuf)

    # ---- volume ----

    def follow_volume(self, stream: PlaybackStream, ramp: int) -> None:
        """Let a stream's volume be what it says now, in the course of `ramp` milliseconds."""
        with self._driver.together():
            self._send_matrix(stream, ramp)

    def set_volume(self, gains: tuple[float, ...], ramp: int, *, is_muted: bool) -> None:
        """Change the volume of all that plays here."""
        with_volume(remix(self.map, self.map), gains)
        self.gains, self.is_muted = gains, is_muted
        with self._driver.together():
            for stream in self._streams.values():
                self._send_matrix(stream, ramp)
        self._tell(self, {"volume": self.facts()["volume"], "muted": is_muted})

    def _send_matrix(self, stream: PlaybackStream, ramp: int) -> None:
        self._driver.set_matrix(stream.slot, self._matrix(stream), ramp * self.format.rate // 1000)

    def _matrix(self, stream: PlaybackStream) -> tuple[tuple[float, ...], ...]:
        positions = stream.format.channel_map or default_map(stream.format.channels)
        matrix = with_volume(remix(positions, self.map), stream.gains, is_muted=stream.is_muted or self.is_muted)
        if not self.gains:
            return matrix
        rows = self.gains * len(matrix) if len(self.gains) == 1 else self.gains
        return tuple(tuple(gain * volume for gain in row) for row, volume in zip(matrix, rows, strict=True))

    # ---- listening ----

    def listen(self, listener: RecordStream, stream: PlaybackStream | None) -> None:
        """Let a record stream hear one stream, or with None all that is played."""
        slot = WHOLE_SINK if stream is None else stream.slot
        with self._driver.together():
            self._driver.listen(slot, listener.serial, listener.ring, SampleCode[listener.format.encoding.name])
        self._listeners[listener.serial] = (slot, listener)

    def unlisten(self, listener: RecordStream, then: Callable[[], None]) -> None:
        """Let it hear no more; `then` is called when its ring is not in use."""
        found = self._listeners.pop(listener.serial, None)
        if found is None:
            then()
            return
        self._leaving[listener.serial] = then
        with self._driver.together():
            self._driver.unlisten(found[0], listener.serial)

    # ---- what the cycle tells ----

    def _hear(self) -> None:
        for event in self._driver.events():
            self._take(event)

    def _take(self, event: DriverEvent) -> None:
        if event.kind is EventKind.REMOVED:
            self._leaving.pop(event.serial, lambda: None)()
        elif event.kind in (EventKind.IDLE, EventKind.RUNNING, EventKind.FAILED):
            self._state = {"IDLE": "idle", "RUNNING": "running", "FAILED": "error"}[event.kind.name]
            self._tell(self, {})
        elif event.kind is EventKind.XRUN:
            self._tell(self, {"xruns": self._driver.counters().xruns})
        elif event.serial in self._streams:
            self._streams[event.serial].happened(event)
