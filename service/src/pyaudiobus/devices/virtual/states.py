"""The kernel's compress states: which call is legal in which, where it leads, and the errno where it is not."""

from __future__ import annotations

import errno
from enum import Enum

from pyaudiobus.errors import DeviceError


class State(Enum):
    """`runtime->state` of sound/core/compress_offload.c, and a device nobody has open."""

    CLOSED = "closed"
    OPEN = "open"
    SETUP = "setup"
    PREPARED = "prepared"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    XRUN = "xrun"


class Call(Enum):
    """What a player may ask, in the words the error texts use."""

    OPEN = "open"
    CAPS = "get the capabilities of"
    SET_PARAMS = "configure"
    WRITE = "write to"
    AVAIL = "ask for the space in"
    PROGRESS = "ask for the position of"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    DRAIN = "drain"
    PARTIAL_DRAIN = "partially drain"
    NEXT_TRACK = "announce the next track to"
    SET_METADATA = "set the metadata of"
    WAIT = "wait for"


_OPENED = frozenset(State) - {State.CLOSED}
_CONFIGURED = _OPENED - {State.OPEN}

_TABLE: dict[tuple[State, Call], State] = {
    (State.OPEN, Call.SET_PARAMS): State.SETUP,
    (State.SETUP, Call.WRITE): State.PREPARED,
    (State.PREPARED, Call.WRITE): State.PREPARED,
    (State.RUNNING, Call.WRITE): State.RUNNING,
    (State.PREPARED, Call.START): State.RUNNING,
    (State.RUNNING, Call.PAUSE): State.PAUSED,
    (State.PAUSED, Call.RESUME): State.RUNNING,
    (State.RUNNING, Call.STOP): State.SETUP,
    (State.PAUSED, Call.STOP): State.SETUP,
    (State.DRAINING, Call.STOP): State.SETUP,
    (State.XRUN, Call.STOP): State.SETUP,
    (State.RUNNING, Call.DRAIN): State.DRAINING,
    (State.DRAINING, Call.DRAIN): State.DRAINING,
    (State.RUNNING, Call.PARTIAL_DRAIN): State.DRAINING,
    (State.DRAINING, Call.PARTIAL_DRAIN): State.DRAINING,
    (State.RUNNING, Call.NEXT_TRACK): State.RUNNING,
    (State.CLOSED, Call.OPEN): State.OPEN,
    **{(state, Call.CAPS): state for state in _OPENED},
    **{(state, Call.PROGRESS): state for state in _OPENED},
    **{(state, Call.SET_METADATA): state for state in _CONFIGURED},
    **{(state, Call.AVAIL): state for state in _CONFIGURED - {State.XRUN}},
    **{(state, Call.WAIT): state for state in _OPENED - {State.DRAINING}},
    (State.DRAINING, Call.WAIT): State.SETUP,  # snd_compr_poll sets it, and so ends the drain
}

_ERRNO_OF_CALL = {
    Call.OPEN: errno.EBUSY,
    Call.CAPS: errno.EBADFD,
    Call.WRITE: errno.EBADFD,
    Call.AVAIL: errno.EBADFD,
    Call.PROGRESS: errno.EBADFD,
    Call.SET_METADATA: errno.EBADFD,
    Call.WAIT: errno.EBADFD,
}
"""EPERM for all others."""

_ERRNO_OF_PAIR = {
    (State.XRUN, Call.AVAIL): errno.EPIPE,
    (State.XRUN, Call.DRAIN): errno.EPIPE,
    (State.XRUN, Call.PARTIAL_DRAIN): errno.EPIPE,
}


def after(state: State, call: Call, device: str) -> State:
    """Return the state that a legal call leads to; raise what the kernel answers to an illegal one."""
    target = _TABLE.get((state, call))
    if target is None:
        raise refusal(call, device, errno_in(state, call))
    return target


def errno_in(state: State, call: Call) -> int:
    """The errno of a call that is not legal in a state."""
    if state is State.CLOSED:
        return errno.EBADFD
    return _ERRNO_OF_PAIR.get((state, call), _ERRNO_OF_CALL.get(call, errno.EPERM))


def refusal(call: Call, device: str, code: int, why: str = "") -> DeviceError:
    """Build the error of one refused call, with the reason a driver would log."""
    error = DeviceError.from_errno(call.value, device, code)
    return type(error)(error.what, errno=error.errno, facts=[*error.facts, why], advice=error.advice) if why else error
