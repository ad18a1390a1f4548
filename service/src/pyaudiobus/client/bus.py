"""What a player sees of a bus: the daemon over a socket or the same graph in this process, behind one Protocol."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.client.file_node import FileNode
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.model.format import Format
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.record import Record


class Terms(Record):
    """Where a stream plays, how, and why there."""

    mode: str
    """"offload" or "pcm"."""
    sink: str
    format: Format
    reason: str


class Connection(Protocol):
    """One stream linked to one sink. Errors of the device surface as DeviceError from step()."""

    @property
    def terms(self) -> Terms:
        """What was agreed on."""

    @property
    def signal(self) -> Signal:
        """Raised when step() should be called before its deadline."""

    def start(self) -> None:
        """Let it play."""

    def pause(self) -> None:
        """Hold; start() goes on."""

    def step(self) -> float | None:
        """Do what is due; return the instant of the next call, None when all was heard."""

    def position(self) -> Position:
        """Media time being heard."""

    def queued(self) -> tuple[int, int]:
        """Bytes in the device's buffer now, and bytes it can hold."""

    def fragment_size(self) -> int:
        """Bytes the device takes at a time."""

    def news(self) -> tuple[str, ...]:
        """What a person should know of the stream since the last call; it plays on."""

    def counters(self) -> Counters:
        """What the stream has cost and carried."""

    def close(self) -> None:
        """Stop and part; legal at any moment and twice."""


class Bus(Protocol):
    """Somewhere to play."""

    @property
    def clock(self) -> Clock:
        """What the player sleeps on."""

    def connect(self, node: FileNode) -> Connection:
        """Link a stream to the sink that suits it best. AudiobusError tells why none does."""
