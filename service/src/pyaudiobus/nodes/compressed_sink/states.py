"""The life of a compressed sink as a table. What is done on the way is in the files beside it."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.model.states import Table


class SinkState(Enum):
    """Ours, not the kernel's: PREFILLING covers the kernel's SETUP and PREPARED."""

    __hash__ = object.__hash__  # Enum's own is written in Python

    CLOSED = "closed"
    CONFIGURED = "configured"
    PREFILLING = "prefilling"
    RUNNING = "running"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    """Paused, and the device given back; the stream keeps its place."""
    RECOVERING = "recovering"
    """The device broke off and was given back; it is tried again soon."""
    DRAINING = "draining"
    DRAINED = "drained"
    LOST = "lost"
    FAILED = "failed"


class SinkEvent(Enum):
    """What moves a sink."""

    CONFIGURE = "configure"
    START = "start"
    PREFILLED = "prefilled"
    PAUSE = "pause"
    RESUME = "resume"
    SOURCE_ENDED = "source ended"
    DEVICE_DRAINED = "device drained"
    DEVICE_LOST = "device lost"
    FAIL = "fail"
    SLEEP = "sleep"
    BREAK_OFF = "break off"
    LEAP = "leap"
    JOINED = "joined"
    CLOSE = "close"


_ALIVE = (
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.RUNNING,
    SinkState.PAUSED,
    SinkState.SUSPENDED,
    SinkState.RECOVERING,
    SinkState.DRAINING,
)

_PLAYS = (SinkState.PREFILLING, SinkState.RUNNING, SinkState.RECOVERING, SinkState.DRAINING)
_HOLDS = (SinkState.CONFIGURED, SinkState.PAUSED, SinkState.SUSPENDED)

SINK_TABLE: Table[SinkState, SinkEvent] = {
    (SinkState.CLOSED, SinkEvent.CONFIGURE): SinkState.CONFIGURED,
    (SinkState.CONFIGURED, SinkEvent.START): SinkState.PREFILLING,
    (SinkState.PREFILLING, SinkEvent.START): SinkState.PREFILLING,
    (SinkState.PREFILLING, SinkEvent.PAUSE): SinkState.CONFIGURED,
    (SinkState.PREFILLING, SinkEvent.PREFILLED): SinkState.RUNNING,
    (SinkState.PREFILLING, SinkEvent.DEVICE_DRAINED): SinkState.DRAINED,
    (SinkState.RUNNING, SinkEvent.START): SinkState.RUNNING,
    (SinkState.RUNNING, SinkEvent.PAUSE): SinkState.PAUSED,
    (SinkState.RUNNING, SinkEvent.SOURCE_ENDED): SinkState.DRAINING,
    (SinkState.PAUSED, SinkEvent.PAUSE): SinkState.PAUSED,
    (SinkState.PAUSED, SinkEvent.RESUME): SinkState.RUNNING,
    (SinkState.PAUSED, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.SUSPENDED, SinkEvent.PAUSE): SinkState.SUSPENDED,
    (SinkState.SUSPENDED, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.SUSPENDED, SinkEvent.START): SinkState.PREFILLING,
    (SinkState.CONFIGURED, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.PREFILLING, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.RUNNING, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.DRAINING, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.RECOVERING, SinkEvent.PAUSE): SinkState.SUSPENDED,
    (SinkState.RECOVERING, SinkEvent.SLEEP): SinkState.SUSPENDED,
    (SinkState.RECOVERING, SinkEvent.START): SinkState.PREFILLING,
    (SinkState.DRAINING, SinkEvent.PAUSE): SinkState.PAUSED,
    (SinkState.DRAINING, SinkEvent.START): SinkState.DRAINING,
    (SinkState.DRAINING, SinkEvent.JOINED): SinkState.RUNNING,
    (SinkState.DRAINING, SinkEvent.DEVICE_DRAINED): SinkState.DRAINED,
    **{(state, SinkEvent.BREAK_OFF): SinkState.RECOVERING for state in _ALIVE},
    **{(state, SinkEvent.LEAP): SinkState.PREFILLING for state in _PLAYS},
    **{(state, SinkEvent.LEAP): SinkState.SUSPENDED for state in _HOLDS},
    **{(state, SinkEvent.DEVICE_LOST): SinkState.LOST for state in _ALIVE},
    **{(state, SinkEvent.FAIL): SinkState.FAILED for state in _ALIVE},
    **{(state, SinkEvent.CLOSE): SinkState.CLOSED for state in SinkState},
}

BUSY = (
    SinkState.PREFILLING,
    SinkState.RUNNING,
    SinkState.DRAINING,
    SinkState.PAUSED,
    SinkState.RECOVERING,
)
"""The sink is to be looked after."""
ON_DEVICE = (SinkState.RUNNING, SinkState.PAUSED, SinkState.DRAINING, SinkState.LOST, SinkState.FAILED)
"""The device was started, and is to be stopped before it is closed."""
KEEPS_PLACE = (
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.RUNNING,
    SinkState.PAUSED,
    SinkState.DRAINING,
    SinkState.RECOVERING,
    SinkState.SUSPENDED,
)
"""A stream that can be replayed goes on later where it was."""
STILL = (
    SinkState.CLOSED,
    SinkState.CONFIGURED,
    SinkState.PREFILLING,
    SinkState.SUSPENDED,
    SinkState.RECOVERING,
    SinkState.DRAINED,
    SinkState.LOST,
    SinkState.FAILED,
)
"""Nothing sounds."""
