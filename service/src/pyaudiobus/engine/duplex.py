"""Two rings, one each way, as what a conversation goes through in place of a socket: bytes in order. No descriptors.

The daemon makes them; its client joins. Who is awake is not woken: then a message costs no system call.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from typing import Self

from pyaudiobus.engine.native import ffi, lib
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.errors import PeerError

ROOM = 16 * 1024
"""Bytes each way; a longer message goes through in pieces."""
RING_DESCRIPTORS = len(RingDescriptors._fields)
DESCRIPTORS = 2 * RING_DESCRIPTORS
"""What a client is sent: of the ring it stores into, then of the one it takes from."""
_NO_ROOM = -2


class Duplex:
    """One side of the two rings. Each side belongs to one thread."""

    def __init__(self, incoming: RingConsumer, outgoing: RingProducer, *, is_daemon: bool) -> None:
        self._incoming, self._in = incoming, incoming.handle
        self._outgoing, self._out = outgoing, outgoing.handle
        self._is_daemon = is_daemon
        self._room = ffi.new("char[]", ROOM)
        self._wake = incoming.fileno()
        self._poll = select.epoll()
        # A daemon cannot read what its client shares with it (ring.h), so it is told of every wakeup once.
        interest = select.EPOLLIN | (select.EPOLLET if is_daemon else 0)
        for end in (incoming, outgoing):
            self._poll.register(end.fileno(), interest)

    @classmethod
    def create(cls) -> Self:
        """Make both, as the daemon does. AudiobusError."""
        incoming = RingConsumer.create(ROOM, 1)
        try:
            return cls(incoming, RingProducer.create(ROOM, 1), is_daemon=True)
        except BaseException:
            incoming.close()
            raise

    @classmethod
    def attach(cls, descriptors: Sequence[int]) -> Self:
        """Join what a daemon made; the descriptors belong to this side from now on. PeerError."""
        outgoing = RingProducer.attach(RingDescriptors(*descriptors[:RING_DESCRIPTORS]))
        try:
            incoming = RingConsumer.attach(RingDescriptors(*descriptors[RING_DESCRIPTORS:]))
        except BaseException:
            outgoing.close()
            raise
        return cls(incoming, outgoing, is_daemon=False)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What to send to the client; they stay open here until give_away() or close()."""
        return (*self._incoming.descriptors, *self._outgoing.descriptors)

    def give_away(self) -> None:
        """Close here what only the client needs; to be called when it was sent."""
        self._incoming.give_away()
        self._outgoing.give_away()

    def fileno(self) -> int:
        """Return the descriptor to poll for reading; when it can be read, acknowledge(), then receive() until b""."""
        return self._poll.fileno()

    def acknowledge(self) -> None:
        """Take the wakeups that have come."""
        if self._is_daemon:
            self._poll.poll(0, 2)
        else:
            self._incoming.acknowledge()
            self._outgoing.acknowledge()

    def wait_for_room(self, other: int) -> bool:
        """Sleep, as a client, until send() may find room, or `other` can be read: True. What came still wakes us."""
        poll = select.poll()
        for descriptor in (self._outgoing.fileno(), other):
            poll.register(descriptor, select.POLLIN)
        ready = poll.poll()
        self._outgoing.acknowledge()
        return any(descriptor == other for descriptor, _ in ready)

    def send(self, data: bytes) -> int:
        """Store what there is room for; return how many bytes. PeerError where the other side cannot be believed."""
        stored: int = lib.ring_send(self._out, data, len(data))
        if stored < 0:
            raise _unbelievable()
        return stored

    def receive(self) -> bytes:
        """Return what has come; b"": nothing, and from now on this side is woken. PeerError."""
        size = lib.ring_receive(self._in, self._room, ROOM)
        if size < 0:
            raise _unbelievable()
        return ffi.unpack(self._room, size)

    def receive_all(self, data: bytes = b"") -> bytes:
        """Return all that has come, after `data`, and be woken from now on. PeerError."""
        while more := self.receive():
            data += more
        return data

    def wait(self, other: int) -> bytes:
        """Sleep until something has come, and return all that has. b"": `other` can be read, or a signal came.

        This side is woken from now on. PeerError.
        """
        return self._came(lib.ring_await(self._in, self._wake, other, self._room, ROOM))

    def ask(self, data: bytes, other: int) -> bytes | None:
        """Send, and return what comes then, as wait() does; None: there was no room, nothing was sent. PeerError."""
        size = lib.ring_ask(self._out, self._in, self._wake, other, data, len(data), self._room, ROOM)
        return None if size == _NO_ROOM else self._came(size)

    def close(self) -> None:
        """Unmap and close; legal twice."""
        self._poll.close()
        self._incoming.close()
        self._outgoing.close()

    def _came(self, size: int) -> bytes:
        if size < 0:
            raise _unbelievable()
        data = ffi.unpack(self._room, size)
        return data if size < ROOM else self.receive_all(data)


def _unbelievable() -> PeerError:
    return PeerError("the other end of a control ring shows an index that cannot be true")
