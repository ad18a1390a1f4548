"""One client's socket or rings: bytes and descriptors in and out, never waiting for it. Nothing said is known here.

Past 300 lines because what is half sent and half heard ends together.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic

from pyaudiobus.engine.duplex import Duplex
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.protocol.frames import MAX_DESCRIPTORS
from pyaudiobus.protocol.messages import Sender
from pyaudiobus.protocol.wire import Message, Phase, Unknown, Wire

READ_SIZE = 64 * 1024
TURN = 0.001
"""Seconds after which one flooding client lets the others speak, be it many small requests or a few large ones."""
KEPT = 128
"""Bytes that an unread message takes beside its own: many small ones are more than they look."""
CLOSED = "it closed the connection"
CARRIER = b"\0"
"""What descriptors go through the socket with while messages go through rings."""


class Connection:
    """A connection in an asyncio loop. `hear` gets each message, `ended` the reason when it is over."""

    def __init__(
        self,
        peer: socket.socket,
        hear: Callable[[Message | Unknown], None],
        ended: Callable[[str], None],
        most_unread: int,
    ) -> None:
        """Take over a socket; a client that leaves more than `most_unread` bytes unread is dropped."""
        peer.setblocking(False)  # noqa: FBT003  # socket's own signature
        self._socket = peer
        self._hear = hear
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._unsent: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self._unsent_size = 0
        self._most_unread = most_unread
        self._coming: Iterator[Message | Unknown] | None = None
        """What was read and is not heard yet; nothing more is read before it."""
        self._is_left = False
        """The client has gone, and what it had put into its ring is heard yet."""
        self._rings: Duplex | None = None
        self._is_open = True
        self._is_lost = False
        """Nobody reads at the other end any more: where many die at once, none is told of all the others."""
        self.wire = Wire(Sender.DAEMON)
        self._loop.add_reader(peer, self._read)

    def send(self, data: bytes, descriptors: Iterable[int] = ()) -> None:
        """Send, or keep what the socket does not take now. The descriptors are the caller's again on return."""
        if not self._is_open or self._is_lost:
            return
        if self._rings is not None and not descriptors and not self._unsent:
            self._store(self._rings, data)
            return
        kept = tuple(descriptors)
        if self._unsent or not self._send_now(data, kept):
            self._keep(data, kept)

    def check_may_use_rings(self) -> None:
        """AudiobusError where it speaks through rings, or where something has yet to go through the socket."""
        if self._rings is not None:
            raise AudiobusError("this connection speaks through rings already")
        if self._unsent:
            raise AudiobusError("there is something unread in the socket", advice="Ask for rings again after it.")

    def use_rings(self, rings: Duplex) -> None:
        """Speak through rings from now on, which are this connection's; the socket carries descriptors alone."""
        if not self._is_open or self._unsent:
            rings.close()
            self.close("it did not read the answer that brought its rings")
            return
        self._rings = rings
        self.wire.fetch_descriptors(self._fetch_descriptors)
        self._loop.add_reader(rings.fileno(), self._look_at_rings)
        self._loop.add_reader(self._socket, self._read)  # not so while there was more to hear than one turn takes
        self._loop.call_soon(self._look_at_rings)

    def close(self, reason: str) -> None:
        """End the connection; legal twice. `ended` is called once."""
        if not self._is_open:
            return
        self._is_open = False
        self._say_farewell(reason)
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if self._rings is not None:
            self._loop.remove_reader(self._rings.fileno())
            self._rings.close()
        _close_all(self.wire.leftover_descriptors())
        for _, descriptors in self._unsent:
            _close_all(descriptors)
        self._unsent.clear()
        self._coming = None
        self._socket.close()
        self._ended(reason)

    def _say_farewell(self, reason: str) -> None:
        """Tell why, if the client takes that at once, and a message is not half sent."""
        if self._unsent:
            return
        with contextlib.suppress(OSError, PeerError):
            if self._rings is not None:
                self._rings.send(self.wire.farewell(reason))
            else:
                self._socket.send(self.wire.farewell(reason), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)

    # ---- out ----

    def _send_now(self, data: bytes, descriptors: tuple[int, ...]) -> bool:
        """Send one message whole. False: the socket is full."""
        if self._rings is not None:
            if not descriptors or self._carry(descriptors):
                self._store(self._rings, data)
            return True
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            sent = self._socket.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return False
        except OSError as error:
            self._is_lost = True
            self._loop.call_soon(self.close, f"it went away ({error.strerror})")
            return True
        if sent < len(data):
            self._keep(data[sent:], ())
        return True

    def _keep(self, data: bytes, descriptors: tuple[int, ...]) -> None:
        try:
            kept = _duplicates(descriptors)
        except OSError as error:
            self._loop.call_soon(self.close, f"what it was to be sent cannot be kept ({error.strerror})")
            return
        self._unsent.append((data, kept))
        self._unsent_size += len(data) + KEPT
        if self._unsent_size > self._most_unread:
            self._loop.call_soon(self.close, f"it left {self._unsent_size} bytes unread")
        if self._rings is None:  # room in a ring wakes us as what comes through one does
            self._loop.add_writer(self._socket, self._write)

    def _carry(self, descriptors: tuple[int, ...]) -> bool:
        """Send descriptors through the socket, for a message that follows through a ring. False: it is over."""
        try:
            carried = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
            self._socket.sendmsg([CARRIER], carried, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            self._loop.call_soon(self.close, "it left descriptors in its socket")
            return False
        except OSError as error:
            self._loop.call_soon(self.close, f"it went away ({error.strerror})")
            return False
        return True

    def _store(self, rings: Duplex, data: bytes) -> None:
        """Store one message, and keep what there is no room for."""
        try:
            sent = rings.send(data)
        except PeerError as error:
            self._loop.call_soon(self.close, f"it went away ({error})")
            return
        if sent < len(data):
            self._keep(data[sent:], ())

    def _write(self) -> None:
        while self._unsent:
            data, descriptors = self._unsent.popleft()
            self._unsent_size -= len(data) + KEPT
            before = len(self._unsent)
            if not self._send_now(data, descriptors):
                self._unsent.appendleft((data, descriptors))
                self._unsent_size += len(data) + KEPT
                return
            _close_all(descriptors)
            if len(self._unsent) > before:  # the rest of a message goes first
                self._unsent.rotate(1)
                return
        self._loop.remove_writer(self._socket)

    # ---- in ----

    def _read(self) -> None:
        try:
            data, descriptors = self._receive()
            if data and self._rings is not None:
                self.wire.take_descriptors(descriptors)
                return
        except PeerError as error:
            self._break_off(error)
            return
        except BlockingIOError:
            return
        except OSError as error:
            self.close(f"it went away ({error.strerror})")
            return
        if not data:
            self._hear_the_rest()
            return
        coming = self.wire.receive(data, descriptors)
        self._coming = coming if self.wire.phase is Phase.OPEN else _read_at_once(coming)
        self._hear_some()

    def _break_off(self, error: PeerError) -> None:
        """End it for a broken rule."""
        self.close(f"it broke the rules: {error.what}")

    def _look_at_rings(self) -> None:
        """There is something in a ring, or room in the other."""
        if not self._is_open or self._rings is None:
            return
        self._rings.acknowledge()
        if self._unsent:
            self._write()
        if self._coming is None:  # else what comes is read after that
            self._read_rings()

    def _read_rings(self) -> None:
        """Hear what came through a ring until there is nothing, and more wakes us, or others have their turn."""
        rings, until = self._rings, monotonic() + TURN
        while self._is_open and rings is not None:
            if monotonic() >= until:
                self._loop.call_soon(self._read_rings)
                return
            try:
                data = rings.receive()
            except PeerError as error:
                self._break_off(error)
                return
            if not data:
                if self._is_left:
                    self.close(CLOSED)
                return
            if (message := self.wire.only_request(data)) is not None:
                self._hear(message)
                continue
            self._coming = self.wire.receive(data)
            if not self._hear_some():
                return

    def _hear_the_rest(self) -> None:
        """Hear what a client that has gone had put into its ring, and end it."""
        if self._rings is None:
            self.close(CLOSED)
            return
        self._is_left = True
        self._loop.remove_reader(self._socket)
        if self._coming is None:
            self._read_rings()

    def _fetch_descriptors(self) -> tuple[int, ...]:
        """Return the descriptors that are in the socket. PeerError."""
        found: list[int] = []
        with contextlib.suppress(OSError):
            while len(found) < MAX_DESCRIPTORS:
                data, descriptors = self._receive()
                found += descriptors
                if not data:
                    break
        return tuple(found)

    def _receive(self) -> tuple[bytes, tuple[int, ...]]:
        data, ancillary, flags, _ = self._socket.recvmsg(
            READ_SIZE, socket.CMSG_SPACE(4 * MAX_DESCRIPTORS), socket.MSG_CMSG_CLOEXEC
        )
        found = array.array("i")
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                found.frombytes(payload[: len(payload) - len(payload) % found.itemsize])
        if flags & socket.MSG_CTRUNC:
            _close_all(found)
            raise PeerError(f"more than {MAX_DESCRIPTORS} file descriptors came at once")
        return data, tuple(found)

    def _hear_some(self) -> bool:
        """Hear what has come, the rest after the other clients had their turn; tell whether that was all."""
        if self._coming is None:
            return True
        until = monotonic() + TURN
        try:
            for message in self._coming:
                self._hear(message)
                if not self._is_open:
                    return False
                if monotonic() >= until:
                    self._go_on_later()
                    return False
        except PeerError as error:
            self._break_off(error)
            return False
        self._coming = None
        return True

    def _go_on_later(self) -> None:
        if self._rings is None:
            self._loop.remove_reader(self._socket)
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._is_open or not self._hear_some():
            return
        if self._rings is None:
            self._loop.add_reader(self._socket, self._read)
        else:
            self._read_rings()


def _read_at_once(coming: Iterator[Message | Unknown]) -> Iterator[Message | Unknown]:
    """Read all before any of it is heard: what came together with a hello came before its answer. PeerError."""
    read: list[Message | Unknown] = []
    try:
        for message in coming:
            read.append(message)  # noqa: PERF402  # what was read before a broken rule is heard
    except PeerError as error:
        yield from read
        raise error from None
    yield from read


def _duplicates(descriptors: Iterable[int]) -> tuple[int, ...]:
    """Return copies of all, or of none. OSError."""
    made: list[int] = []
    try:
        for descriptor in descriptors:
            made.append(os.dup(descriptor))  # noqa: PERF401  # those made before a failure are closed
    except OSError:
        _close_all(made)
        raise
    return tuple(made)


def _close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
