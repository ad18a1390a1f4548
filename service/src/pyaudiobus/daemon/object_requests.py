"""What clients can ask of the bus and its objects: a method for each row of the table. Rights were checked before."""

from __future__ import annotations

import socket

from pyaudiobus import __version__
from pyaudiobus.daemon.admission import check_marks
from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.client_sinks import create_client_sink, is_client_sink
from pyaudiobus.daemon.cycle_node import CycleNode
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.objects import BusObject, LinkObject, PortObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.players import PlayerObject
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.relays import ClientNode, ClientPort
from pyaudiobus.daemon.samples import Sample, Upload
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.daemon.waiting import WaitingStream
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.protocol.messages import (
    ClearMetadata,
    Created,
    Cycles,
    EnumParams,
    Hello,
    Named,
    Params,
    Permissions,
    Profile,
    Right,
    SetParam,
    SetPermissions,
    SetProperties,
    Subscribe,
    Welcome,
)
from pyaudiobus.protocol.wire import Message, agree
from pyaudiobus.protocol.words import CycleInfo, MetadataEntry, Permission

EVERYTHING = 0
_DONE = Answer()


class ObjectRequests:
    """The conversation, objects, links, client nodes, metadata, rights."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    # ---- the conversation ----

    def do_hello(self, client: Client, message: Message) -> None:
        """Agree on what is spoken, and answer when it is known what the client may do."""
        hello: Hello = message.body
        version, features = agree(hello)
        check_marks(client, hello.properties)
        client.change(dict(hello.properties))
        client.name = hello.name or client.name
        client.greeted()
        self._bus.registry.add(client)
        welcome = Welcome(version, features, client.serial, __version__, socket.gethostname())
        self._bus.admission.arrive(client, lambda: client.answer(message, Answer(welcome)))

    def do_sync(self, client: Client, message: Message) -> None:
        """Answer when all that was asked before has reached the cycles."""
        self._bus.settle(lambda: client.answer(message, _DONE))

    def do_subscribe(self, client: Client, message: Message) -> Answer:
        """Tell of objects and metadata."""
        wish: Subscribe = message.body
        self._bus.registry.watch(client)
        client.subscribe(wish.kinds, self._bus.registry)
        for entry in self._bus.metadata.entries():
            if self._bus.knows_subject(client, entry.subject):
                client.metadata_changed(entry)
        return Answer()

    def do_use_rings(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Go on through rings."""
        return client.rings()

    # ---- objects ----

    def do_get(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Return an object."""
        return Answer(self._bus.registry.get(message.body.serial).info())

    def do_set_properties(self, client: Client, message: Message) -> Answer:
        """Change properties."""
        wish: SetProperties = message.body
        check_marks(client, wish.changes)
        self._bus.set_properties(self._bus.registry.get(wish.serial), wish.changes)
        return Answer()

    def do_enum_params(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """List a param."""
        wish: EnumParams = message.body
        return Answer(Params(self._bus.params.enum(self._bus.registry.get(wish.serial), wish.param)))

    def do_set_param(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Set a param."""
        wish: SetParam = message.body
        self._bus.params.set(self._bus.registry.get(wish.serial), wish.param, wish.value)
        return Answer()

    def do_destroy(self, client: Client, message: Message) -> Answer:
        """Destroy an object."""
        wish: Named = message.body
        found = self._bus.registry.get(wish.serial)
        is_own = client.serial in (found.owner, found.serial)
        if not is_own and not client.rights(found) & Right.W:
            raise Denied(f"{found.kind} {found.serial} ({found.name}) is not yours to destroy")
        self._destroy(found, is_own=is_own)
        return Answer()

    def _destroy(self, found: BusObject, *, is_own: bool) -> None:
        if isinstance(found, Client):
            found.close("it said goodbye" if is_own else "it was killed by another client")
        elif isinstance(found, PlaybackStream | RecordStream | EncodedStream | WaitingStream):
            self._bus.end_stream(found, "" if is_own else "it was ended by another client")
        elif isinstance(found, LinkObject):
            self._bus.unlink(found)
        elif isinstance(found, ClientNode | ClientPort | Upload | Sample | PlayerObject):
            self._bus.forget(found)
        elif isinstance(found, PortObject):
            raise NotSupported(f"port {found.serial} goes with its node {found.node.serial} only")
        elif isinstance(found, PcmSink) and found.owner:
            self._bus.forget(found)
        else:
            raise NotSupported(f"{found.kind} {found.serial} ({found.name}) is the daemon's own")

    def do_create_link(self, client: Client, message: Message) -> Answer:
        """Link two nodes or ports."""
        return Answer(Created(self._bus.link(client, message.body)))

    # ---- nodes of clients ----

    def do_create_node(self, client: Client, message: Message) -> Answer:
        """Make a node whose work the client does, or a sink that is mixed for it."""
        self._bus.check_room_for_node(client)
        if is_client_sink(message.body):
            return Answer(Created(create_client_sink(self._bus, client, message.body)))
        return Answer(Created(self._bus.relays.create_node(client, message.body)))

    def do_add_port(self, client: Client, message: Message) -> Answer:
        """Add a port to it."""
        return Answer(Created(self._bus.relays.add_port(client, message.body)))

    def do_share_buffers(self, client: Client, message: Message) -> Answer:
        """Share memory through a port."""
        self._bus.relays.share(client, message.body, message.descriptors)
        return Answer()

    # ---- metadata ----

    def do_set_metadata(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Set an entry."""
        wish: MetadataEntry = message.body
        if not wish.type:
            raise UserError("an entry has a type; without one it would look like one that was removed")
        self._bus.set_metadata(wish)
        return Answer()

    def do_clear_metadata(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Remove entries."""
        wish: ClearMetadata = message.body
        self._bus.clear_metadata(wish.subject, wish.key)
        return Answer()

    # ---- rights ----

    def do_get_permissions(self, client: Client, message: Message) -> Answer:
        """Tell what a client may do, as far as the asker knows the objects."""
        other = self._client(message.body.serial)
        known = (found for found in self._bus.registry if client.sees(found))
        entries = other.permissions.entries(known)
        return Answer(Permissions(tuple(Permission(serial, int(rights)) for serial, rights in entries)))

    def do_set_permissions(self, client: Client, message: Message) -> Answer:
        """Say what a client may do; nobody gives what he has not got."""
        wish: SetPermissions = message.body
        other = self._client(wish.client)
        for permission in wish.permissions:
            self._check_may_give(client, permission)
        self._bus.admission.permit(other, wish.permissions)
        return Answer()

    def _check_may_give(self, client: Client, permission: Permission) -> None:
        if permission.object == EVERYTHING:
            own = client.permissions.default()
        else:
            found = self._bus.registry.get(permission.object)
            if not client.sees(found):
                raise NotFound(f"there is no object {permission.object}")
            own = client.rights(found)
        if Right(permission.bits) & ~own:
            raise Denied("you cannot give rights that you have not got", facts=[f"object {permission.object}"])

    def _client(self, serial: int) -> Client:
        found = self._bus.registry.get(serial)
        if not isinstance(found, Client):
            raise UserError(f"{found.kind} {serial} is no client")
        return found

    # ---- looking inside ----

    def do_profile(self, client: Client, message: Message) -> Answer:  # noqa: ARG002
        """Tell when a device's last cycles ran."""
        wish: Profile = message.body
        node = self._bus.registry.get(wish.serial)
        if not isinstance(node, CycleNode):
            raise NotSupported(f"{node.name} has no cycle of its own")
        cycles = (
            CycleInfo(one.due, one.awake, one.finished, one.frames, one.queued) for one in node.records(wish.most)
        )
        return Answer(Cycles(tuple(cycles)))
