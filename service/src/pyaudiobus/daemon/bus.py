"""The bus itself: clients, sinks, streams, links, metadata, and what may be done with them."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable

from pyaudiobus.daemon.access import Permissions, credentials_of, default_rights
from pyaudiobus.daemon.client import Client, Denied, Requests
from pyaudiobus.daemon.metadata import DEFAULT_SINK, DEFAULT_SOURCE, Metadata
from pyaudiobus.daemon.objects import BusObject, CoreObject, Facts, LinkObject, PortObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.registry import NotFound, Registry
from pyaudiobus.daemon.static_policy import Placed, choose_sink
from pyaudiobus.daemon.streams import PlaybackStream, RecordStream
from pyaudiobus.engine.driver import Driver, SampleCode, null_device
from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.model.buffering import (
    LatencyMode,
    PlaybackBuffering,
    RecordBuffering,
    settle_playback,
    settle_record,
)
from pyaudiobus.model.channels import remix, with_volume
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import (
    AttributesChanged,
    CreateStream,
    Killed,
    Moved,
    Right,
    SetAttributes,
    StreamCreated,
)
from pyaudiobus.protocol.words import Attributes, MetadataEntry, PcmShape, Shape

log = logging.getLogger("audiobusd")
MAX_CLIENTS = 256
MAX_STREAMS_OF_A_CLIENT = 64


class Bus:
    """One bus. All of it belongs to the control thread."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.core = self.registry.add(CoreObject(self.registry.new_serial(), "audiobus"))
        self.metadata = self.registry.add(Metadata(self.registry.new_serial()))
        self._clients: dict[int, Client] = {}
        self._links: dict[int, LinkObject] = {}
        """By the serial of the stream."""

    def close(self) -> None:
        """End everything: clients, then devices."""
        for client in tuple(self._clients.values()):
            client.close("the daemon stops")
        for found in tuple(self.registry):
            self.registry.remove(found.serial)

    # ---- clients ----

    def accept(self, peer: socket.socket, requests: Requests, code_of: object) -> None:
        """Take on a client that has connected."""
        if len(self._clients) >= MAX_CLIENTS:
            log.warning("a client was turned away: there are %d already", MAX_CLIENTS)
            peer.close()
            return
        credentials = credentials_of(peer)
        serial = self.registry.new_serial()
        permissions = Permissions(default_rights(credentials))
        client = Client(serial, peer, credentials, permissions, requests, code_of)  # type: ignore[arg-type]
        self._clients[serial] = client
        self.registry.watch(client)

    def client_ended(self, client: Client, reason: str) -> None:
        """Remove a client and all it owns."""
        self.registry.unwatch(client)
        self._clients.pop(client.serial, None)
        for found in self.registry.owned_by(client.serial):
            if found is not client:
                self._forget(found)
        self.registry.remove(client.serial)
        log.info("client %d (%s) left: %s", client.serial, client.name, reason)

    def _forget(self, found: BusObject) -> None:
        link = self._links.pop(found.serial, None)
        if link is not None:
            self.registry.remove(link.serial)
        for port in self.registry.of_kind(PortObject):
            if port.node is found:
                self.registry.remove(port.serial)
        self.registry.remove(found.serial)
        for entry in self.metadata.clear(found.serial):
            self._tell_metadata(entry)

    # ---- sinks ----

    def add_null_sink(self, name: str, form: PcmFormat, properties: dict[str, str] | None = None) -> PcmSink:
        """Make a sink that nobody hears."""
        device = null_device(form.rate, form.channels, SampleCode[form.encoding.name], 4 * form.rate)
        driver = Driver(device, form.rate // 50)
        return self._add_sink(PcmSink(self.registry.new_serial(), name, driver, form, self._tell, properties or {}))

    def _add_sink(self, sink: PcmSink) -> PcmSink:
        self.registry.add(sink)
        self.registry.add(PortObject(self.registry.new_serial(), sink, "input", (str(sink.format),)))
        return sink

    def sinks(self) -> Iterable[PcmSink]:
        """List the sinks, oldest first."""
        return self.registry.of_kind(PcmSink)

    def default_sink(self) -> str:
        """Return the name of the default sink, empty where none is set."""
        return self.metadata.value(0, DEFAULT_SINK)

    def _tell(self, found: BusObject, facts: Facts) -> None:
        self.registry.changed(found, facts)

    # ---- streams ----

    def create_stream(self, client: Client, wish: CreateStream) -> tuple[StreamCreated, tuple[int, ...]]:
        """Make a stream for a client; return what to answer, and the descriptors of its ring."""
        own = sum(1 for found in self.registry.owned_by(client.serial) if found.kind == "node")
        if own >= MAX_STREAMS_OF_A_CLIENT:
            raise AudiobusError(f"a client may have {MAX_STREAMS_OF_A_CLIENT} streams; this one has as many")
        if wish.direction == "playback":
            return self._create_playback(client, wish)
        if wish.direction == "record":
            return self._create_record(client, wish)
        raise NotSupported(f"a stream cannot be {wish.direction!r}: only playback and record")

    def _create_playback(self, client: Client, wish: CreateStream) -> tuple[StreamCreated, tuple[int, ...]]:
        placed = choose_sink(wish.target, self.default_sink(), self._visible_sinks(client))
        form = _pcm_format(wish.shapes, placed.sink.format.rate)
        stream = PlaybackStream(
            self.registry.new_serial(), wish.name or client.name, client.serial, form, client, dict(wish.properties)
        )
        stream.asked = _playback_wish(wish.attributes)
        stream.mode = _mode(wish.adjust_latency, wish.early_requests)
        stream.is_corked, stream.is_muted, stream.gains = wish.corked, wish.muted, wish.volume
        stream.may_move, stream.sync_group = not wish.dont_move, wish.sync_group
        with_volume(remix(("MONO",) * form.channels, ("MONO",) * form.channels), stream.gains)
        self._check_group(stream, placed.sink)
        latency = self._settle(stream, placed.sink)
        stream.ring = RingConsumer.create(stream.buffering.maxlength, form.frame_size)
        self._link(stream, placed)
        self.registry.add(stream)
        self.registry.add(PortObject(self.registry.new_serial(), stream, "output", (str(form),)))
        self._add_link(stream, placed)
        return _created(
            stream, placed.sink, _attributes(stream.buffering), latency, placed.reason
        ), stream.ring.descriptors

    def _visible_sinks(self, client: Client) -> list[PcmSink]:
        return [sink for sink in self.sinks() if Right.R | Right.X in client.rights(sink)]

    def _settle(self, stream: PlaybackStream, sink: PcmSink) -> int:
        """Settle buffer attributes with a sink; return its latency in ns."""
        stream.buffering, latency = settle_playback(
            stream.asked, stream.clock, stream.mode, lambda usec: sink.grant_latency(stream.serial, usec)
        )
        return latency * 1000

    def _link(self, stream: PlaybackStream, placed: Placed) -> None:
        placed.sink.admit(stream)
        stream.leave = lambda: placed.sink.dismiss(stream, stream.ring.close)

    def _add_link(self, stream: PlaybackStream, placed: Placed) -> None:
        link = LinkObject(self.registry.new_serial(), stream.owner, stream, placed.sink, placed.reason)
        self._links[stream.serial] = self.registry.add(link)

    def _check_group(self, stream: PlaybackStream, sink: PcmSink) -> None:
        others = self._group(stream)
        if any(other not in sink.streams or not other.is_corked for other in others):
            raise UserError("streams of a group are made corked, and all on one sink")

    def _group(self, stream: PlaybackStream) -> list[PlaybackStream]:
        """List the other streams of a stream's group."""
        return [
            other
            for other in self.registry.of_kind(PlaybackStream)
            if stream.sync_group
            and other.sync_group == stream.sync_group
            and other.owner == stream.owner
            and other is not stream
        ]

    def _sink_of(self, stream: PlaybackStream) -> PcmSink:
        sink = self._links[stream.serial].input
        if not isinstance(sink, PcmSink):
            raise NotSupported(f"{sink.name} does not mix")
        return sink

    def _create_record(self, client: Client, wish: CreateStream) -> tuple[StreamCreated, tuple[int, ...]]:
        sink, heard = self._listened_to(client, wish.target)
        form = _pcm_format(wish.shapes, sink.format.rate).replace(channels=sink.format.channels, channel_map=sink.map)
        stream = RecordStream(
            self.registry.new_serial(), wish.name or client.name, client.serial, form, dict(wish.properties)
        )
        asked = RecordBuffering(wish.attributes.maxlength, wish.attributes.fragsize)
        mode = _mode(wish.adjust_latency, wish.early_requests)
        stream.buffering, latency = settle_record(asked, stream.clock, mode, lambda usec: usec)
        stream.ring = RingProducer.create(stream.buffering.maxlength, form.frame_size)
        sink.listen(stream, heard)
        stream.leave = lambda: sink.unlisten(stream, stream.ring.close)
        self.registry.add(stream)
        attributes = Attributes(stream.buffering.maxlength, fragsize=stream.buffering.fragsize)
        reason = "it was asked for"
        return _created(stream, sink, attributes, latency * 1000, reason), stream.ring.descriptors

    def _listened_to(self, client: Client, target: str) -> tuple[PcmSink, PlaybackStream | None]:
        """Return the sink to listen to, and the one stream in it, or None for all."""
        wanted = target or self.metadata.value(0, DEFAULT_SOURCE) or self.default_sink()
        for found in self.registry:
            if wanted in (found.name, str(found.serial)) and client.rights(found) & Right.R:
                if isinstance(found, PcmSink | PlaybackStream) and not client.rights(found) & Right.L:
                    raise Denied(f"you may not listen to {found.name}", advice="A manager can give you the right l.")
                if isinstance(found, PcmSink):
                    return found, None
                if isinstance(found, PlaybackStream):
                    return self._sink_of(found), found
        raise NotFound(f"there is nothing called {wanted!r} to record from")

    def end_stream(self, stream: PlaybackStream | RecordStream, reason: str) -> None:
        """End a stream; with a reason, tell its client."""
        owner = self._clients.get(stream.owner)
        self._forget(stream)
        if owner is not None:
            owner.stream_gone(stream.serial)
            if reason:
                owner.tell("killed", Killed(stream.serial, reason))

    def cork(self, stream: PlaybackStream | RecordStream, *, is_corked: bool) -> None:
        """Cork or uncork a stream and its group."""
        if isinstance(stream, RecordStream):
            raise NotSupported("a record stream cannot be corked yet")
        together = [stream, *self._group(stream)]
        for one in together:
            one.is_corked = is_corked
        self._sink_of(stream).cork(together, is_corked=is_corked)
        for one in together:
            self.registry.changed(one, {"corked": is_corked})

    def trigger(self, stream: PlaybackStream) -> None:
        """Play without prebuf."""
        self._sink_of(stream).trigger([stream, *self._group(stream)])

    def rearm(self, stream: PlaybackStream) -> None:
        """Wait for prebuf again."""
        self._sink_of(stream).rearm([stream, *self._group(stream)])

    def drain(self, stream: PlaybackStream, tag: int) -> None:
        """Have stream_drained() called with a tag."""
        self._sink_of(stream).drain(stream, tag)

    def set_attributes(self, stream: PlaybackStream | RecordStream, wish: SetAttributes) -> tuple[Attributes, int]:
        """Settle buffer attributes anew; the ring's size is what it was."""
        mode = _mode(wish.adjust_latency, wish.early_requests)
        if isinstance(stream, RecordStream):
            asked = RecordBuffering(wish.attributes.maxlength, wish.attributes.fragsize)
            stream.buffering, latency = settle_record(asked, stream.clock, mode, lambda usec: usec)
            return Attributes(stream.buffering.maxlength, fragsize=stream.buffering.fragsize), latency * 1000
        capacity = stream.ring.capacity // stream.format.frame_size * stream.format.frame_size
        stream.asked = _playback_wish(wish.attributes)
        if not 0 <= stream.asked.maxlength <= capacity:
            stream.asked = stream.asked.replace(maxlength=capacity)
        stream.mode = mode
        sink = self._sink_of(stream)
        latency = self._settle(stream, sink)
        sink.set_prebuf(stream)
        return _attributes(stream.buffering), latency

    def set_volume(
        self,
        node: BusObject,
        gains: tuple[float, ...] | None,
        muted: bool | None,
        ramp: int,  # noqa: FBT001
    ) -> None:
        """Change what is given of a node's volume."""
        if isinstance(node, PcmSink):
            is_muted = node.is_muted if muted is None else muted
            node.set_volume(node.gains if gains is None else gains, ramp, is_muted=is_muted)
        elif isinstance(node, PlaybackStream):
            self._set_stream_volume(node, gains, muted, ramp)
        else:
            raise NotSupported(f"{node.name} has no volume")

    def _set_stream_volume(
        self,
        stream: PlaybackStream,
        gains: tuple[float, ...] | None,
        muted: bool | None,
        ramp: int,  # noqa: FBT001
    ) -> None:
        if gains is not None:
            if len(gains) not in (0, 1, stream.format.channels):
                raise UserError(f"{len(gains)} volumes do not fit {stream.format.channels} channels")
            stream.gains = gains
        stream.is_muted = stream.is_muted if muted is None else muted
        self._sink_of(stream).follow_volume(stream, ramp)
        facts = stream.facts()
        self.registry.changed(stream, {"volume": facts["volume"], "muted": facts["muted"]})

    def move(self, stream: PlaybackStream, target: str) -> None:
        """Let a stream play on another sink, from the very byte where it stopped."""
        if not stream.may_move or stream.sync_group:
            raise UserError(f"stream {stream.serial} does not want to be moved, or belongs to a group")
        placed = choose_sink(target, self.default_sink(), self.sinks())
        old = self._sink_of(stream)
        if placed.sink is not old:
            self.registry.remove(self._links.pop(stream.serial).serial)
            self._add_link(stream, placed)
            old.dismiss(stream, lambda: self._arrive(stream, placed))

    def _arrive(self, stream: PlaybackStream, placed: Placed) -> None:
        if self._links.get(stream.serial) is None:  # it was ended on the way
            stream.ring.close()
            return
        latency = self._settle(stream, placed.sink)
        self._link(stream, placed)
        owner = self._clients[stream.owner]
        owner.tell(
            "moved",
            Moved(
                stream.serial,
                placed.sink.serial,
                placed.sink.name,
                _attributes(stream.buffering),
                latency,
                suspended=False,
                reason=placed.reason,
            ),
        )

    def tell_attributes(self, stream: PlaybackStream, latency: int) -> None:
        """Tell a client that its stream's buffer attributes are others."""
        attributes = AttributesChanged(stream.serial, _attributes(stream.buffering), latency)
        self._clients[stream.owner].tell("attributes-changed", attributes)

    # ---- properties and metadata ----

    def set_properties(self, found: BusObject, changes: dict[str, str | None]) -> None:
        """Change properties of an object."""
        for key, value in changes.items():
            if value is None:
                found.properties.pop(key, None)
            else:
                found.properties[key] = value
        self.registry.changed(found, properties=changes)

    def set_metadata(self, client: Client, entry: MetadataEntry) -> None:
        """Set an entry; those about the bus itself need the right m on the metadata."""
        about = self.registry.get(entry.subject) if entry.subject else self.metadata
        if not client.rights(about) & Right.M:
            raise Denied(f"you may not set metadata about {about.name}")
        if self.metadata.set(entry):
            self._tell_metadata(entry)

    def clear_metadata(self, subject: int, key: str) -> None:
        """Remove entries."""
        for entry in self.metadata.clear(subject, key):
            self._tell_metadata(entry)

    def _tell_metadata(self, entry: MetadataEntry) -> None:
        for client in tuple(self._clients.values()):
            client.metadata_changed(entry)


def _pcm_format(shapes: tuple[Shape, ...], rate: int) -> PcmFormat:
    """Return the first PCM shape at the sink's rate: conversion is the client's."""
    for shape in shapes:
        if isinstance(shape, PcmShape) and shape.rate == rate:
            return PcmFormat(Encoding(shape.encoding), shape.rate, shape.channels, shape.channel_map)
    offered = ", ".join(str(shape) for shape in shapes) or "nothing"
    raise UserError(
        f"the sink plays PCM at {rate} Hz, and the stream offers {offered}",
        advice="The client library converts: offer PCM at the sink's rate too.",
    )


def _playback_wish(attributes: Attributes) -> PlaybackBuffering:
    return PlaybackBuffering(attributes.maxlength, attributes.tlength, attributes.prebuf, attributes.minreq)


def _attributes(buffering: PlaybackBuffering) -> Attributes:
    return Attributes(buffering.maxlength, buffering.tlength, buffering.prebuf, buffering.minreq)


def _mode(adjust: bool, early: bool) -> LatencyMode:  # noqa: FBT001  # two flags of the protocol
    if adjust and early:
        raise UserError("adjust_latency and early_requests exclude each other")
    return LatencyMode.ADJUST if adjust else LatencyMode.EARLY_REQUESTS if early else LatencyMode.TRADITIONAL


def _created(
    stream: PlaybackStream | RecordStream, sink: PcmSink, attributes: Attributes, latency: int, reason: str
) -> StreamCreated:
    form = stream.format
    shape = PcmShape(form.encoding.value, form.rate, form.channels, form.channel_map)
    return StreamCreated(
        stream.serial, shape, attributes, sink.serial, sink.name, latency, suspended=False, reason=reason
    )
