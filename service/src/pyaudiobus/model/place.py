"""Where a bus is found: the path of its socket."""

from __future__ import annotations

import os

REMOTE_VARIABLE = "AUDIOBUS_REMOTE"
"""Path of the daemon's socket; overrides the usual places."""
SYSTEM_SOCKET = "/run/audiobus/bus"


def default_socket() -> str:
    """Return where a daemon of this user listens: the system's place for root, else the user's runtime folder."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.geteuid() == 0 or not runtime:
        return SYSTEM_SOCKET
    return os.path.join(runtime, "audiobus", "bus")


def find_socket() -> str | None:
    """Return the socket to connect to: AUDIOBUS_REMOTE, the user's, the system's; None where there is none."""
    remote = os.environ.get(REMOTE_VARIABLE)
    if remote is not None:
        return remote or None
    for path in (default_socket(), SYSTEM_SOCKET):
        if os.path.exists(path):
            return path
    return None
