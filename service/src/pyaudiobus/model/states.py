"""Life cycles as tables, (state, event) -> state, and the one function that looks them up."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from pyaudiobus.errors import IllegalTransition

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)

Table = Mapping[tuple[S, E], S]


def advance(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """Return the state after `event`, or raise IllegalTransition naming what would have been legal."""
    try:
        return table[state, event]
    except KeyError:
        legal = [legal.value for (origin, legal) in table if origin is state]
        raise IllegalTransition(
            f"{event.value!r} is not possible while {state.value!r}",
            facts=[f"possible now: {', '.join(legal) or 'nothing'}"],
        ) from None


class NodeState(Enum):
    """As PipeWire's node states."""

    CREATING = "creating"
    SUSPENDED = "suspended"
    IDLE = "idle"
    RUNNING = "running"
    LOST = "lost"
    ERROR = "error"


class NodeEvent(Enum):
    """What moves a node."""

    CREATED = "created"
    CONFIGURE = "configure"
    START = "start"
    PAUSE = "pause"
    SUSPEND = "suspend"
    DEVICE_LOST = "device lost"
    DEVICE_BACK = "device back"
    FAIL = "fail"


NODE_TABLE: Table[NodeState, NodeEvent] = {
    (NodeState.CREATING, NodeEvent.CREATED): NodeState.SUSPENDED,
    (NodeState.CREATING, NodeEvent.FAIL): NodeState.ERROR,
    (NodeState.SUSPENDED, NodeEvent.CONFIGURE): NodeState.IDLE,
    (NodeState.SUSPENDED, NodeEvent.SUSPEND): NodeState.SUSPENDED,
    (NodeState.SUSPENDED, NodeEvent.FAIL): NodeState.ERROR,
    (NodeState.SUSPENDED, NodeEvent.DEVICE_LOST): NodeState.LOST,
    (NodeState.IDLE, NodeEvent.CONFIGURE): NodeState.IDLE,
    (NodeState.IDLE, NodeEvent.START): NodeState.RUNNING,
    (NodeState.IDLE, NodeEvent.PAUSE): NodeState.IDLE,
    (NodeState.IDLE, NodeEvent.SUSPEND): NodeState.SUSPENDED,
    (NodeState.IDLE, NodeEvent.FAIL): NodeState.ERROR,
    (NodeState.IDLE, NodeEvent.DEVICE_LOST): NodeState.LOST,
    (NodeState.RUNNING, NodeEvent.START): NodeState.RUNNING,
    (NodeState.RUNNING, NodeEvent.PAUSE): NodeState.IDLE,
    (NodeState.RUNNING, NodeEvent.SUSPEND): NodeState.SUSPENDED,
    (NodeState.RUNNING, NodeEvent.FAIL): NodeState.ERROR,
    (NodeState.RUNNING, NodeEvent.DEVICE_LOST): NodeState.LOST,
    (NodeState.LOST, NodeEvent.DEVICE_BACK): NodeState.SUSPENDED,
    (NodeState.LOST, NodeEvent.SUSPEND): NodeState.LOST,
    (NodeState.ERROR, NodeEvent.SUSPEND): NodeState.SUSPENDED,
    (NodeState.ERROR, NodeEvent.FAIL): NodeState.ERROR,
    (NodeState.ERROR, NodeEvent.DEVICE_LOST): NodeState.LOST,
}


class PortState(Enum):
    """As PipeWire's port states."""

    CONFIGURE = "configure"
    READY = "ready"
    PAUSED = "paused"
    ERROR = "error"


class PortEvent(Enum):
    """What moves a port."""

    SET_FORMAT = "set format"
    CLEAR_FORMAT = "clear format"
    USE_BUFFERS = "use buffers"
    CLEAR_BUFFERS = "clear buffers"
    FAIL = "fail"


PORT_TABLE: Table[PortState, PortEvent] = {
    (PortState.CONFIGURE, PortEvent.SET_FORMAT): PortState.READY,
    (PortState.CONFIGURE, PortEvent.CLEAR_FORMAT): PortState.CONFIGURE,
    (PortState.CONFIGURE, PortEvent.FAIL): PortState.ERROR,
    (PortState.READY, PortEvent.SET_FORMAT): PortState.READY,
    (PortState.READY, PortEvent.CLEAR_FORMAT): PortState.CONFIGURE,
    (PortState.READY, PortEvent.USE_BUFFERS): PortState.PAUSED,
    (PortState.READY, PortEvent.CLEAR_BUFFERS): PortState.READY,
    (PortState.READY, PortEvent.FAIL): PortState.ERROR,
    (PortState.PAUSED, PortEvent.USE_BUFFERS): PortState.PAUSED,
    (PortState.PAUSED, PortEvent.CLEAR_BUFFERS): PortState.READY,
    (PortState.PAUSED, PortEvent.CLEAR_FORMAT): PortState.CONFIGURE,
    (PortState.PAUSED, PortEvent.FAIL): PortState.ERROR,
    (PortState.ERROR, PortEvent.CLEAR_FORMAT): PortState.CONFIGURE,
    (PortState.ERROR, PortEvent.FAIL): PortState.ERROR,
}


