"""One client of the daemon: its connection, what it may do, what it wants to hear of, what it owns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterable
from typing import Protocol

from pyaudiobus.daemon.access import Credentials, Permissions
from pyaudiobus.daemon.connection import Connection
from pyaudiobus.daemon.discretion import discreet, discreet_refusal, is_about_all
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.registry import added, removed
from pyaudiobus.daemon.telling import Telling
from pyaudiobus.engine.duplex import Duplex
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import (
    Code,
    Killed,
    Nothing,
    Refusal,
    Right,
    StreamAt,
)
from pyaudiobus.protocol.wire import Message, Unknown, refusal_of
from pyaudiobus.protocol.words import Body, MetadataEntry

log = logging.getLogger("audiobusd")
MOST_GROUP_TEXT = 1024
"""Characters of a client's groups that are told."""
GREETING_SECONDS = 5
"""How long a connection may take to say hello."""
NONE = Right(0)
SEE = int(Right.R)
OWN = Right.R | Right.W | Right.X | Right.M | Right.L


class Requests(Protocol):
    """What obeys clients."""

    def handle(self, client: Client, message: Message) -> Answer | None:
        """Do what is asked; None: the answer comes later, by Client.answer()."""

    def code_of(self, error: AudiobusError) -> Code:
        """Return the protocol's code for an error."""

    def client_ended(self, client: Client, reason: str) -> None:
        """Forget a client."""


