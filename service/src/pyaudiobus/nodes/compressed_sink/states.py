"""The life of a compressed sink as a table. What is done on the way is in node.py."""

from __future__ import annotations

from enum import Enum

from pyaudiobus.model.states import Table


class SinkState(Enum):
    """Ours, not the kernel's: PREFILLING covers the kernel's SETUP and PREPARED."""

    CLOSED = "closed"
    CONFIGURED = "configured"
    PREFILLING = "prefilling"
    RUNNING = "running"
    PAUSED = "paused"
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
    CLOSE = "close"


_ALIVE = (SinkState.CONFIGURED, SinkState.PREFILLING, SinkState.RUNNING, SinkState.PAUSED, SinkState.DRAINING)

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
    (SinkState.DRAINING, SinkEvent.START): SinkState.DRAINING,
    (SinkState.DRAINING, SinkEvent.DEVICE_DRAINED): SinkState.DRAINED,
    **{(state, SinkEvent.DEVICE_LOST): SinkState.LOST for state in _ALIVE},
    **{(state, SinkEvent.FAIL): SinkState.FAILED for state in _ALIVE},
    **{(state, SinkEvent.CLOSE): SinkState.CLOSED for state in SinkState},
}
