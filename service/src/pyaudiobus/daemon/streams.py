"""Streams of sound as the daemon has them: a ring, its attributes, where it is linked. No message is read here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.engine.driver import DriverEvent, EventKind
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.model.buffering import LatencyMode, PlaybackBuffering, RecordBuffering, StreamClock
from pyaudiobus.model.format import PcmFormat

_STATES = {EventKind.STARTED: "running", EventKind.UNDERFLOW: "paused", EventKind.ENDED: "drained"}


class StreamEar(Protocol):
    """Who is told what happens to a stream: its client."""

    def stream_happened(self, stream: BusObject, event: str, index: int) -> None:
        """The event's name is the protocol's."""

    def stream_drained(self, stream: BusObject, tag: int) -> None:
        """The drain with this tag is over."""

    def stream_misbehaved(self, stream: BusObject, reason: str) -> None:
        """Its client broke the rules of the ring."""


class PlaybackStream(BusObject):
    """A node that a client plays through."""

    kind = "node"

    def __init__(
        self, serial: int, name: str, owner: int, form: PcmFormat, ear: StreamEar, properties: dict[str, str]
    ) -> None:
        super().__init__(serial, name, owner, {"media.class": "Stream/Output/Audio", **properties})
        self.format = form
        self.clock = StreamClock(form.rate, form.frame_size)
        self.asked = PlaybackBuffering()
        self.buffering = PlaybackBuffering()
        self.mode = LatencyMode.TRADITIONAL
        self.ring: RingConsumer
        self.slot = -1
        self.is_corked = False
        self.is_muted = False
        self.may_move = True
        self.gains: tuple[float, ...] = ()
        self.sync_group = 0
        self.underruns = 0
        self.leave: Callable[[], None] = lambda: None
        """Parts it from its sink; set while it is linked."""
        self._state = "paused"
        self._ear = ear

    @property
    def state(self) -> str:
        """As PipeWire's stream states, and corked."""
        return "corked" if self.is_corked else self._state

    def facts(self) -> Facts:
        """Return format, volume, buffering."""
        return {
            "format": str(self.format),
            "volume": " ".join(f"{gain:g}" for gain in self.gains) or "1",
            "muted": self.is_muted,
            "corked": self.is_corked,
            "tlength": self.buffering.tlength,
            "underruns": self.underruns,
        }

    def happened(self, event: DriverEvent) -> None:
        """Take what the cycle told."""
        self._state = _STATES.get(event.kind, self._state)
        if event.kind is EventKind.DRAINED:
            self._ear.stream_drained(self, event.index)
        elif event.kind is EventKind.HOSTILE:
            self._ear.stream_misbehaved(
                self, "it shows a write index that cannot be true, or wakes the bus for nothing"
            )
        else:
            self.underruns += event.kind is EventKind.UNDERFLOW
            self._ear.stream_happened(self, event.kind.name.lower(), event.index)

    def gone(self) -> None:
        """Leave the sink, then close the ring."""
        self.leave()


class RecordStream(BusObject):
    """A node that a client records through."""

    kind = "node"

    def __init__(self, serial: int, name: str, owner: int, form: PcmFormat, properties: dict[str, str]) -> None:
        super().__init__(serial, name, owner, {"media.class": "Stream/Input/Audio", **properties})
        self.format = form
        self.clock = StreamClock(form.rate, form.frame_size)
        self.buffering = RecordBuffering()
        self.ring: RingProducer
        self.is_corked = False
        self.leave: Callable[[], None] = lambda: None

    def facts(self) -> Facts:
        """Return format and buffering."""
        return {"format": str(self.format), "corked": self.is_corked, "fragsize": self.buffering.fragsize}

    def gone(self) -> None:
        """Leave the source, then close the ring."""
        self.leave()
