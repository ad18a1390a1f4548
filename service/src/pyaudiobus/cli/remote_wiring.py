"""Joins a player to a daemon. Loaded only where a daemon's socket is there."""

from __future__ import annotations

import os

from pyaudiobus.client.remote import Remote
from pyaudiobus.client.remote_bus import RemoteBus
from pyaudiobus.errors import UserError
from pyaudiobus.model.place import REMOTE_VARIABLE


def join_bus(path: str, *, is_asked_for: bool, decode: bool, target: str) -> RemoteBus | None:
    """Return the daemon's bus; None where nobody listens at a place that nobody has named. UserError, PeerError."""
    is_named = is_asked_for or REMOTE_VARIABLE in os.environ
    try:
        remote = Remote("audiobus play", path)
    except UserError:
        if is_named:
            raise
        return None
    return RemoteBus(remote, decode=decode, target=target)
