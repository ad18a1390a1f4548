"""Who may open a device node."""

from __future__ import annotations

import os

from pyaudiobus.model.record import Record


class Rights(Record):
    """What decides over one node."""

    group: int
    """The number of its group."""
    mode: int
    """Permission bits."""
    may_open: bool
    """Whether this process may write to it, by modes, access lists and capabilities."""


def read_rights(path: str) -> Rights:
    """Read a node's rights; none for anybody if it is gone meanwhile."""
    try:
        status = os.stat(path)
    except OSError:
        return Rights(0, 0, may_open=False)
    may_open = os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return Rights(status.st_gid, status.st_mode & 0o777, may_open)