class Answer:
    """The reply to a request, with descriptors that are duplicated on sending."""

    def __init__(
        self, body: Body | None = None, descriptors: Iterable[int] = (), then: Callable[[], None] = lambda: None
    ) -> None:
        """Make an answer; `then` is called when the descriptors are not needed any more."""
        self.body = body or Nothing()
        self.descriptors = tuple(descriptors)
        self.then = then


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
        *,
        requests: Requests,
        most_unread: int,
    ) -> None:
        super().__init__(serial, f"pid {credentials.pid}", serial)
        self.credentials = credentials
        self.permissions = permissions
        self._requests = requests
        self._kinds: frozenset[str] = frozenset()
        self._visible: set[int] = set()
        self._loop = asyncio.get_running_loop()
        self._connection = Connection(peer, self._hear, self._ended, most_unread)
        self._process = self._watch_process(credentials.pid)
        self._patience = self._loop.call_later(GREETING_SECONDS, self._lose_patience)

    def facts(self) -> Facts:
        """Return what the kernel tells of it."""
        return {
            "pid": self.credentials.pid,
            "uid": self.credentials.uid,
            "gid": self.credentials.gid,
            "executable": self.credentials.executable,
            "cgroup": self.credentials.cgroup,
            "groups": " ".join(map(str, self.credentials.groups))[:MOST_GROUP_TEXT],
            "socket": self.credentials.socket,
            "role": self.permissions.role.value,
        }

    def speaks(self, feature: str) -> bool:
        """Tell whether it knows the messages of a feature."""
        return feature in self._connection.wire.features

    def greeted(self) -> None:
        """It has said hello."""
        self._patience.cancel()

    @property
    def is_silent(self) -> bool:
        """Whether it has not said hello yet."""
        return not self._patience.cancelled()

    def rights(self, found: BusObject) -> Right:
        """Return what it may do with an object; with its own, everything; with a part of what it may not see, nothing.

        A port belongs to its node and a link to its ends.
        """
        for part in found.parts():
            if not self.sees(part):
                return NONE
        if self.serial in (found.owner, found.serial):
            return OWN
        return self.permissions.of(found, self.serial)

    def sees(self, found: BusObject) -> bool:
        """Tell whether an object exists for it."""
        return bool(int(self.rights(found)) & SEE)

    def close(self, reason: str) -> None:
        """End it."""
        self._connection.close(reason)

    def rings(self) -> Answer:
        """Return the answer after which the conversation goes through rings. AudiobusError."""
        self._connection.check_may_use_rings()
        rings = Duplex.create()

        def switch() -> None:
            rings.give_away()
            self._connection.use_rings(rings)

        return Answer(Nothing(), rings.descriptors, switch)

    def _watch_process(self, pid: int) -> int:
        """Let the end of the process that connected be the client's, whoever else has its socket. -1: not known."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:  # it ended before it was taken on, and a child may have its socket
            self._loop.call_soon(self._process_ended)
            return -1
        except (OSError, OverflowError):
            return -1
        self._loop.add_reader(descriptor, self._process_ended)
        return descriptor

    def _process_ended(self) -> None:
        self.close("its process ended")

    # ---- what it says ----

    def _hear(self, message: Message | Unknown) -> None:
        try:
            if not isinstance(message, Message):
                self._refuse(message, Refusal(Code.NOT_SUPPORTED, f"{message.name} is not known here"))
            elif (answer := self._requests.handle(self, message)) is not None:
                self.answer(message, answer)
        except AudiobusError as error:
            self._refuse(message, refusal_of(error, self._requests.code_of(error)))
        except Exception:
            log.exception("a mistake of the daemon while client %d asked for %s", self.serial, message.name)
            self._refuse(
                message, Refusal(Code.INTERNAL, f"{message.name} failed: a mistake of the daemon, see its log")
            )
        for descriptor in message.descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def answer(self, request: Message, answer: Answer) -> None:
        """Answer a request."""
        try:
            body = discreet(answer.body) if self.permissions.hides else answer.body
            data = self._connection.wire.reply(request, body, answer.descriptors)
            self._connection.send(data, answer.descriptors)
        finally:
            answer.then()

    def refuse(self, request: Message, error: AudiobusError) -> None:
        """Refuse a request whose answer was to come later."""
        self._refuse(request, refusal_of(error, self._requests.code_of(error)))

    def _refuse(self, request: Message | Unknown, refusal: Refusal) -> None:
        told = discreet_refusal(refusal) if self.permissions.hides else refusal
        self._connection.send(self._connection.wire.refuse(request, told))

    def tell(self, name: str, body: Body, descriptors: Iterable[int] = ()) -> None:
        """Send an event, without what the client may not know."""
        self._tell_plainly(name, discreet(body) if self.permissions.hides else body, descriptors)

    def _tell_plainly(self, name: str, body: Body, descriptors: Iterable[int] = ()) -> None:
        kept = tuple(descriptors)
        self._send_event(name, lambda: self._connection.wire.event(name, body, kept), kept)

    def _pass_on(self, told: Telling) -> None:
        """Send an event that others hear too, without what the client may not know."""
        wire, is_discreet = self._connection.wire, self.permissions.hides
        self._send_event(told.name, lambda: told.data(wire, is_discreet=is_discreet), ())

    def _send_event(self, name: str, data: Callable[[], bytes], descriptors: tuple[int, ...]) -> None:
        try:
            self._connection.send(data(), descriptors)
        except ValueError:
            log.exception("a mistake of the daemon: %s cannot be told to client %d", name, self.serial)

    def _lose_patience(self) -> None:
        self.close(f"it did not say hello within {GREETING_SECONDS} s")

    def _ended(self, reason: str) -> None:
        self._patience.cancel()
        if self._process >= 0:
            self._loop.remove_reader(self._process)
            os.close(self._process)
        self._requests.client_ended(self, reason)

    # ---- what it hears of objects ----

    def subscribe(self, kinds: Iterable[str], objects: Iterable[BusObject]) -> None:
        """Tell of these kinds from now on, beginning with all that there is, told before or not."""
        self._kinds = frozenset(kinds)
        self._visible.clear()
        for found in objects:
            self.object_added(found, added(found))

    def object_added(self, found: BusObject, told: Telling) -> None:
        """Tell of an object it may see."""
        if found.kind in self._kinds and found.serial not in self._visible and self.sees(found):
            self._visible.add(found.serial)
            self._pass_on(told)

    def object_changed(self, found: BusObject, told: Telling) -> None:
        """Tell what is different."""
        if found.serial in self._visible:
            self._pass_on(told)

    def object_removed(self, gone: BusObject, told: Telling) -> None:
        """Tell that it is gone."""
        self.permissions.forget(gone.serial)
        self._lose_sight(gone, told)

    def rights_changed(self, objects: Iterable[BusObject]) -> None:
        """Let objects come or go with the right to see them: what they are made of first, and last to go."""
        known = list(objects)
        for found in reversed(known):
            if not self.sees(found):
                self._lose_sight(found, removed(found))
        for found in known:
            self.object_added(found, added(found))

    def _lose_sight(self, found: BusObject, told: Telling) -> None:
        if found.serial in self._visible:
            self._visible.discard(found.serial)
            self._pass_on(told)

    def metadata_changed(self, entry: MetadataEntry) -> None:
        """Tell of an entry."""
        if "metadata" in self._kinds and (is_about_all(entry) or not self.permissions.hides):
            self.tell("metadata-changed", entry)

    # ---- what happens to its streams ----

    def stream_happened(self, stream: BusObject, event: str, index: int) -> None:
        """Tell of an event of a stream."""
        self.tell(event, StreamAt(stream.serial, index))

    def stream_misbehaved(self, stream: BusObject, reason: str) -> None:
        """End a client that breaks the rules of a ring."""
        self._tell_plainly("killed", Killed(stream.serial, reason))
        self._loop.call_soon(self.close, f"its stream {stream.serial}: {reason}")
