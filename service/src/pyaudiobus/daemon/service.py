"""The daemon as a system's service: its sockets, made here or handed over, and what it tells the service manager."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Sequence

from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import Role, SocketSettings
from pyaudiobus.model.place import default_socket
from pyaudiobus.model.record import Record
from pyaudiobus.systemd.notify import notify

FIRST_HANDED_OVER = 3
"""sd_listen_fds(3): descriptors begin here."""
BACKLOG = 64


class Listener(Record):
    """One socket to accept at."""

    socket: socket.socket
    role: Role | None
    """Of all who connect there."""
    is_own: bool
    """Made here, so removed at the end."""


def listeners(wanted: Sequence[SocketSettings]) -> list[Listener]:
    """Return the sockets of the service manager (socket activation), else the wanted ones, else the usual one.

    A socket that was handed over has the role that the settings give its path. UserError where one cannot be had.
    """
    roles = {place.path: place.role for place in wanted}
    handed = [Listener(one, roles.get(str(one.getsockname())), is_own=False) for one in _handed_over()]
    places = wanted or (() if handed else (SocketSettings(default_socket()),))
    there = {str(one.socket.getsockname()) for one in handed}
    made: list[Listener] = []
    try:
        made.extend(Listener(_listen(place), place.role, is_own=True) for place in places if place.path not in there)
    except UserError:
        for one in made:
            close(one)
        raise
    return handed + made


def close(listener: Listener) -> None:
    """Listen no more."""
    if listener.is_own:
        with contextlib.suppress(OSError):
            os.unlink(listener.socket.getsockname())
    listener.socket.close()


class Heartbeat:
    """Tells the service manager that the control thread lives, as often as it wants (sd_watchdog_enabled(3))."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._seconds = _watchdog_seconds()

    def start(self) -> None:
        """Beat from now on, if somebody listens."""
        if self._seconds:
            notify("WATCHDOG=1")
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.start)

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _watchdog_seconds() -> float:
    """Return half of the time that the service manager waits; 0: it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 2e6 if usec.isdecimal() else 0


def _handed_over() -> list[socket.socket]:
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = os.environ.get("LISTEN_FDS", "0")
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    handed = []
    for number in range(int(count) if count.isdecimal() else 0):
        os.set_inheritable(FIRST_HANDED_OVER + number, False)  # noqa: FBT003  # os's own signature
        handed.append(socket.socket(fileno=FIRST_HANDED_OVER + number))
    return handed


def _listen(place: SocketSettings) -> socket.socket:
    """Listen at a path; a socket that nobody listens on any more is replaced."""
    path = place.path
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        _clear(path)
        listener.bind(path)
        os.chmod(path, place.mode)  # who connects is known by the kernel, and may do what the rights say
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise UserError(f"cannot listen at {path}: {(error.strerror or str(error)).lower()}") from None
    except UserError:
        listener.close()
        raise
    return listener


def _clear(path: str) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise UserError(f"cannot listen at {path}: something that is no socket is there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            os.unlink(path)
            return
    raise UserError(f"a daemon listens at {path} already", advice="Stop it first, or name another --socket.")
