"""The bus itself: its objects, its clients, what happens when one goes. Each other matter has a module of its own.

Past 300 lines because what one of these does to the others is decided here.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable
from functools import partial

from pyaudiobus.daemon.access import Permissions, credentials_of, role_of
from pyaudiobus.daemon.admission import Admission
from pyaudiobus.daemon.client import Client, Denied, Requests
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.core import CoreObject
from pyaudiobus.daemon.cycle_node import CycleNode
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.formats import check_gains
from pyaudiobus.daemon.governing import Governing
from pyaudiobus.daemon.links import Links
from pyaudiobus.daemon.metadata import DEFAULT_SINK, TARGET, Metadata
from pyaudiobus.daemon.objects import BusObject, Facts, LinkObject, PortObject
from pyaudiobus.daemon.offload import Offload
from pyaudiobus.daemon.orders import Orders
from pyaudiobus.daemon.params import Params
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.players import Players
from pyaudiobus.daemon.playing import Playing
from pyaudiobus.daemon.questions import Questions
from pyaudiobus.daemon.recording import Recording
from pyaudiobus.daemon.registry import NotFound, Registry
from pyaudiobus.daemon.relays import ClientPort, Relays
from pyaudiobus.daemon.samples import Samples
from pyaudiobus.daemon.static_policy import Sink
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.daemon.waiting import Later, Waiting, WaitingStream
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.model.daemon_settings import DaemonSettings, Role
from pyaudiobus.protocol.messages import CreateLink, CreateStream, Killed, Right, SetAttributes, Suspended
from pyaudiobus.protocol.words import Attributes, Body, EncodedShape, MetadataEntry
from pyaudiobus.systemd.journal import Incidents

log = logging.getLogger("audiobusd")
Stream = PlaybackStream | RecordStream


class LimitReached(AudiobusError):
    """As many as there may be."""


class Bus:
    """One bus. All of it belongs to the control thread."""

    def __init__(self, settings: DaemonSettings) -> None:
        self.settings = settings
        self.registry = Registry()
        self.governing = Governing(self)
        self.core = self.registry.add(
            CoreObject(self.registry.new_serial(), "audiobus", lambda: self.settings, self.governing.facts)
        )
        self.metadata = self.registry.add(Metadata(self.registry.new_serial()))
        self.links = Links(self.registry)
        self.playing = Playing(self)
        self.offload = Offload(self)
        self.recording = Recording(self)
        self.samples = Samples(self)
        self.relays = Relays(self)
        self.params = Params(self)
        self.waiting = Waiting(self)
        self.orders = Orders(self)
        self.admission = Admission(self)
        self.questions = Questions(self)
        self.players = Players(self)
        self.incidents = Incidents(log)
        self.stand_in = 0
        """Serial of the sink that is there because there was no other."""
        self._clients: dict[int, Client] = {}

    def close(self) -> None:
        """End everything: clients, then devices."""
        self.governing.close()
        for client in tuple(self._clients.values()):
            client.close("the daemon stops")
        for found in reversed(tuple(self.registry)):
            self.registry.remove(found.serial)

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` when all that was asked for has reached the cycles, and nothing is on its way."""
        nodes = () if self.registry.is_settled else tuple(self.registry.of_kind(CycleNode))
        left = len(nodes)
        if not left:
            then()
            return

        def one_settled() -> None:
            nonlocal left
            left -= 1
            if left:
                return
            if all(found.is_settled for found in self.registry if not isinstance(found, CycleNode)):
                then()
            else:
                self.settle(then)

        for node in nodes:
            node.settle(one_settled)

    # ---- clients ----

    def accept(self, peer: socket.socket, requests: Requests, socket_role: Role | None) -> None:
        """Take on a client that has connected."""
        limits = self.settings.limits
        if len(self._clients) >= limits.clients:
            self._make_room()
        if len(self._clients) >= limits.clients:
            self.incidents.tell("turned away", f"a client was turned away: there are {limits.clients} already")
            peer.close()
            return
        credentials = credentials_of(peer)
        permissions = Permissions(role_of(credentials, self.settings.access, socket_role))
        serial = self.registry.new_serial()
        client = Client(serial, peer, credentials, permissions, requests=requests, most_unread=limits.unread)
        self._clients[serial] = client

    def _make_room(self) -> None:
        """Let go of who has been there longest without a hello: connections that say nothing keep nobody out."""
        silent = next((client for client in self._clients.values() if client.is_silent), None)
        if silent is not None:
            silent.close("it did not say hello, and others need its place")

    def client(self, serial: int) -> Client | None:
        """Return a client that is connected."""
        return self._clients.get(serial)

    def clients(self) -> Iterable[Client]:
        """List them."""
        return tuple(self._clients.values())

    def client_ended(self, client: Client, reason: str) -> None:
        """Remove a client and all it owns."""
        self.registry.unwatch(client)
        self._clients.pop(client.serial, None)
        self.admission.client_ended(client)
        self.governing.left(client, reason)
        for found in self.registry.owned_by(client.serial):
            if isinstance(found, LinkObject) and found.serial in self.registry:
                self._maker_left(found)
        for found in self.registry.owned_by(client.serial):
            if found is not client:
                self.forget(found)
        self.playing.client_ended(client.serial)
        self._drop_metadata(client.serial)
        self.registry.remove(client.serial)
        told = log.info if reason in ORDINARY_ENDS else log.warning
        told("client %d (%s, pid %d) left: %s", client.serial, _safe(client.name), client.credentials.pid, reason)

    def _maker_left(self, link: LinkObject) -> None:
        """Let go of a link whose maker is gone: another's stream goes back to where it belongs."""
        self.links.part(link)
        if isinstance(link.output, PlaybackStream) and link.output.owner != link.owner and not self._hears(link):
            stream = link.output
            back = partial(self.playing.follow_target, stream, stream.placement.target)
            self.governing.concern(("maker left", stream.serial), back)
        elif isinstance(link.input, RecordStream) and link.input.owner != link.owner:
            self.recording.unlink(link.input)

    def _hears(self, link: LinkObject) -> bool:
        return isinstance(link.input, RecordStream)

    def forget(self, found: BusObject) -> None:
        """Take out an object with all that belongs to it: links first, then ports, then itself."""
        if found.serial not in self.registry:
            return
        self.recording.left_alone(found, f"{_safe(found.name)}, which it heard, is gone")
        is_left = isinstance(found, PcmSink) and self.playing.abandon(found)
        self.forget_parts(found)
        self._drop_metadata(found.serial)
        self.registry.remove(found.serial)
        if is_left:
            self.governing.concern(("gone", found.serial), self.orders.place_waiting)

    def forget_parts(self, found: BusObject) -> None:
        """Take out the links and ports of an object."""
        for port in self.registry.ports_of(found):
            self.links.part_all(port)
            self.registry.remove(port.serial)
        self.links.part_all(found)

    def _drop_metadata(self, subject: int) -> None:
        """Forget what was said about an object that goes, while it is known who knows of it."""
        for entry in self.metadata.clear(subject):
            self._tell_metadata(entry)

    def check_room_for_node(self, client: Client) -> None:
        """LimitReached where a client has as many nodes as it may."""
        most = self.settings.limits.streams
        if sum(1 for found in self.registry.owned_by(client.serial) if found.kind == "node") >= most:
            raise LimitReached(f"a client may have {most} streams and other nodes; this one has as many")

    def tell_owner(self, found: BusObject, event: str, body: Body, descriptors: Iterable[int] = ()) -> None:
        """Tell an event to the client whose object it is, if it is there."""
        owner = self._clients.get(found.owner)
        if owner is not None:
            owner.tell(event, body, descriptors)

    # ---- the daemon's own nodes ----

    def add_node(self, node: CycleNode) -> CycleNode:
        """Make a sink or source known, with its ports."""
        self.registry.add(node)
        is_sink = isinstance(node, PcmSink)
        if is_sink:
            self.registry.add(PortObject(self.registry.new_serial(), node, "input", (str(node.format),)))
        name = "monitor" if is_sink else "output"
        self.registry.add(PortObject(self.registry.new_serial(), node, "output", (str(node.format),), name))
        return node

    def free_name(self, name: str) -> str:
        """Return a name for a sink or source that no other has: one that is taken gets .2, .3 ... behind it."""
        taken = {found.name for found in self.registry if found.properties.get("media.class", "").startswith("Audio/")}
        names = (name if number == 1 else f"{name}.{number}" for number in range(1, len(taken) + 2))
        return next(one for one in names if one not in taken)

    def sinks_for(self, client: Client | None) -> list[Sink]:
        """List the sinks that a client may play on, or all: oldest first, the stand-in and those of clients last."""
        sinks = [found for found in self.registry if isinstance(found, PcmSink | CompressedNode)]
        sinks.sort(key=lambda found: (found.owner != 0, found.serial == self.stand_in))
        if client is not None:
            sinks = [found for found in sinks if Right.R | Right.X in client.rights(found)]
        return list[Sink](sinks)

    def default_sink(self) -> str:
        """Return the name of the default sink, empty where none is set."""
        return self.metadata.value(0, DEFAULT_SINK)

    def node_changed(self, node: BusObject, facts: Facts) -> None:
        """Tell what is different of a node."""
        self.registry.changed(node, facts)
        if facts.get("xruns"):
            self.incidents.tell(f"xrun {node.serial}", f"{node.name} ran dry ({facts['xruns']} times so far)")

    def node_suspended(self, node: CycleNode, *, is_suspended: bool) -> None:
        """Tell the streams of a sink or source that its device was closed, or opened again."""
        streams: list[Stream] = [*getattr(node, "streams", ()), *node.listeners.values()]
        for stream in streams:
            if stream.serial not in self.registry:
                continue
            if is_suspended and stream.placement.fails_on_suspend:
                self.end_stream(stream, f"{node.name} was suspended")
            elif stream.is_told_suspended != is_suspended:
                stream.is_told_suspended = is_suspended
                self.tell_owner(stream, "suspended", Suspended(stream.serial, suspended=is_suspended))

    def node_lost(self, node: CycleNode, reason: str) -> None:
        """Take the streams of a lost sink elsewhere."""
        self.incidents.tell(f"lost {node.serial}", f"{node.name} is lost: {reason}")
        if isinstance(node, PcmSink):
            self.playing.end_faithful(node, reason)
            self.governing.concern(("lost", node.serial), lambda: self.playing.rescue(node))

    def node_found(self, node: CycleNode) -> None:
        """Take streams back to where they belong."""
        self.incidents.tell(f"found {node.serial}", f"{node.name} is there again", logging.INFO)
        self.governing.concern("found", self.playing.take_back)

    # ---- streams ----

    def create_stream(self, client: Client, wish: CreateStream, later: Later) -> None:
        """Make a stream for a client, where the session manager wants it; `later` gets the answer."""
        if wish.direction not in ("playback", "record", "upload"):
            raise UserError(f"a stream cannot be {wish.direction!r}: only playback, record or upload")
        if wish.direction == "upload":
            self.check_room_for_node(client)
            later(self.samples.create(client, wish))
        elif self.governing.governs:
            self.waiting.create(client, wish, later)
        else:
            self.create_statically(client, wish, later)

    def create_statically(self, client: Client, wish: CreateStream, later: Later, serial: int = 0) -> None:
        """Make a stream where the static policy wants it; it may be known by a serial and wait."""
        if not serial:
            self.check_room_for_node(client)
        if wish.direction == "record":
            later(self.recording.create(client, wish, serial))
        elif any(isinstance(shape, EncodedShape) for shape in wish.shapes):
            self.offload.making.create(client, wish, later, serial)
        else:
            later(self.playing.create(client, wish, serial))

    def end_stream(self, stream: BusObject, reason: str) -> None:
        """End a stream; with a reason, tell its client."""
        self.forget(stream)
        if reason:
            self.tell_owner(stream, "killed", Killed(stream.serial, reason))

    def set_attributes(self, stream: Stream, wish: SetAttributes) -> tuple[Attributes, int]:
        """Settle a stream's buffer attributes anew; return them and the latency in ns."""
        if isinstance(stream, PlaybackStream):
            return self.playing.set_attributes(stream, wish)
        return self.recording.set_attributes(stream, wish)

    def set_volume(self, node: BusObject, gains: tuple[float, ...] | None, ramp: int, *, muted: bool | None) -> None:
        """Change what is given of a node's volume."""
        if isinstance(node, PcmSink):
            check_gains(gains or (), node.format.channels)
            is_muted = node.is_muted if muted is None else muted
            node.set_volume(node.gains if gains is None else gains, ramp, is_muted=is_muted)
        elif isinstance(node, PlaybackStream):
            self.playing.set_volume(node, gains, ramp, muted=muted)
        elif isinstance(node, WaitingStream):
            node.set_volume(gains, muted=muted)
            self.registry.changed(node, node.facts())
        elif isinstance(node, CompressedNode):
            node.set_volume(gains, muted=muted)
        elif isinstance(node, EncodedStream) and node.node is not None:  # it has its sink for itself
            node.node.set_volume(gains, muted=muted)
        else:
            raise NotSupported(f"{node.name} has no volume")

    # ---- links that clients make ----

    def link(self, client: Client, wish: CreateLink) -> int:
        """Link what a client names; return the link's serial."""
        output, input_ = (self._end(client, serial) for serial in (wish.output, wish.input))
        owner = 0 if wish.linger else client.serial
        if isinstance(output, ClientPort) and isinstance(input_, ClientPort):
            return self.relays.link(client, output, input_, is_passive=wish.passive, owner=owner)
        output, input_ = _node_of(output), _node_of(input_)
        if isinstance(output, PlaybackStream) and isinstance(input_, PcmSink):
            self._check_may_change(client, output)
            placed = self.playing.placed_on(output, input_)
            return self.playing.carry(output, placed, owner).serial
        if isinstance(input_, RecordStream) and isinstance(output, CycleNode | PlaybackStream):
            self._check_may_change(client, input_)
            self.recording.check_may_hear(client, output)
            reason = "it was linked there"
            link = self.recording.carry(input_, output, reason, owner=owner, is_passive=wish.passive)
            return link.serial
        raise UserError(f"{output.name} cannot be linked to {input_.name}")

    def _end(self, client: Client, serial: int) -> BusObject:
        found = self.registry.get(serial)
        if not client.sees(found):
            raise NotFound(f"there is no object {serial}")
        if not client.rights(found) & Right.X:
            raise Denied(f"you may not link {found.kind} {serial} ({found.name})", facts=["missing: X"])
        if found.kind not in ("node", "port"):
            raise UserError(f"{found.kind} {serial} is neither node nor port")
        return found

    def _check_may_change(self, client: Client, stream: Stream) -> None:
        if not client.rights(stream) & Right.W:
            raise Denied(f"stream {stream.serial} is not yours")

    def unlink(self, link: LinkObject) -> None:
        """Take out a link that somebody destroys."""
        if isinstance(link.input, RecordStream):
            self.recording.unlink(link.input)
        elif isinstance(link.output, PlaybackStream):
            self.playing.unlink(link.output)
        else:
            self.links.part(link)

    # ---- properties and metadata ----

    def set_properties(self, found: BusObject, changes: dict[str, str | None]) -> None:
        """Change properties of an object. What the bus says of it by a property stays."""
        if "media.class" in changes:
            raise UserError("media.class is the bus's own property")
        found.change(changes)
        self.registry.changed(found, properties=changes)

    def set_metadata(self, entry: MetadataEntry) -> None:
        """Set an entry, and do what it asks."""
        owner = self.registry.get(entry.subject).owner if entry.subject else 0
        if not self.metadata.set(entry, owner):
            return
        self._tell_metadata(entry)
        self._obey_metadata(entry.subject, entry.key, entry.value)

    def clear_metadata(self, subject: int, key: str) -> None:
        """Remove entries."""
        for entry in self.metadata.clear(subject, key):
            self._tell_metadata(entry)
            self._obey_metadata(subject, entry.key, "")

    def _obey_metadata(self, subject: int, key: str, value: str) -> None:
        if subject == 0 and key == DEFAULT_SINK:
            self.governing.concern(DEFAULT_SINK, self.playing.follow_default)
        elif key == TARGET and subject in self.registry:
            found = self.registry.get(subject)
            if isinstance(found, PlaybackStream):
                target = "" if value == "-1" else value
                self.governing.concern((TARGET, subject), lambda: self.playing.follow_target(found, target))

    def _tell_metadata(self, entry: MetadataEntry) -> None:
        for client in self.clients():
            if self.knows_subject(client, entry.subject):
                client.metadata_changed(entry)

    def knows_subject(self, client: Client, subject: int) -> bool:
        """Tell whether a client may hear of metadata about a subject."""
        if not client.sees(self.metadata):
            return False
        return subject == 0 or (subject in self.registry and client.sees(self.registry.get(subject)))


ORDINARY_ENDS = (
    "it closed the connection",
    "it said goodbye",
    "its process ended",
    "it went away (Broken pipe)",
    "it went away (Connection reset by peer)",
    "the daemon stops",
)


def _node_of(found: BusObject) -> BusObject:
    return found.node if isinstance(found, PortObject) and not isinstance(found, ClientPort) else found


def _safe(text: str) -> str:
    """Return somebody's text on one line and not too long, for the log."""
    return "".join(char if char.isprintable() else "?" for char in text[:64])
