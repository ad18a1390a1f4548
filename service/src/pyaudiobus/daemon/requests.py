"""What clients can ask for, one method for each row of the protocol's table. Rights were checked before."""

from __future__ import annotations

import socket
from collections.abc import Callable

from pyaudiobus import __version__
from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.objects import BusObject, LinkObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.protocol.messages import (
    AttributesSet,
    ClearMetadata,
    Code,
    Cork,
    CreateStream,
    Cycles,
    Entry,
    Hello,
    Move,
    Named,
    Permissions,
    Profile,
    Right,
    SetAttributes,
    SetMute,
    SetPermissions,
    SetProperties,
    SetVolume,
    Subscribe,
    Welcome,
)
from pyaudiobus.protocol.wire import Message, agree
from pyaudiobus.protocol.words import CycleInfo, MetadataEntry, Permission

_CODES: tuple[tuple[type[AudiobusError], Code], ...] = (
    (Denied, Code.ACCESS),
    (NotFound, Code.NOT_FOUND),
    (NotSupported, Code.NOT_SUPPORTED),
    (UserError, Code.INVALID),
)


def code_of(error: AudiobusError) -> Code:
    """Return the protocol's code for an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Code.STATE)


class BusRequests:
    """Obeys the clients of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._methods: dict[str, Callable[[Client, Message], Answer | None]] = {
            name.removeprefix("do_").replace("_", "-"): getattr(self, name)
            for name in dir(self)
            if name.startswith("do_")
        }

    def handle(self, client: Client, message: Message) -> Answer | None:
        """Check a client's rights, and do what it asks."""
        method = self._methods.get(message.name)
        if method is None:
            raise NotSupported(f"{message.name} is not offered by this daemon")
        self._check(client, message.entry, message.body)
        return method(client, message)

    def client_ended(self, client: Client, reason: str) -> None:
        """Forget a client and all it owns."""
        self._bus.client_ended(client, reason)

    def _check(self, client: Client, entry: Entry, body: object) -> None:
        serial = getattr(body, "serial", getattr(body, "subject", getattr(body, "client", None)))
        if not entry.needs or serial is None or serial == 0:
            return
        found = self._bus.registry.get(serial)
        rights = client.rights(found)
        if not rights & Right.R:
            raise NotFound(f"there is no object {serial}")
        missing = entry.needs & ~rights
        if missing:
            raise Denied(
                f"you may not {entry.name} {found.kind} {serial} ({found.name})",
                facts=[f"missing: {', '.join(flag.name or '' for flag in Right if flag & missing)}"],
            )

    # ---- the conversation, objects ----

    def do_hello(self, client: Client, message: Message) -> Answer:
        """Agree on what is spoken."""
        hello: Hello = message.body
        version, features = agree(hello)
        client.name = hello.name or client.name
        client.properties.update(hello.properties)
        client.greeted()
        self._bus.registry.add(client)
        return Answer(Welcome(version, features, client.serial, __version__, socket.gethostname()))

    def do_sync(self, client: Client, message: Message) -> Answer:  # noqa: ARG002  # answered by being answered
        """Answer."""
        return Answer()

    def do_subscribe(self, client: Client, message: Message) -> Answer:
        """Tell of objects and metadata."""
        wish: Subscribe = message.body
        client.subscribe(wish.kinds, self._bus.registry)
        for entry in self._bus.metadata.entries():
            client.metadata_changed(entry)
        return Answer()

    def do_get(self, client: Client, message: Message) -> Answer:  # noqa: ARG002  # rights were checked
        """Return an object."""
        return Answer(self._bus.registry.get(message.body.serial).info())

    def do_set_properties(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Change properties."""
        wish: SetProperties = message.body
        self._bus.set_properties(self._bus.registry.get(wish.serial), wish.changes)
        return Answer()

    def do_destroy(self, client: Client, message: Message) -> Answer:
        """Destroy an object."""
        wish: Named = message.body
        found = self._bus.registry.get(wish.serial)
        if found.owner != client.serial and not client.rights(found) & Right.W:
            raise Denied(f"{found.kind} {found.serial} is not yours to destroy")
        if isinstance(found, Client):
            found.close("it was killed by another client")
        elif isinstance(found, PlaybackStream | RecordStream):
            self._bus.end_stream(found, "" if found.owner == client.serial else "it was ended by another client")
        elif isinstance(found, LinkObject):
            self._bus.registry.remove(found.serial)
        else:
            raise NotSupported(f"{found.kind} {found.serial} ({found.name}) is the daemon's own")
        return Answer()

    # ---- streams ----

    def do_create_stream(self, client: Client, message: Message) -> Answer:
        """Make a stream."""
        wish: CreateStream = message.body
        created, descriptors = self._bus.create_stream(client, wish)
        return Answer(created, descriptors)

    def do_cork(self, client: Client, message: Message) -> Answer:
        """Hold a stream and its group, or let them go on."""
        wish: Cork = message.body
        self._bus.cork(self._stream(client, wish.serial), is_corked=wish.corked)
        return Answer()

    def do_trigger(self, client: Client, message: Message) -> Answer:
        """Play what is there."""
        self._bus.trigger(self._playback(client, message.body.serial))
        return Answer()

    def do_prebuf(self, client: Client, message: Message) -> Answer:
        """Wait for prebuf again."""
        self._bus.rearm(self._playback(client, message.body.serial))
        return Answer()

    def do_flush(self, client: Client, message: Message) -> Answer:
        """Wait for prebuf again; the client has dropped what was queued."""
        stream = self._stream(client, message.body.serial)
        if isinstance(stream, PlaybackStream):
            self._bus.rearm(stream)
        return Answer()

    def do_drain(self, client: Client, message: Message) -> None:
        """Answer when all was heard."""
        self._bus.drain(self._playback(client, message.body.serial), client.expect_drained(message))

    def do_set_attributes(self, client: Client, message: Message) -> Answer:
        """Settle buffer attributes anew."""
        wish: SetAttributes = message.body
        stream = self._stream(client, wish.serial)
        attributes, latency = self._bus.set_attributes(stream, wish)
        return Answer(AttributesSet(attributes, latency))

    def do_set_volume(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Change a node's volume."""
        wish: SetVolume = message.body
        self._bus.set_volume(self._node(wish.serial), wish.gains, None, wish.ramp)
        return Answer()

    def do_set_mute(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Mute a node or not."""
        wish: SetMute = message.body
        self._bus.set_volume(self._node(wish.serial), None, wish.muted, 10)
        return Answer()

    def do_move(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Let a stream play elsewhere."""
        wish: Move = message.body
        found = self._node(wish.serial)
        if not isinstance(found, PlaybackStream):
            raise NotSupported(f"{found.name} is no playback stream; only those can be moved")
        self._bus.move(found, wish.target)
        return Answer()

    # ---- metadata, rights, looking inside ----

    def do_set_metadata(self, client: Client, message: Message) -> Answer:
        """Set an entry."""
        wish: MetadataEntry = message.body
        self._bus.set_metadata(client, wish)
        return Answer()

    def do_clear_metadata(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Remove entries."""
        wish: ClearMetadata = message.body
        self._bus.clear_metadata(wish.subject, wish.key)
        return Answer()

    def do_get_permissions(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Tell what a client may do."""
        other = self._client(message.body.serial)
        return Answer(
            Permissions(tuple(Permission(serial, int(rights)) for serial, rights in other.permissions.entries()))
        )

    def do_set_permissions(self, client: Client, message: Message) -> Answer:
        """Say what a client may do; nobody gives what he has not got."""
        wish: SetPermissions = message.body
        other = self._client(wish.client)
        for permission in wish.permissions:
            given, own = Right(permission.bits), client.permissions.of(permission.object)
            if given & ~own:
                raise Denied("you cannot give rights that you have not got")
        for permission in wish.permissions:
            other.permissions.set(permission.object, Right(permission.bits))
        for found in self._bus.registry:
            other.rights_changed(found)
        return Answer()

    def do_profile(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Tell when a sink's last cycles ran."""
        wish: Profile = message.body
        sink = self._node(wish.serial)
        if not isinstance(sink, PcmSink):
            raise NotSupported(f"{sink.name} has no cycle of its own")
        cycles = (
            CycleInfo(one.due, one.awake, one.finished, one.frames, one.queued) for one in sink.records(wish.most)
        )
        return Answer(Cycles(tuple(cycles)))

    # ---- finding what a request names ----

    def _node(self, serial: int) -> BusObject:
        found = self._bus.registry.get(serial)
        if found.kind != "node":
            raise UserError(f"{found.kind} {serial} is no node")
        return found

    def _stream(self, client: Client, serial: int) -> PlaybackStream | RecordStream:
        found = self._bus.registry.get(serial)
        if not isinstance(found, PlaybackStream | RecordStream):
            raise UserError(f"{found.kind} {serial} is no stream")
        if found.owner != client.serial and not client.rights(found) & Right.W:
            raise Denied(f"stream {serial} is not yours")
        return found

    def _playback(self, client: Client, serial: int) -> PlaybackStream:
        found = self._stream(client, serial)
        if not isinstance(found, PlaybackStream):
            raise UserError(f"stream {serial} records; that is for streams that play")
        return found

    def _client(self, serial: int) -> Client:
        found = self._bus.registry.get(serial)
        if not isinstance(found, Client):
            raise UserError(f"{found.kind} {serial} is no client")
        return found
