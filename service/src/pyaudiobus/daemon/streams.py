"""Streams of sound as the daemon has them: a ring, its attributes, where it is linked. No message is read here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.engine.driver import DriverEvent, EventKind
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.buffering import LatencyMode, PlaybackBuffering, RecordBuffering, StreamClock
from pyaudiobus.model.format import PcmFormat

if TYPE_CHECKING:
    from pyaudiobus.daemon.cycle_node import CycleNode
    from pyaudiobus.daemon.encoded_returns import Return
    from pyaudiobus.daemon.pcm_sink import PcmSink
    from pyaudiobus.daemon.undecoded import Undecoded

_STATES = {EventKind.STARTED: "running", EventKind.UNDERFLOW: "paused", EventKind.ENDED: "drained"}
Drained = Callable[[AudiobusError | None], None]
"""Called when a drain is over, or cannot be."""


class StreamEar(Protocol):
    """Who is told what happens to a stream: its client."""

    def stream_happened(self, stream: BusObject, event: str, index: int) -> None:
        """The event's name is the protocol's."""

    def stream_misbehaved(self, stream: BusObject, reason: str) -> None:
        """Its client broke the rules of the ring."""


class Placement:
    """Where a stream belongs."""

    def __init__(self, *, target: str, may_move: bool, dies_with_device: bool, fails_on_suspend: bool) -> None:
        """Make it; an empty `target` follows the default."""
        self.target = target
        self.may_move = may_move
        self.dies_with_device = dies_with_device
        self.fails_on_suspend = fails_on_suspend

    def facts(self) -> Facts:
        """Return what policy should know of it; None where it is as usual."""
        return {
            "target": self.target or None,
            "dont_move": not self.may_move or None,
            "dont_reconnect": self.dies_with_device or None,
        }


class PlaybackStream(BusObject):
    """A node that a client plays through."""

    kind = "node"
    settles = True

    def __init__(
        self,
        serial: int,
        name: str,
        owner: int,
        form: PcmFormat,
        *,
        ear: StreamEar,
        placement: Placement,
        properties: dict[str, str],
    ) -> None:
        super().__init__(serial, name, owner, {**properties, "media.class": "Stream/Output/Audio"})
        self.format = form
        self.placement = placement
        self.clock = StreamClock(form.rate, form.frame_size)
        self.asked = PlaybackBuffering()
        self.buffering = PlaybackBuffering()
        self.mode = LatencyMode.TRADITIONAL
        self.latency = 0
        """Microseconds, as its sink granted."""
        self.ring: RingConsumer
        self.sink: PcmSink | None = None
        """None while it is linked to nothing, or on its way from one sink to another."""
        self.is_told_suspended = False
        self.is_moving = False
        self.whither: Callable[[], None] = lambda: None
        """What is to be done when it has left its sink."""
        self.slot = -1
        self.is_corked = False
        self.is_held = False
        """The policy holds it for another, whatever its own cork."""
        self.is_muted = False
        self.duck = 1.0
        """The policy's gain, beside its own."""
        self.waits = ""
        """What it waits for, where it waits for the session manager."""
        self.is_exclusive = False
        self.gains: tuple[float, ...] = ()
        self.sync_group = 0
        self.group_key = 0
        """Names its group to the cycle."""
        self.underruns = 0
        self._state = "paused"
        self._ear = ear
        self.undecoded: Undecoded | None = None
        """What it can go back to, where it plays decoded what a DSP could play."""
        self.way_back: Return | None = None
        """While a device is being opened for that."""
        self._drains: list[tuple[int, Drained]] = []
        self._last_tag = 0

    @property
    def is_settled(self) -> bool:
        """Whether it is not on its way from one node to another."""
        return not self.is_moving

    @property
    def state(self) -> str:
        """As PipeWire's stream states, corked, and unlinked."""
        if self.sink is None and not self.is_moving:
            return "waiting" if self.waits else "unlinked"
        return "corked" if self.is_silent else self._state

    @property
    def is_playing(self) -> bool:
        """Whether it has begun, and not run dry since."""
        return self._state == "running" and not self.is_silent

    @property
    def is_silent(self) -> bool:
        """Whether it is held, by its own client's cork or for another."""
        return self.is_corked or self.is_held

    def facts(self) -> Facts:
        """Return format, volume, buffering."""
        told: Facts = {
            "duck": None if self.duck == 1 else self.duck,
            "held": self.is_held or None,
            "waits": self.waits or None,
            **self.placement.facts(),
        }
        if self.undecoded is not None:
            told |= self.undecoded.facts()
        return told | {
            "format": str(self.format),
            "volume": " ".join(f"{gain:g}" for gain in self.gains) or "1",
            "muted": self.is_muted,
            "corked": self.is_corked,
            "tlength": self.buffering.tlength,
            "latency": self.latency,
            "underruns": self.underruns,
            "exclusive": self.is_exclusive,
        }

    def happened(self, event: DriverEvent) -> None:
        """Take what the cycle told."""
        self._state = _STATES.get(event.kind, self._state)
        if event.kind is EventKind.DRAINED:
            self._drained(event.index)
        elif event.kind is EventKind.HOSTILE:
            self._ear.stream_misbehaved(
                self, "it shows a write index that cannot be true, or wakes the bus for nothing"
            )
        elif event.kind in (EventKind.STARTED, EventKind.UNDERFLOW, EventKind.ENDED):
            self.underruns += event.kind is EventKind.UNDERFLOW
            self._ear.stream_happened(self, event.kind.name.lower(), event.index)

    def expect_drained(self, drained: Drained) -> int:
        """Have something called when a drain is over; return the tag for it."""
        self._last_tag += 1
        self._drains.append((self._last_tag, drained))
        return self._last_tag

    def pending_drain(self) -> int | None:
        """Return the tag of the last drain that is not over."""
        return self._drains[-1][0] if self._drains else None

    def _drained(self, tag: int) -> None:
        """End every drain up to a tag: what the last one waited for, the earlier ones did too."""
        self._end_drains(tag, None)

    def _end_drains(self, tag: int, error: AudiobusError | None) -> None:
        over = [drained for known, drained in self._drains if known <= tag]
        self._drains = [(known, drained) for known, drained in self._drains if known > tag]
        for drained in over:
            drained(error)

    def take_drains(self) -> list[Drained]:
        """Return what is to be called when the drains are over that are not, and leave that to the caller."""
        drains, self._drains = self._drains, []
        return [drained for _, drained in drains]

    def gone(self) -> None:
        """Leave the sink, then close the ring."""
        sink, self.sink = self.sink, None
        self._end_drains(self._last_tag, Gone(f"stream {self.serial} is gone"))
        if sink is not None:
            sink.dismiss(self, self.ring.close)
        elif not self.is_moving:
            self.ring.close()
        if self.way_back is not None:
            self.way_back.gone()


