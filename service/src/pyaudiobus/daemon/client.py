"""One client of the daemon: its connection, what it may do, what it wants to hear of, what it owns."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterable
from typing import Protocol

from pyaudiobus.daemon.access import Credentials, Permissions
from pyaudiobus.daemon.connection import Connection
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import (
    Code,
    Killed,
    Named,
    Nothing,
    ObjectChanged,
    Refusal,
    Right,
    StreamAt,
)
from pyaudiobus.protocol.wire import Message, Unknown, refusal_of
from pyaudiobus.protocol.words import Body, MetadataEntry

GREETING_SECONDS = 5
"""How long a connection may take to say hello."""


class Requests(Protocol):
    """What obeys clients."""

    def handle(self, client: Client, message: Message) -> Answer | None:
        """Do what is asked; None: the answer comes later, by Client.answer()."""

    def client_ended(self, client: Client, reason: str) -> None:
        """Forget a client."""


class Answer:
    """The reply to a request, with descriptors that are duplicated on sending."""

    def __init__(self, body: Body | None = None, descriptors: Iterable[int] = ()) -> None:
        self.body = body or Nothing()
        self.descriptors = tuple(descriptors)


class Denied(AudiobusError):
    """The client may not do that."""


class Client(BusObject):
    """A client as an object of the bus."""

    kind = "client"

    def __init__(
        self,
        serial: int,
        peer: socket.socket,
        credentials: Credentials,
        permissions: Permissions,
        requests: Requests,
        code_of: Callable[[AudiobusError], Code],
    ) -> None:
        super().__init__(serial, f"pid {credentials.pid}", serial)
        self.credentials = credentials
        self.permissions = permissions
        self._requests = requests
        self._code_of = code_of
        self._kinds: frozenset[str] = frozenset()
        self._visible: set[int] = set()
        self._drains: dict[int, Message] = {}
        self._last_tag = 0
        self._connection = Connection(peer, self._hear, self._ended)
        self._patience = asyncio.get_running_loop().call_later(GREETING_SECONDS, self._lose_patience)

    def facts(self) -> Facts:
        """Return what the kernel tells of it."""
        return {
            "pid": self.credentials.pid,
            "uid": self.credentials.uid,
            "gid": self.credentials.gid,
            "executable": self.credentials.executable,
            "cgroup": self.credentials.cgroup,
        }

    def greeted(self) -> None:
        """It has said hello."""
        self._patience.cancel()

    def rights(self, found: BusObject) -> Right:
        """Return what it may do with an object; with its own, everything."""
        if self.serial in (found.owner, found.serial):
            return Right.R | Right.W | Right.X | Right.M | Right.L
        return self.permissions.of(found.serial)

    def close(self, reason: str) -> None:
        """End it."""
        self._connection.close(reason)

    # ---- what it says ----

    def _hear(self, message: Message | Unknown) -> None:
        if isinstance(message, Unknown):
            self._refuse(message, Refusal(Code.NOT_SUPPORTED, f"request {message.opcode} is not known here"))
        else:
            self._handle(message)
        for descriptor in message.descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def _handle(self, message: Message) -> None:
        try:
            answer = self._requests.handle(self, message)
        except AudiobusError as error:
            self._refuse(message, refusal_of(error, self._code_of(error)))
            return
        if answer is not None:
            self.answer(message, answer)

    def answer(self, request: Message, answer: Answer) -> None:
        """Answer a request."""
        data = self._connection.wire.reply(request, answer.body, answer.descriptors)
        self._connection.send(data, answer.descriptors)

    def _refuse(self, request: Message | Unknown, refusal: Refusal) -> None:
        self._connection.send(self._connection.wire.refuse(request, refusal))

    def tell(self, name: str, body: Body, descriptors: Iterable[int] = ()) -> None:
        """Send an event."""
        kept = tuple(descriptors)
        self._connection.send(self._connection.wire.event(name, body, kept), kept)

    def _lose_patience(self) -> None:
        self.close(f"it did not say hello within {GREETING_SECONDS} s")

    def _ended(self, reason: str) -> None:
        self._patience.cancel()
        self._requests.client_ended(self, reason)

    # ---- what it hears of objects ----

    def subscribe(self, kinds: Iterable[str], objects: Iterable[BusObject]) -> None:
        """Tell of these kinds from now on, beginning with what there is."""
        self._kinds = frozenset(kinds)
        for found in objects:
            self.object_added(found)

    def object_added(self, found: BusObject) -> None:
        """Tell of an object it may see."""
        if found.kind in self._kinds and found.serial not in self._visible and self.rights(found) & Right.R:
            self._visible.add(found.serial)
            self.tell("object-added", found.info())

    def object_changed(self, found: BusObject, properties: dict[str, str | None], facts: Facts) -> None:
        """Tell what is different."""
        if found.serial in self._visible:
            self.tell("object-changed", ObjectChanged(found.serial, found.state, properties, facts))

    def object_removed(self, gone: BusObject) -> None:
        """Tell that it is gone."""
        self.permissions.forget(gone.serial)
        if gone.serial in self._visible:
            self._visible.discard(gone.serial)
            self.tell("object-removed", Named(gone.serial))

    def rights_changed(self, found: BusObject) -> None:
        """Let an object come or go with the right to see it."""
        if self.rights(found) & Right.R:
            self.object_added(found)
        elif found.serial in self._visible:
            self._visible.discard(found.serial)
            self.tell("object-removed", Named(found.serial))

    def metadata_changed(self, entry: MetadataEntry) -> None:
        """Tell of an entry."""
        if "metadata" in self._kinds:
            self.tell("metadata-changed", entry)

    # ---- what happens to its streams ----

    def stream_happened(self, stream: BusObject, event: str, index: int) -> None:
        """Tell of an event of a stream."""
        self.tell(event, StreamAt(stream.serial, index))

    def expect_drained(self, request: Message) -> int:
        """Keep a drain's request until it is over; return its tag."""
        self._last_tag += 1
        self._drains[self._last_tag] = request
        return self._last_tag

    def stream_drained(self, stream: BusObject, tag: int) -> None:
        """Answer every drain of this stream up to a tag: what the last one waited for, the earlier ones did too."""
        for known in [
            known for known, request in self._drains.items() if known <= tag and request.body.serial == stream.serial
        ]:
            self.answer(self._drains.pop(known), Answer())

    def stream_gone(self, serial: int) -> None:
        """Refuse the drains of a stream that is gone."""
        for known in [known for known, request in self._drains.items() if request.body.serial == serial]:
            self._refuse(self._drains.pop(known), Refusal(Code.NOT_FOUND, f"stream {serial} is gone"))

    def stream_misbehaved(self, stream: BusObject, reason: str) -> None:
        """End a client that breaks the rules of a ring."""
        self.tell("killed", Killed(stream.serial, reason))
        asyncio.get_running_loop().call_soon(self.close, f"its stream {stream.serial}: {reason}")
