"""A connection to the daemon that blocks: one thread asks, waits, and hears of events while it does."""

from __future__ import annotations

import array
import os
import select
import socket
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from pyaudiobus.client.conversation import Conversation
from pyaudiobus.errors import PeerError, UserError
from pyaudiobus.model.place import find_socket
from pyaudiobus.model.record import Record
from pyaudiobus.protocol.frames import MAX_DESCRIPTORS
from pyaudiobus.protocol.messages import Nothing, Welcome
from pyaudiobus.protocol.words import Body

READ_SIZE = 64 * 1024


class Happening(Record):
    """An event of the bus."""

    name: str
    """As the protocol's table calls it."""
    body: Any
    descriptors: tuple[int, ...]


class Remote:
    """A connection. Not to be shared between threads."""

    def __init__(self, name: str, path: str | None = None, properties: dict[str, str] | None = None) -> None:
        """Connect and say hello. UserError where no daemon listens."""
        place = path or find_socket()
        if place is None:
            raise UserError(
                "there is no audio bus to connect to",
                advice="Start audiobusd, or name its socket in AUDIOBUS_REMOTE.",
            )
        self._socket = _connect(place)
        self._happenings: deque[Happening] = deque()
        self._listeners: dict[int, Callable[[Happening], None]] = {}
        self._conversation = Conversation(self._hear)
        self._is_open = True
        self.welcome: Welcome = self._call(lambda answered: self._conversation.greet(name, properties or {}, answered))[
            0
        ]

    def fileno(self) -> int:
        """Return the descriptor to poll for reading."""
        return self._socket.fileno()

    def ask(self, request: str, body: Body | None = None, descriptors: tuple[int, ...] = ()) -> Any:  # noqa: ANN401
        """Ask, and wait for the answer's body. Refused, a kind of AudiobusError, where the bus says no."""
        return self.ask_with_descriptors(request, body, descriptors)[0]

    def ask_with_descriptors(
        self, request: str, body: Body | None = None, descriptors: tuple[int, ...] = ()
    ) -> tuple[Any, tuple[int, ...]]:
        """Ask, and wait for the answer and the descriptors that come with it, which are the caller's."""
        return self._call(
            lambda answered: self._conversation.ask(request, body or Nothing(), answered, descriptors), descriptors
        )

    def ask_later(self, request: str, body: Body, answered: Callable[[Any], None]) -> None:
        """Ask, and go on; `answered` is called from wait() with the body or the error."""
        self._send(self._conversation.ask(request, body, lambda found, _: answered(found)), ())

    def listen(self, serial: int, listener: Callable[[Happening], None]) -> None:
        """Hand events about a serial to a listener instead of keeping them."""
        self._listeners[serial] = listener

    def unlisten(self, serial: int) -> None:
        """Keep them again."""
        self._listeners.pop(serial, None)

    def wait(self, others: Iterable[int] = (), timeout: float | None = None) -> bool:
        """Sleep until something arrives, here or on one of the other descriptors, and take what came here.

        False: the time is up.
        """
        ready, _, _ = select.select([self._socket.fileno(), *others], [], [], timeout)
        if self._socket.fileno() in ready:
            self._receive()
        return bool(ready)

    def happenings(self) -> list[Happening]:
        """Fetch the events that have arrived and had no listener."""
        found = list(self._happenings)
        self._happenings.clear()
        return found

    def close(self) -> None:
        """End the connection; the daemon removes what it belongs to. Legal twice."""
        if self._is_open:
            self._is_open = False
            self._socket.close()
            self._conversation.lost(PeerError("the connection was closed"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- the socket ----

    def _call(
        self,
        ask: Callable[[Callable[[Any, tuple[int, ...]], None]], bytes],
        descriptors: tuple[int, ...] = (),
    ) -> tuple[Any, tuple[int, ...]]:
        answers: list[tuple[Any, tuple[int, ...]]] = []
        self._send(ask(lambda body, found: answers.append((body, found))), descriptors)
        while not answers:
            self._receive()
        body, found = answers[0]
        if isinstance(body, Exception):
            raise body
        return body, found

    def _send(self, data: bytes, descriptors: tuple[int, ...]) -> None:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            sent = self._socket.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
            self._socket.sendall(data[sent:])
        except OSError as error:
            raise self._lost(error.strerror or "it went away") from None

    def _receive(self) -> None:
        try:
            data, ancillary, _, _ = self._socket.recvmsg(
                READ_SIZE, socket.CMSG_SPACE(4 * MAX_DESCRIPTORS), socket.MSG_CMSG_CLOEXEC
            )
        except OSError as error:
            raise self._lost(error.strerror or "it went away") from None
        if not data:
            raise self._lost("it closed the connection")
        descriptors = array.array("i")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(payload[: len(payload) - len(payload) % descriptors.itemsize])
        self._conversation.receive(data, tuple(descriptors))

    def _lost(self, reason: str) -> PeerError:
        error = PeerError(f"the audio bus is gone: {reason.lower()}", advice="See why with: journalctl -u audiobusd")
        self._conversation.lost(error)
        return error

    def _hear(self, name: str, body: Any, descriptors: tuple[int, ...]) -> None:  # noqa: ANN401
        happening = Happening(name, body, descriptors)
        listener = self._listeners.get(getattr(body, "serial", -1))
        if listener is not None and not name.startswith("object-"):
            listener(happening)
        else:
            self._happenings.append(happening)


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        reason = os.strerror(error.errno or 0).lower()
        raise UserError(
            f"cannot connect to the audio bus at {path}: {reason}",
            advice="Is audiobusd running? See: systemctl status audiobusd",
        ) from None
    return connection
