"""Who a client is, by what the kernel says, and what it may do to which object."""

from __future__ import annotations

import os
import socket
from struct import Struct

from pyaudiobus.model.record import Record
from pyaudiobus.protocol.messages import Right

_UCRED = Struct("3i")
ALL = Right.R | Right.W | Right.X | Right.M | Right.L
ORDINARY = Right.R | Right.W | Right.X | Right.M
"""PipeWire's "all": everything but being linked to what one may not hear."""
EVERYTHING = 0
"""Stands for every object that has no entry of its own."""


class Credentials(Record):
    """What the kernel tells of the process at the other end."""

    pid: int
    uid: int
    gid: int
    executable: str
    """Empty where it cannot be read."""
    cgroup: str
    """Path below the cgroup root; empty where it cannot be read."""


def credentials_of(connection: socket.socket) -> Credentials:
    """Ask the kernel who made a connection."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Credentials(pid, uid, gid, _executable(pid), _cgroup(pid))


class Permissions:
    """One client's rights: a default, and entries for single objects that replace it."""

    def __init__(self, default: Right) -> None:
        self._entries: dict[int, Right] = {EVERYTHING: default}

    def of(self, serial: int) -> Right:
        """Return the rights on one object."""
        return self._entries.get(serial, self._entries[EVERYTHING])

    def set(self, serial: int, rights: Right) -> None:
        """Set an entry, or with EVERYTHING the default."""
        self._entries[serial] = rights

    def forget(self, serial: int) -> None:
        """Drop the entry of an object that is gone."""
        if serial != EVERYTHING:
            self._entries.pop(serial, None)

    def entries(self) -> list[tuple[int, Right]]:
        """List them, the default first."""
        return sorted(self._entries.items())


def default_rights(credentials: Credentials) -> Right:
    """Return what a client may do before anybody has said more: root and the daemon's own user everything."""
    return ALL if credentials.uid in (0, os.geteuid()) else ORDINARY


def _executable(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def _cgroup(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return ""
    return next((line.removeprefix("0::") for line in lines if line.startswith("0::")), "")
