"""The daemon as a system's service: its socket, made here or handed over, and what it tells the service manager."""

from __future__ import annotations

import os
import socket
import stat

from pyaudiobus.errors import UserError
from pyaudiobus.model.place import default_socket

FIRST_HANDED_OVER = 3
"""sd_listen_fds(3): descriptors begin here."""


def listening_sockets(path: str) -> list[socket.socket]:
    """Return the sockets that the service manager made (socket activation), else one at a path."""
    handed = _handed_over()
    return handed or [_listen(path or default_socket())]


def notify(state: str) -> None:
    """Tell the service manager, as sd_notify(3); nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    target = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(state.encode(), target)
        except OSError:
            return


def _handed_over() -> list[socket.socket]:
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = int(os.environ.get("LISTEN_FDS", "0"))
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return [socket.socket(fileno=FIRST_HANDED_OVER + number) for number in range(count)]


def _listen(path: str) -> socket.socket:
    """Listen at a path; a socket that nobody listens on any more is replaced."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.bind(path)
        os.chmod(path, 0o666)  # who connects is known by the kernel, and may do what the rights say
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise UserError(f"cannot listen at {path}: {error.strerror}") from None
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