class LinkState(Enum):
    """As PipeWire's link states."""

    INIT = "init"
    NEGOTIATING = "negotiating"
    ALLOCATING = "allocating"
    PAUSED = "paused"
    ACTIVE = "active"
    UNLINKED = "unlinked"
    ERROR = "error"


class LinkEvent(Enum):
    """What moves a link."""

    NEGOTIATE = "negotiate"
    AGREE = "agree"
    ALLOCATED = "allocated"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    UNLINK = "unlink"
    FAIL = "fail"


LINK_TABLE: Table[LinkState, LinkEvent] = {
    (LinkState.INIT, LinkEvent.NEGOTIATE): LinkState.NEGOTIATING,
    (LinkState.INIT, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.NEGOTIATING, LinkEvent.AGREE): LinkState.ALLOCATING,
    (LinkState.NEGOTIATING, LinkEvent.FAIL): LinkState.ERROR,
    (LinkState.NEGOTIATING, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.ALLOCATING, LinkEvent.ALLOCATED): LinkState.PAUSED,
    (LinkState.ALLOCATING, LinkEvent.FAIL): LinkState.ERROR,
    (LinkState.ALLOCATING, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.PAUSED, LinkEvent.ACTIVATE): LinkState.ACTIVE,
    (LinkState.PAUSED, LinkEvent.NEGOTIATE): LinkState.NEGOTIATING,
    (LinkState.PAUSED, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.PAUSED, LinkEvent.FAIL): LinkState.ERROR,
    (LinkState.ACTIVE, LinkEvent.DEACTIVATE): LinkState.PAUSED,
    (LinkState.ACTIVE, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.ACTIVE, LinkEvent.FAIL): LinkState.ERROR,
    (LinkState.ERROR, LinkEvent.UNLINK): LinkState.UNLINKED,
    (LinkState.ERROR, LinkEvent.NEGOTIATE): LinkState.NEGOTIATING,
}


class StreamState(Enum):
    """As PipeWire's stream states, with draining and lost told apart."""

    UNCONNECTED = "unconnected"
    CONNECTING = "connecting"
    PAUSED = "paused"
    STREAMING = "streaming"
    DRAINING = "draining"
    DRAINED = "drained"
    LOST = "lost"
    ERROR = "error"


class StreamEvent(Enum):
    """What moves a stream."""

    CONNECT = "connect"
    LINKED = "linked"
    START = "start"
    PAUSE = "pause"
    DRAIN = "drain"
    DRAINED = "drained"
    DEVICE_LOST = "device lost"
    DEVICE_BACK = "device back"
    DISCONNECT = "disconnect"
    FAIL = "fail"


STREAM_TABLE: Table[StreamState, StreamEvent] = {
    (StreamState.UNCONNECTED, StreamEvent.CONNECT): StreamState.CONNECTING,
    (StreamState.CONNECTING, StreamEvent.LINKED): StreamState.PAUSED,
    (StreamState.CONNECTING, StreamEvent.FAIL): StreamState.ERROR,
    (StreamState.CONNECTING, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.PAUSED, StreamEvent.START): StreamState.STREAMING,
    (StreamState.PAUSED, StreamEvent.PAUSE): StreamState.PAUSED,
    (StreamState.PAUSED, StreamEvent.DRAIN): StreamState.DRAINING,
    (StreamState.PAUSED, StreamEvent.DEVICE_LOST): StreamState.LOST,
    (StreamState.PAUSED, StreamEvent.FAIL): StreamState.ERROR,
    (StreamState.PAUSED, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.STREAMING, StreamEvent.PAUSE): StreamState.PAUSED,
    (StreamState.STREAMING, StreamEvent.DRAIN): StreamState.DRAINING,
    (StreamState.STREAMING, StreamEvent.DEVICE_LOST): StreamState.LOST,
    (StreamState.STREAMING, StreamEvent.FAIL): StreamState.ERROR,
    (StreamState.STREAMING, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.DRAINING, StreamEvent.DRAINED): StreamState.DRAINED,
    (StreamState.DRAINING, StreamEvent.PAUSE): StreamState.PAUSED,
    (StreamState.DRAINING, StreamEvent.DEVICE_LOST): StreamState.LOST,
    (StreamState.DRAINING, StreamEvent.FAIL): StreamState.ERROR,
    (StreamState.DRAINING, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.DRAINED, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.LOST, StreamEvent.DEVICE_BACK): StreamState.PAUSED,
    (StreamState.LOST, StreamEvent.FAIL): StreamState.ERROR,
    (StreamState.LOST, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
    (StreamState.ERROR, StreamEvent.DISCONNECT): StreamState.UNCONNECTED,
}
