"""The node as SPA draws it: params, buffers, process, commands. What a kind of node does is in nodes/ and client/."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from pyaudiobus.errors import NotSupported
from pyaudiobus.graph.source import Source
from pyaudiobus.model.format import Format
from pyaudiobus.model.negotiation import Offer
from pyaudiobus.model.record import Record


class Direction(Enum):
    """Which way sound goes through a port, seen from its node."""

    INPUT = "input"
    OUTPUT = "output"


class ParamId(Enum):
    """The port params of SPA that exist here."""

    ENUM_FORMAT = "EnumFormat"
    FORMAT = "Format"
    BUFFERS = "Buffers"
    IO = "IO"


class IoArea(Enum):
    """Areas two linked nodes share, named as in SPA."""

    BUFFERS = "Buffers"
    CLOCK = "Clock"
    POSITION = "Position"


class Command(Enum):
    """What a node can be told, named as in SPA."""

    START = "Start"
    PAUSE = "Pause"
    SUSPEND = "Suspend"
    FLUSH = "Flush"
    DRAIN = "Drain"


class BuffersParam(Record):
    """How an input port likes its bytes: in multiples of `block`, `size` of them at hand."""

    block: int
    """Bytes; what is handed on is a multiple of it, except at the end of the stream."""
    size: int
    """Bytes the device's own buffer holds."""
    for_kernel: bool = False
    """Whoever takes the bytes minds a page that is gone (system calls, rings): a mapped file need not be read first."""


Param = Offer | Format | BuffersParam | IoArea


class Status(Enum):
    """What a process() found, named as SPA's IO statuses."""

    NEED_DATA = "need data"
    HAVE_DATA = "have data"
    DRAINED = "drained"
    STOPPED = "stopped"


class Cycle(Record):
    """The outcome of one process(): how it went, and when the node wants the next one."""

    status: Status
    deadline: float
    """An instant of the node's clock; infinity when only a signal or a command will change anything."""


class Node(Protocol):
    """One node with one port. Every call raises an AudiobusError and changes nothing when it cannot be obeyed."""

    @property
    def name(self) -> str:
        """As people see it in lists and in events."""

    @property
    def direction(self) -> Direction:
        """Which way its one port looks."""

    def enum_params(self, param: ParamId) -> tuple[Param, ...]:
        """List what the port offers. Read only: never touches a stream that plays."""

    def set_param(self, param: ParamId, value: Param | None) -> None:
        """Configure the port; a Format of None takes the format away."""

    def use_buffers(self, source: Source | None) -> None:
        """Give an input port what it reads from, or take it away."""

    def source(self) -> Source:
        """What a linked input reads from, once an output port has a format; it starts at the first byte."""

    def process(self) -> Cycle:
        """Do the work that is due. Never blocks."""

    def send_command(self, command: Command) -> None:
        """Start, pause, suspend, ..."""

    def add_port(self, direction: Direction) -> None:
        """Refused with NotSupported by nodes whose ports are fixed."""

    def remove_port(self) -> None:
        """Refused with NotSupported by nodes whose ports are fixed."""


class FixedInput:
    """What every node with one fixed input port shares: where the port looks, and what it refuses."""

    name: str
    direction = Direction.INPUT

    def source(self) -> Source:
        """Refuse."""
        raise NotSupported(f"{self.name} is a sink; nothing can be read from it")

    def add_port(self, direction: Direction) -> None:
        """Refuse."""
        raise NotSupported(f"{self.name} has one fixed port; an {direction.value} port cannot be added")

    def remove_port(self) -> None:
        """Refuse."""
        raise NotSupported(f"{self.name} has one fixed port; it cannot be removed")
