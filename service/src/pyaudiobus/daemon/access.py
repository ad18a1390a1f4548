"""Who a client is, by what the kernel says, and what it may do to which object."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from collections.abc import Iterable
from struct import Struct

from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.daemon_settings import AccessSettings, Role
from pyaudiobus.model.record import Record
from pyaudiobus.protocol.messages import Right

_UCRED = Struct("3i")
_SO_PEERGROUPS = 59
"""asm-generic/socket.h, since Linux 4.13; Python does not name it."""
MAX_GROUPS = 65_536
ALL = Right.R | Right.W | Right.X | Right.M | Right.L
ORDINARY = Right.R | Right.W | Right.X | Right.M
"""PipeWire's "all": everything but hearing others, and being linked to what one may not hear."""
EVERYTHING = 0
"""Stands for every object that has no entry of its own."""
MAX_ENTRIES = 2048
"""Of one client's permissions."""


class Credentials(Record):
    """What the kernel tells of the process at the other end."""

    pid: int
    uid: int
    gid: int
    groups: tuple[int, ...]
    executable: str
    """Empty where it cannot be read."""
    cgroup: str
    """Path below the cgroup root; empty where it cannot be read."""
    socket: str = ""
    """The path at which it came."""


def credentials_of(connection: socket.socket) -> Credentials:
    """Ask the kernel who made a connection."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    groups, came_by = _groups(connection), connection.getsockname()
    return Credentials(
        pid, uid, gid, groups, _executable(pid), _cgroup(pid), came_by if isinstance(came_by, str) else ""
    )


def role_of(credentials: Credentials, settings: AccessSettings, socket_role: Role | None) -> Role:
    """Return a client's role: its socket's, else its user's, else its first group's that has one, else by default.

    Where nobody says, root and the daemon's own user may do everything.
    """
    if socket_role is not None:
        return socket_role
    for name, role in settings.users:
        if _number(name, _uid) == credentials.uid:
            return role
    for name, role in settings.groups:
        if _number(name, _gid) in (credentials.gid, *credentials.groups):
            return role
    return Role.MANAGER if credentials.uid in (0, os.geteuid()) else settings.otherwise


class Permissions:
    """One client's rights: a default, and entries for single objects that replace it."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._entries: dict[int, Right] = {EVERYTHING: _RIGHTS[role]}
        self._bus: Right | None = Right.R | Right.X if role is Role.RESTRICTED else None
        """On the daemon's own objects, where that is not the default."""
        self.hides = False
        """Whether there may be something that the client may not see."""
        self._look()

    def become(self, role: Role) -> None:
        """Have the rights of another role; entries for single objects stay."""
        self.role = role
        self._entries[EVERYTHING] = _RIGHTS[role]
        self._bus = Right.R | Right.X if role is Role.RESTRICTED else None
        self._look()

    def of(self, found: BusObject, own: int = 0) -> Right:
        """Return the rights on one object; `own` is the client's serial."""
        if found.serial in self._entries:
            return self._entries[found.serial]
        if self._bus is not None and found.owner == 0 and found.made_for in (0, own):
            return self._bus
        return self._entries[EVERYTHING]

    def _look(self) -> None:
        self.hides = any(not rights & Right.R for rights in self._entries.values())

    def default(self) -> Right:
        """Return the rights on what has no entry."""
        return self._entries[EVERYTHING]

    def set(self, serial: int, rights: Right) -> None:
        """Set an entry, or with EVERYTHING the default."""
        if len(self._entries) >= MAX_ENTRIES and serial not in self._entries:
            raise AudiobusError(f"a client's permissions have at most {MAX_ENTRIES} entries")
        if serial == EVERYTHING:
            self._bus = None
        self._entries[serial] = rights
        self._look()

    def forget(self, serial: int) -> None:
        """Drop the entry of an object that is gone."""
        if serial != EVERYTHING and self._entries.pop(serial, None) is not None:
            self._look()

    def entries(self, objects: Iterable[BusObject]) -> list[tuple[int, Right]]:
        """List them, the default first; `objects` are those that the asker may see."""
        listed = {EVERYTHING: self._entries[EVERYTHING]}
        for found in objects:
            if found.serial in self._entries or (self._bus is not None and found.owner == 0):
                listed[found.serial] = self.of(found)
        return sorted(listed.items())


_RIGHTS = {Role.MANAGER: ALL, Role.DEFAULT: ORDINARY, Role.RESTRICTED: Right(0)}


def _number(name: str, look_up: object) -> int | None:
    if name.isdecimal():
        return int(name)
    try:
        return look_up(name)  # type: ignore[operator,no-any-return]
    except KeyError:
        return None


def _uid(name: str) -> int:
    return pwd.getpwnam(name).pw_uid


def _gid(name: str) -> int:
    return grp.getgrnam(name).gr_gid


def _groups(connection: socket.socket) -> tuple[int, ...]:
    """Return the supplementary groups; none on a kernel that does not tell them."""
    try:
        found = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * MAX_GROUPS)
    except OSError:
        return ()
    return tuple(memoryview(found).cast("I"))


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
