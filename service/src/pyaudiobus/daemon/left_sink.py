"""What stands in the place of a compressed sink while another stream has that: plays nothing, knows where it was."""

from __future__ import annotations

from math import inf

from pyaudiobus.daemon.ring_source import RingSource
from pyaudiobus.devices.compress import Progress
from pyaudiobus.graph.node import Command, Cycle, Param, ParamId, Status
from pyaudiobus.graph.source import Source
from pyaudiobus.model.changes import Change
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.nodes.compressed_sink.states import SinkState

_NOTHING = Counters(0, 0, 0, 0)


class LeftSink:
    """Takes the orders of a feed as a sink would that is suspended. Belongs to the thread that the feed belongs to."""

    state = SinkState.SUSPENDED
    is_open = False
    must_drain_at_once = True
    """As the strictest."""

    def __init__(self, source: RingSource, frame: int, position: Position) -> None:
        """Keep a place: the PCM frame of the whole stream that is to be heard next."""
        self.source = source
        self.frame = frame
        self._position = position

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Nothing is open."""

    def use_buffers(self, source: RingSource | None) -> None:
        """Begin with another source, at its beginning."""
        if source is not None:
            self.source, self.frame, self._position = source, 0, Position(0.0, 0.0)

    def follow(self, source: Source, form: EncodedFormat) -> bool:
        """Nothing is joined here."""
        del source, form
        return False

    def send_command(self, command: Command) -> None:
        """Nothing plays."""

    def begin(self) -> None:
        """Nothing plays."""

    def process(self) -> Cycle:
        """Nothing is due."""
        return Cycle(Status.STOPPED, inf)

    def position(self, fresh: float = 0.0) -> Position:
        """Where it was left."""
        del fresh
        return self._position

    def reading(self, fresh: float = 0.0) -> tuple[Position, Progress]:
        """The same; there is no device to say anything."""
        del fresh
        return self._position, Progress(None, None, 0)

    def next_frame(self) -> int:
        """Where it goes on."""
        return self.frame

    def consumed(self) -> tuple[Source, int]:
        """What was taken and not heard counts as not taken."""
        return self.source, self.source.index.byte_at(self.frame) if self.frame else 0

    def counters(self) -> Counters:
        """It costs nothing."""
        return _NOTHING

    def news(self) -> tuple[Change, ...]:
        """Nothing happens."""
        return ()

    def elapsed(self) -> float:
        """It does not play."""
        return 0.0

    def now(self) -> float:
        """It has no deadlines, and so no clock."""
        return 0.0

    def fragment_size(self) -> int:
        """It has none."""
        return 0
