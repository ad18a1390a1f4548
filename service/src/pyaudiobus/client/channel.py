"""The socket of a client: connecting, bytes and descriptors in and out. What they mean is told elsewhere."""

from __future__ import annotations

import array
import contextlib
import os
import select
import socket
from functools import cache
from weakref import WeakSet

from pyaudiobus.client.happenings import close_all
from pyaudiobus.engine.duplex import Duplex
from pyaudiobus.errors import PeerError, UserError
from pyaudiobus.model.place import find_socket
from pyaudiobus.protocol.frames import MAX_DESCRIPTORS

READ_SIZE = 64 * 1024
CARRIER = b"\0"
"""What descriptors go through the socket with while messages go through rings."""


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
        self._rings: Duplex | None = None
        self.has_rings = False
        """Whether messages go through rings."""
        self._poll: select.epoll | None = None
        """The socket and the rings together, where there are rings."""
        self._waits = True
        self._kept: list[int] = []
        """Descriptors that came through the socket beside what goes through rings."""
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
        return self._socket.fileno() if self._poll is None else self._poll.fileno()

    def set_blocking(self, *, is_blocking: bool) -> None:
        """Let send() and receive() wait, or raise BlockingIOError."""
        self._waits = is_blocking
        self._socket.setblocking(is_blocking)

    def use_rings(self, descriptors: tuple[int, ...]) -> None:
        """Speak through rings that the bus has made; what is polled is another descriptor from now on. PeerError."""
        self._rings = Duplex.attach(descriptors)
        self.has_rings = True
        self._poll = select.epoll()
        for one in (self._socket, self._rings):
            self._poll.register(one.fileno(), select.EPOLLIN)
        self._socket.setblocking(False)  # noqa: FBT003  # socket's own signature

    def fetch_descriptors(self) -> tuple[int, ...]:
        """Return the descriptors that the socket has brought beside what goes through rings. PeerError."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._kept += self._receive()[1]
        found, self._kept = tuple(self._kept), []
        return found

    def send(self, data: bytes, descriptors: tuple[int, ...] = ()) -> int:
        """Send some; return how many bytes. The descriptors go with the first. PeerError, BlockingIOError."""
        self.check()
        if self._rings is not None:
            return self._store(self._rings, data, descriptors)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            return self._socket.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            raise
        except OSError as error:
            raise gone(error.strerror) from None

    def ask(self, data: bytes) -> bytes | None:
        """Send through a ring, and return what comes through the other then; b"": look with receive().

        None: nothing was sent, because there are no rings, or no room in them. PeerError.
        """
        if self._reason or self._rings is None:
            self.check()
            return None
        return self._rings.ask(data, self._socket.fileno())

    def receive(self) -> tuple[bytes, tuple[int, ...]]:
        """Return what arrived. PeerError, BlockingIOError."""
        self.check()
        return self._receive() if self._rings is None else (self._take(self._rings, waits=self._waits), ())

    def receive_now(self) -> tuple[bytes, tuple[int, ...]]:
        """Return what the descriptor was readable for; nothing, if that was taken before. PeerError."""
        if self._rings is None:
            return self.receive()
        try:
            return self._take(self._rings, waits=False), ()
        except BlockingIOError:
            return b"", ()

    def _store(self, rings: Duplex, data: bytes, descriptors: tuple[int, ...]) -> int:
        if descriptors:
            carried = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
            try:
                self._socket.sendmsg([CARRIER], carried, socket.MSG_NOSIGNAL)
            except OSError as error:
                raise gone(error.strerror) from None
        while True:
            sent = rings.send(data)
            if sent or (descriptors and not self._waits):  # they have gone, so this was not nothing
                return sent
            if not self._waits:
                raise BlockingIOError
            if rings.wait_for_room(self._socket.fileno()):
                with contextlib.suppress(BlockingIOError):
                    self._kept += self._receive()[1]

    def _take(self, rings: Duplex, *, waits: bool) -> bytes:
        """Return all that has come through the ring: who leaves something there is not woken for it."""
        while True:
            if not waits:
                rings.acknowledge()
            data = rings.wait(self._socket.fileno()) if waits else rings.receive_all()
            if data or (data := self._look_at_socket(rings)):
                return data
            if not waits:
                raise BlockingIOError

    def _look_at_socket(self, rings: Duplex) -> bytes:
        """Keep the descriptors that have come; return what the ring has after all if that is all it ever will."""
        try:
            self._kept += self._receive()[1]
        except BlockingIOError:
            pass
        except PeerError:
            if last := rings.receive():
                return last
            raise
        return b""

    def _receive(self) -> tuple[bytes, tuple[int, ...]]:
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
            close_all(self._kept)
            if self._rings is not None and self._poll is not None:
                self._poll.close()
                self._rings.close()


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
