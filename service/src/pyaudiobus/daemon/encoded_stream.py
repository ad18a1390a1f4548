"""An encoded stream as the daemon has it: an object of the bus with a ring, on a compressed sink or waiting for it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.ring_source import is_followed
from pyaudiobus.daemon.streams import Drained, Gone, StreamEar
from pyaudiobus.daemon.wish import wish_facts
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import PeerError
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.record import Record
from pyaudiobus.protocol.shapes import encoded_shape
from pyaudiobus.protocol.words import Attributes

if TYPE_CHECKING:
    from pyaudiobus.daemon.compressed_node import CompressedNode
    from pyaudiobus.daemon.encoded_making import Attempt
    from pyaudiobus.daemon.feed import Feed


class NextTrack(Record):
    """What a stream is when its next track is heard."""

    format: EncodedFormat
    properties: dict[str, str]


_STATES = {"started": "running", "underflow": "paused", "ended": "drained"}


class EncodedStream(BusObject):
    """A node that a client plays encoded audio through."""

    kind = "node"

    def __init__(
        self, serial: int, name: str, owner: int, form: EncodedFormat, *, ear: StreamEar, properties: dict[str, str]
    ) -> None:
        super().__init__(serial, name, owner, {**properties, "media.class": "Stream/Output/Audio"})
        self.format = form
        self.ear = ear
        self.node: CompressedNode | None = None
        """Where it plays, or waits to play."""
        self.ring: RingConsumer | None = None
        """None until it has the device."""
        self.feed: Feed | None = None
        """Set by the thread that plays, before it obeys any order about it."""
        self.buffers: BuffersParam
        """Of its device, once that is open."""
        self.attributes = Attributes()
        """As granted, in bytes of the encoded stream."""
        self.is_corked = False
        self.parked: CompressedNode | None = None
        """Which device it left and where orders for it are done, while it waits to go on."""
        self.waits = ""
        """What it waits for then."""
        self.is_held = False
        """The policy holds it for another, whatever its own cork."""
        self.next_track: NextTrack | None = None
        """What its client has told of the one that follows."""
        self.drains: list[Drained] = []
        self.when_gone: Callable[[], None] = lambda: None
        """What else is to be done when it goes while it waits."""
        self.attempt: Attempt
        """The request it comes from, with what else that offers."""
        self.is_opening = False
        """A device is opened for it, or it stands in a queue for one."""
        self._when_opened: Callable[[bool], None] | None = None
        self.losses = 0
        """How many devices have failed under the present track."""
        self._state = "waiting"

    @property
    def state(self) -> str:
        """As PipeWire's stream states, waiting, corked and drained."""
        if self.parked is not None:
            return "waiting"
        is_silent = self.is_corked or self.is_held
        return "corked" if is_silent and self._state in ("running", "paused") else self._state

    def facts(self) -> Facts:
        """Return its format and what it has cost."""
        told: Facts = {"format": str(self.format), "bit_rate": self.format.bit_rate, "corked": self.is_corked}
        told |= {**wish_facts(self.attempt.wish), "held": self.is_held or None}
        told |= {"waits": self.waits or None, "parked": self.parked is not None or None}
        told["can_wait"] = None if is_followed(self.format) else False
        if self.node is not None:
            told |= self.node.volume_facts()  # it has the sink for itself, and so its volume
        if self.feed is not None:
            taken, wakeups, underruns, recoveries = self.feed.counters()
            told |= {"taken": taken, "wakeups": wakeups, "underruns": underruns, "recoveries": recoveries}
            with contextlib.suppress(PeerError):  # the thread that plays meets it too, and ends the client
                told["queued_seconds"] = round(self.feed.queued_seconds(), 3)
        return told

    def admitted(self) -> None:
        """It has the device."""
        self._state = "paused"

    def when_opened(self, then: Callable[[bool], None]) -> None:
        """Have something called when its device is open, with True, or it is gone; the last call counts."""
        self._settle(is_there=False)
        self._when_opened = then

    def opened(self) -> None:
        """Its device is open and plays, or could not be opened and it waits as before."""
        self.is_opening = False
        self._settle(is_there=True)

    def _settle(self, *, is_there: bool) -> None:
        then, self._when_opened = self._when_opened, None
        if then is not None:
            then(is_there)

    def happened(self, event: str, index: int) -> None:
        """Take what its feed told, and hand it to its client."""
        self._state = _STATES.get(event, self._state)
        if event == "ended":
            self.end_drains(None)
        self.ear.stream_happened(self, event, index)

    def become(self, track: NextTrack) -> None:
        """Be known as another track, also where it has to go on decoded. TooLarge."""
        self.format = track.format
        self.attempt.become(encoded_shape(track.format), track.properties)
        self.change(track.properties)

    def end_drains(self, error: Gone | None) -> None:
        """End all drains, for good or ill."""
        over, self.drains = self.drains, []
        for drained in over:
            drained(error)

    def gone(self) -> None:
        """Leave the sink, or the queue before it."""
        self.end_drains(Gone(f"stream {self.serial} is gone"))
        self._settle(is_there=False)
        if self.node is not None:
            self.node.dismiss(self)
        elif self.parked is not None and self.ring is not None:
            self.parked.order(self, lambda feed: None, lambda outcome: self._close_ring())  # noqa: ARG005
        self.when_gone()

    def _close_ring(self) -> None:
        if self.ring is not None:
            self.ring.close()
