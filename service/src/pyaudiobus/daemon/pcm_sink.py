"""A sink that mixes: one playback device, its cycle, and the streams in it, as an object of the bus."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.daemon.cycle import Cycle
from pyaudiobus.daemon.cycle_node import CycleNode, Manner, Opener, Watcher, add_listener
from pyaudiobus.daemon.objects import Facts
from pyaudiobus.daemon.parking import Parking
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.daemon.streams import PlaybackStream
from pyaudiobus.engine.driver import Driver, DriverEvent, PlaybackSetup, SampleCode
from pyaudiobus.model.channels import Matrix, default_map, remix, with_volume
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import PcmShape, Shape

MOST_MIXED = 8
"""Channels of a stream or sink that the cycle mixes (mix.h)."""


class PcmSink(CycleNode):
    """A node that plays PCM. Owned by the daemon."""

    media_class = "Audio/Sink"

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
        super().__init__(serial, name, opener, form, manner=manner, watcher=watcher, properties=properties)
        self.gains: tuple[float, ...] = ()
        """Empty, one for all its channels, or one each."""
        self.is_muted = False
        self.routes: SinkRoutes | None = None
        """Its ways out, where the board file names some."""
        self._streams: dict[int, PlaybackStream] = {}
        self._departing: dict[int, PlaybackStream] = {}
        """What moves away: until it has left, what happened to it here is still to be told."""
        self._parking: Parking | None = None

    @property
    def streams(self) -> tuple[PlaybackStream, ...]:
        """What plays here."""
        return tuple(self._streams.values())

    def facts(self) -> Facts:
        """Return format, volume and quantum."""
        volume = " ".join(f"{gain:g}" for gain in self.gains) or "1"
        routes = {} if self.routes is None else self.routes.facts()
        return {**super().facts(), "volume": volume, "muted": self.is_muted, **routes}

    def refusal(self, shape: Shape) -> str:
        """Return why it does not play a shape; empty where it does. Conversion is the client's."""
        if not isinstance(shape, PcmShape):
            return "it plays PCM"
        if shape.encoding not in {encoding.value for encoding in Encoding}:
            return f"it does not know the encoding {shape.encoding}"
        if shape.rate != self.format.rate:
            return f"it plays at {self.format.rate} Hz, not {shape.rate}"
        if shape.channels > MOST_MIXED:
            return f"it mixes up to {MOST_MIXED} channels, not {shape.channels}"
        return ""

    def holder(self) -> PlaybackStream | None:
        """Return the stream that has it for itself."""
        return next((stream for stream in self.streams if stream.is_exclusive), None)

    def has_users(self) -> bool:
        """Whether streams are here."""
        return bool(self._streams or self.listeners)

    def gone(self) -> None:
        """Stop the cycle."""
        super().gone()
        self._leave_parking()

    # ---- streams ----

    def admit(self, stream: PlaybackStream) -> None:
        """Play a stream from now on; the device is opened unless the stream is corked. DeviceError, AudiobusError."""
        self._streams[stream.serial] = stream
        stream.slot = -1
        try:
            if not stream.is_silent:
                self.wake()
            if self._cycle is not None and stream.slot < 0:
                self._send_stream(self._cycle, stream)
        except BaseException:
            self._streams.pop(stream.serial)
            raise
        stream.sink = self
        self._await_bedtime()

    def admit_waiting(self, cycle: Cycle) -> None:
        """Give a new cycle the streams that waited for it."""
        self._leave_parking()
        for stream in self._streams.values():
            self._send_stream(cycle, stream)
            tag = stream.pending_drain()
            if tag is not None:
                self._order(lambda driver, slot=stream.slot, tag=tag: driver.drain(slot, tag))  # type: ignore[misc]

    def park_waiting(self) -> None:
        """Wake again when a client of a stream that is not corked stores something."""
        waiting = [stream for stream in self._streams.values() if not stream.is_silent]
        self._leave_parking()
        if waiting and not self.is_wanted_asleep:
            self._parking = Parking(waiting, self.try_again)

    def _leave_parking(self) -> None:
        if self._parking is not None:
            self._parking.close()
            self._parking = None

    def _send_stream(self, cycle: Cycle, stream: PlaybackStream) -> None:
        setup = PlaybackSetup(
            SampleCode[stream.format.encoding.name],
            stream.format.channels,
            stream.buffering.prebuf,
            self._matrix(stream),
            stream.is_silent,
            stream.group_key,
        )
        hearing = [one for one in self.listeners.values() if one.heard is stream and one.node_slot is None]

        def order(driver: Driver) -> int:
            slot = driver.add(stream.serial, stream.ring, setup)
            for listener in hearing:
                add_listener(driver, listener, slot)
            return slot

        stream.slot = cycle.must(order)
        for listener in hearing:
            listener.node_slot = stream.slot

    def dismiss(self, stream: PlaybackStream, then: Callable[[], None]) -> None:
        """Play a stream no more; `then` is called when its ring is not in use."""
        self.release_latency(stream.serial)
        if self._streams.pop(stream.serial, None) is None or self._cycle is None or stream.slot < 0:
            self._park_anew()
            then()
            return
        slot, stream.slot = stream.slot, -1
        self._departing[stream.serial] = stream
        self._leaving[stream.serial] = then
        self._order(lambda driver: driver.remove(slot, stream.serial))

    def _park_anew(self) -> None:
        if self._parking is not None:
            self.park_waiting()

    def cork(self, streams: list[PlaybackStream], *, is_corked: bool) -> None:
        """Hold streams or let them go on, all at one frame."""
        if not is_corked and not self.is_awake:
            self.wake()
        elif self.is_awake:
            slots = [stream.slot for stream in streams]
            self._order(lambda driver: driver.cork(slots, is_corked=is_corked))
        else:
            self._park_anew()

    def trigger(self, streams: list[PlaybackStream]) -> None:
        """Let streams play what they have."""
        self.wake()
        for stream in streams:
            self._order(lambda driver, slot=stream.slot: driver.trigger(slot))  # type: ignore[misc]

    def rearm(self, streams: list[PlaybackStream]) -> None:
        """Let streams wait for prebuf again, as they do when the device is opened."""
        if self.is_awake:
            for stream in streams:
                self._order(lambda driver, slot=stream.slot: driver.rearm(slot))  # type: ignore[misc]

    def drain(self, stream: PlaybackStream, tag: int) -> None:
        """Say when all of a stream was heard: stream.drained(tag)."""
        if self.is_awake:
            slot = stream.slot
            self._order(lambda driver: driver.drain(slot, tag))
        else:
            self.wake()  # which drains what is to be drained

    def set_prebuf(self, stream: PlaybackStream) -> None:
        """Follow a stream's buffer attributes."""
        slot, prebuf = stream.slot, stream.buffering.prebuf
        self._order(lambda driver: driver.set_prebuf(slot, prebuf))

    def _order(self, order: Callable[[Driver], object]) -> None:
        if self._cycle is not None:
            self._cycle.do(order)

    # ---- volume ----

    def follow_volume(self, stream: PlaybackStream, ramp: int) -> None:
        """Let a stream's volume be what it says now, in the course of `ramp` milliseconds."""
        self._order(lambda driver: self._send_matrix(driver, stream, ramp))

    def set_volume(self, gains: tuple[float, ...], ramp: int, *, is_muted: bool) -> None:
        """Change the volume of all that plays here."""
        with_volume(remix(self.map, self.map), gains)
        self.gains, self.is_muted = gains, is_muted
        for stream in self._streams.values():
            self.follow_volume(stream, ramp)
        self._watcher.node_changed(self, {"volume": self.facts()["volume"], "muted": is_muted})

    def _send_matrix(self, driver: Driver, stream: PlaybackStream, ramp: int) -> None:
        if stream.slot >= 0:
            driver.set_matrix(stream.slot, self._matrix(stream), ramp * self.format.rate // 1000)

    def _matrix(self, stream: PlaybackStream) -> Matrix:
        positions = stream.format.channel_map or default_map(stream.format.channels)
        gains = tuple(gain * stream.duck for gain in stream.gains or (1.0,))
        matrix = with_volume(remix(positions, self.map), gains, is_muted=stream.is_muted or self.is_muted)
        if not self.gains:
            return matrix
        rows = self.gains * len(matrix) if len(self.gains) == 1 else self.gains
        return tuple(tuple(gain * volume for gain in row) for row, volume in zip(matrix, rows, strict=True))

    # ---- what the cycle tells ----

    def take_stream_event(self, event: DriverEvent) -> None:
        """Hand on what happened to a stream."""
        stream = self._streams.get(event.serial) or self._departing.get(event.serial)
        if stream is None or not (stream.sink is self or stream.is_moving):
            return
        before = stream.state
        stream.happened(event)
        if stream.state != before:
            self._watcher.node_changed(stream, {})

    def take_removed(self, serial: int) -> None:
        """Forget who has left."""
        self._departing.pop(serial, None)

    def _close(self, state: str) -> None:
        self._departing.clear()
        super()._close(state)
        for stream in self._streams.values():
            stream.slot = -1