class Gone(AudiobusError):
    """What was waited for will not come."""


class RecordStream(BusObject):
    """A node that a client records through."""

    kind = "node"
    settles = True

    def __init__(
        self, serial: int, name: str, owner: int, form: PcmFormat, *, placement: Placement, properties: dict[str, str]
    ) -> None:
        super().__init__(serial, name, owner, {**properties, "media.class": "Stream/Input/Audio"})
        self.format = form
        self.placement = placement
        self.clock = StreamClock(form.rate, form.frame_size)
        self.buffering = RecordBuffering()
        self.latency = 0
        """Microseconds."""
        self.ring: RingProducer
        self.node: CycleNode | None = None
        """What it listens to, or the sink of the stream it listens to."""
        self.heard: PlaybackStream | None = None
        """The one stream it listens to."""
        self.node_slot: int | None = None
        """Where the cycle has it; None while it has not."""
        self.is_told_suspended = False
        self.is_moving = False
        self.whither: CycleNode | PlaybackStream | None = None
        """What it is to hear when it has left what it heard."""
        self.is_corked = False
        self.is_passive = False
        self.waits = ""
        """What it waits for, where it waits for the session manager."""
        self.dither = 0
        """Seed of the noise that is added where it is rounded to 16 bits or fewer; 0: none."""

    @property
    def is_settled(self) -> bool:
        """Whether it is not on its way from one node to another."""
        return not self.is_moving

    @property
    def state(self) -> str:
        """Corked, running, or unlinked."""
        if self.node is None and not self.is_moving:
            return "waiting" if self.waits else "unlinked"
        return "corked" if self.is_corked else "running"

    def facts(self) -> Facts:
        """Return format and buffering."""
        return {
            "waits": self.waits or None,
            **self.placement.facts(),
            "format": str(self.format),
            "corked": self.is_corked,
            "fragsize": self.buffering.fragsize,
            "latency": self.latency,
        }

    def gone(self) -> None:
        """Leave the source, then close the ring."""
        node, self.node = self.node, None
        if node is not None:
            node.release_latency(self.serial)
            node.unlisten(self, self.ring.close)
        elif not self.is_moving:
            self.ring.close()
