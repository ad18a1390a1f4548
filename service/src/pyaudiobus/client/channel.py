"""The socket of a client: connecting, bytes and descriptors in and out. What they mean is told elsewhere."""

from __future__ import annotations

import array
import os
import socket
from functools import cache
from weakref import WeakSet

from pyaudiobus.client.happenings import close_all
from pyaudiobus.errors import PeerError, UserError
from pyaudiobus.model.place import find_socket
from pyaudiobus.protocol.frames import MAX_DESCRIPTORS

READ_SIZE = 64 * 1024


class Channel:
    """A connected socket. In a child of the process that made it, it is closed and refuses everything."""

    def __init__(self, path: str | None) -> None:
        """Connect to a path, or to the bus of this user. UserError where no daemon listens."""
        place = path or find_socket()
        if place is None:
            raise UserError(
                "there is no audio bus to connect to",
                advice="Start audiobusd, or name its socket in AUDIOBUS_REMOTE.",
            )
        self._socket = _connect(place)
        self._reason = ""
        """Why nothing can be sent any more."""
        _parents().add(self)

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return not self._reason

    def check(self) -> None:
        """UserError where this is no process, or no moment, to use it."""
        if self._reason:
            raise UserError(self._reason)

    def fileno(self) -> int:
        """Return the descriptor to poll for reading."""
        self.check()
        return self._socket.fileno()

    def set_blocking(self, *, is_blocking: bool) -> None:
        """Let send() and receive() wait, or raise BlockingIOError."""
        self._socket.setblocking(is_blocking)

    def send(self, data: bytes, descriptors: tuple[int, ...] = ()) -> int:
        """Send some; return how many bytes. The descriptors go with the first. PeerError, BlockingIOError."""
        self.check()
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            return self._socket.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            raise
        except OSError as error:
            raise gone(error.strerror) from None

    def receive(self) -> tuple[bytes, tuple[int, ...]]:
        """Return what arrived. PeerError, BlockingIOError."""
        self.check()
        try:
            data, ancillary, flags, _ = self._socket.recvmsg(
                READ_SIZE, socket.CMSG_SPACE(4 * MAX_DESCRIPTORS), socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            raise
        except OSError as error:
            raise gone(error.strerror) from None
        found = array.array("i")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                found.frombytes(payload[: len(payload) - len(payload) % found.itemsize])
        if flags & socket.MSG_CTRUNC:
            close_all(found)
            raise PeerError("file descriptors of the audio bus were lost: this process may open no more")
        if not data:
            raise gone("it closed the connection")
        return data, tuple(found)

    def close(self, reason: str = "the connection to the audio bus was closed") -> None:
        """Close it; legal twice."""
        if self.is_open:
            self._reason = reason
            self._socket.close()


def gone(reason: str | None) -> PeerError:
    """Say that the bus is gone."""
    return PeerError(
        f"the audio bus is gone: {(reason or 'it went away').lower()}", advice="See why with: journalctl -u audiobusd"
    )


@cache
def _parents() -> WeakSet[Channel]:
    """Return the channels of this process; those of its parent are closed as soon as it is forked."""
    channels: WeakSet[Channel] = WeakSet()
    os.register_at_fork(after_in_child=lambda: _disown(channels))
    return channels


def _disown(channels: WeakSet[Channel]) -> None:
    for channel in tuple(channels):
        channel.close("this connection to the audio bus belongs to the parent process; a child needs one of its own")
    channels.clear()


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise UserError(
            f"cannot connect to the audio bus at {path}: {reason}",
            advice="Is audiobusd running? See: systemctl status audiobusd",
        ) from None
    return connection
