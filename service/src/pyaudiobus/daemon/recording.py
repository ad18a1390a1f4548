"""Streams that record: made, linked to what they hear, moved, held.

Past 300 lines because each of these turns on the same streams and links, and must leave them whole.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.cycle_node import CycleNode
from pyaudiobus.daemon.formats import (
    latency_mode,
    pcm_format,
    pcm_shape,
    record_attributes,
    record_wish,
)
from pyaudiobus.daemon.metadata import DEFAULT_SOURCE
from pyaudiobus.daemon.objects import BusObject, LinkObject, PortObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.pcm_source import PcmSource
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.static_policy import ADVICE, named
from pyaudiobus.daemon.streams import Placement, PlaybackStream, RecordStream
from pyaudiobus.engine.ring import RingProducer
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.model.buffering import LatencyMode, settle_record
from pyaudiobus.model.format import PcmFormat
from pyaudiobus.protocol.messages import CreateStream, Moved, Right, SetAttributes, StreamCreated, Suspended
from pyaudiobus.protocol.words import Attributes, PcmShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
MONITOR = ".monitor"
"""After a sink's name: what it plays."""
Heard = CycleNode | PlaybackStream


class RecordPlaced:
    """What a stream hears, and why."""

    def __init__(self, heard: Heard, reason: str, *, decision: str = "", is_passive: bool = False) -> None:
        self.heard = heard
        self.reason = reason
        self.decision = decision
        self.is_passive = is_passive


class Recording:
    """The record streams of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    # ---- making ----

    def create(self, client: Client, wish: CreateStream, serial: int = 0, placed: RecordPlaced | None = None) -> Answer:
        """Make a stream, or with a serial what has waited under it; the answer brings its ring.

        `placed` says what it hears; without it the static policy does.
        """
        if placed is None:
            reason = "it was asked for by name" if wish.target else "it is the default"
            placed = RecordPlaced(self._wanted(client, wish.target), reason)
        self.check_may_hear(client, placed.heard)
        heard, reason = placed.heard, placed.reason
        node = _node_of(heard)
        mode = latency_mode(wish.adjust_latency, wish.early_requests)
        if wish.fail_on_suspend and not node.is_awake:
            raise AudiobusError(f"{node.name} is suspended")
        registry = self._bus.registry
        stream = self._build(client, wish, _fitting(wish.shapes, node), serial or registry.new_serial())
        stream.is_passive = placed.is_passive
        self._settle(stream, node, wish.attributes, mode)
        try:
            stream.ring = RingProducer.create(stream.buffering.maxlength, stream.format.frame_size)
            try:
                self._tune_in(stream, heard)
            except BaseException:
                stream.ring.close()
                raise
        except BaseException:
            node.release_latency(stream.serial)
            raise
        stream.is_told_suspended = not node.is_awake
        self._make_known(stream)
        self._bus.links.join(
            heard, stream, reason, owner=stream.owner, decision=placed.decision, is_passive=placed.is_passive
        )
        created = StreamCreated(
            stream.serial,
            pcm_shape(stream.format),
            record_attributes(stream.buffering),
            heard.serial,
            heard.name,
            stream.latency * 1000,
            suspended=not node.is_awake,
            reason=reason,
        )
        return Answer(created, stream.ring.descriptors, stream.ring.give_away)

    def create_unlinked(self, client: Client, wish: CreateStream, serial: int, reason: str) -> Answer:
        """Make a stream that waits to be linked."""
        shapes = [shape for shape in wish.shapes if isinstance(shape, PcmShape)]
        if not shapes:
            raise UserError("only PCM can be recorded")
        stream = self._build(client, wish, pcm_format(shapes[0]), serial)
        stream.waits = reason
        stream.is_told_suspended = True
        self._settle(stream, None, wish.attributes, latency_mode(wish.adjust_latency, wish.early_requests))
        stream.ring = RingProducer.create(stream.buffering.maxlength, stream.format.frame_size)
        self._make_known(stream)
        shape, attributes = pcm_shape(stream.format), record_attributes(stream.buffering)
        created = StreamCreated(serial, shape, attributes, 0, "", stream.latency * 1000, suspended=True, reason=reason)
        return Answer(created, stream.ring.descriptors, stream.ring.give_away)

    def _build(self, client: Client, wish: CreateStream, form: PcmFormat, serial: int) -> RecordStream:
        placement = Placement(
            target=wish.target,
            may_move=not wish.dont_move,
            dies_with_device=wish.dont_reconnect,
            fails_on_suspend=wish.fail_on_suspend,
        )
        name, properties = wish.name or client.name, dict(wish.properties)
        stream = RecordStream(serial, name, client.serial, form, placement=placement, properties=properties)
        stream.is_corked = wish.corked
        return stream

    def _make_known(self, stream: RecordStream) -> None:
        registry = self._bus.registry
        registry.add(stream)
        registry.add(PortObject(registry.new_serial(), stream, "input", (str(stream.format),)))

    def _wanted(self, client: Client, target: str) -> Heard:
        """Return what is to be heard, if it may be."""
        known = [found for found in self._bus.registry if found.kind == "node" and client.sees(found)]
        wanted = target or self._bus.metadata.value(0, DEFAULT_SOURCE) or self._usual(known)
        found = named(wanted, known)
        if found is None and wanted.endswith(MONITOR):
            found = named(wanted.removesuffix(MONITOR), known)
        if not isinstance(found, CycleNode | PlaybackStream):
            raise NotFound(f"there is nothing called {wanted!r} to record from", advice=ADVICE)
        self.check_may_hear(client, found)
        return found

    def _usual(self, known: Sequence[BusObject]) -> str:
        """Return the first source's name, else the default sink's: its monitor."""
        source = next((found for found in known if isinstance(found, PcmSource)), None)
        sink = next((found for found in known if isinstance(found, PcmSink)), None)
        return source.name if source else self._bus.default_sink() or (sink.name if sink else "")

    def check_may_hear(self, client: Client, heard: BusObject) -> None:
        """Denied where a client may not listen to a node."""
        rights = client.rights(heard)
        if isinstance(heard, PcmSource) and rights & Right.X:
            return
        if not rights & Right.L:
            raise Denied(f"you may not listen to {heard.name}", advice="A manager can give you the right l.")

    def _settle(self, stream: RecordStream, node: CycleNode | None, asked: Attributes, mode: LatencyMode) -> None:
        """Settle buffer attributes. A stream that asks for no latency is served as often as its fragments are full."""

        def grant(usec: int) -> int:
            return usec if node is None else node.grant_latency(stream.serial, usec)

        stream.buffering, stream.latency = settle_record(record_wish(asked), stream.clock, mode, grant)
        if mode is LatencyMode.TRADITIONAL and node is not None:
            node.grant_latency(stream.serial, stream.clock.usec(stream.buffering.fragsize))

    def _tune_in(self, stream: RecordStream, heard: Heard) -> None:
        node = _node_of(heard)
        node.listen(stream, heard if isinstance(heard, PlaybackStream) else None)
        stream.node = node

    # ---- control ----

    def cork(self, stream: RecordStream, *, is_corked: bool) -> None:
        """Let it hear nothing, or go on."""
        was, stream.is_corked = stream.is_corked, is_corked
        try:
            if stream.node is not None:
                stream.node.cork_listener(stream)
        except AudiobusError:
            stream.is_corked = was
            raise
        self._bus.registry.changed(stream, {"corked": is_corked})

    def set_attributes(self, stream: RecordStream, wish: SetAttributes) -> tuple[Attributes, int]:
        """Settle buffer attributes anew; the ring's size is what it was. Returns them and the latency in ns."""
        frame = stream.format.frame_size
        capacity = stream.ring.capacity // frame * frame
        most = wish.attributes.maxlength if 0 <= wish.attributes.maxlength <= capacity else capacity
        asked = Attributes(most, fragsize=wish.attributes.fragsize)
        self._settle(stream, stream.node, asked, latency_mode(wish.adjust_latency, wish.early_requests))
        self._bus.registry.changed(stream, stream.facts())
        return record_attributes(stream.buffering), stream.latency * 1000

    # ---- moving ----

    def move(self, stream: RecordStream, target: str, mover: Client) -> LinkObject:
        """Let a stream hear something else, as somebody asks who may hear it himself."""
        if not stream.placement.may_move:
            raise UserError(f"stream {stream.serial} does not want to be moved")
        heard = self._wanted(mover, target)
        made = self.carry(stream, heard, "it was moved there")
        stream.placement.target = target
        return made

    def replace(self, stream: RecordStream) -> None:
        """Let a stream hear what it belongs to, by the static policy; leave it where that cannot be."""
        owner = self._bus.client(stream.owner)
        if owner is None:
            return
        try:
            self.carry(stream, self._wanted(owner, stream.placement.target), "it is where it belongs")
        except AudiobusError as error:
            log.info("stream %d hears nothing: %s", stream.serial, error.what)

    def carry(
        self,
        stream: RecordStream,
        heard: Heard,
        reason: str,
        *,
        owner: int | None = None,
        decision: str = "",
        is_passive: bool = False,
    ) -> LinkObject:
        """Link a stream to what it hears from now on; return the link."""
        node = _node_of(heard)
        if (node.format.rate, node.format.channels) != (stream.format.rate, stream.format.channels):
            raise UserError(f"{stream.name} records {stream.format}, and {node.name} gives {node.format}")
        links, link = self._bus.links, self._bus.links.into(stream)
        if link is not None and link.output is heard and stream.node is node:
            return link
        if link is not None:
            links.part(link)
        stream.is_passive = is_passive
        maker = stream.owner if owner is None else owner
        made = links.join(heard, stream, reason, owner=maker, decision=decision, is_passive=is_passive)
        self._leave(stream, heard)
        return made

    def pause(self, heard: PlaybackStream) -> None:
        """Stop listening to a stream that leaves its sink."""
        for stream in self._listeners(heard):
            self._leave(stream, None)

    def go_on(self, heard: PlaybackStream, sink: PcmSink) -> None:
        """Have a stream heard that is about to be admitted elsewhere, from its first frame there on."""
        for stream in self._listeners(heard):
            if stream.node is None and not stream.is_moving:
                stream.node, stream.heard = sink, heard
                sink.listeners[stream.serial] = stream
                sink.grant_latency(stream.serial, stream.clock.usec(stream.buffering.fragsize))

    def followed(self, heard: PlaybackStream, reason: str) -> None:
        """Tell the owners of those who went with a stream."""
        for stream in self._listeners(heard):
            if stream.node is not None:
                self._tell_moved(stream, heard, reason)

    def _listeners(self, heard: PlaybackStream) -> list[RecordStream]:
        return [link.input for link in self._bus.links.of(heard) if isinstance(link.input, RecordStream)]

    def unlink(self, stream: RecordStream) -> None:
        """Let a stream hear nothing; it waits to be linked again."""
        link = self._bus.links.into(stream)
        if link is not None:
            self._bus.links.part(link)
            stream.is_told_suspended = True
            self._bus.tell_owner(stream, "suspended", Suspended(stream.serial, suspended=True))
        self._leave(stream, None)

    def left_alone(self, heard: BusObject, reason: str) -> None:
        """What was heard is gone: its listeners end."""
        for link in self._bus.links.of(heard):
            if isinstance(link.input, RecordStream) and link.output is heard:
                self._bus.end_stream(link.input, reason)

    def _leave(self, stream: RecordStream, whither: Heard | None) -> None:
        stream.whither = whither
        if stream.is_moving:
            return
        node, stream.node = stream.node, None
        if node is None:
            self._arrive(stream)
            return
        stream.is_moving = True
        node.release_latency(stream.serial)
        node.unlisten(stream, lambda: self._left(stream))

    def _left(self, stream: RecordStream) -> None:
        stream.is_moving = False
        if stream.serial in self._bus.registry:
            self._arrive(stream)
        else:
            stream.ring.close()

    def _arrive(self, stream: RecordStream) -> None:
        heard, stream.whither = stream.whither, None
        if heard is None or (isinstance(heard, PlaybackStream) and heard.sink is None):
            self._bus.registry.changed(stream)
            return
        node = _node_of(heard)
        try:
            self._tune_in(stream, heard)
        except AudiobusError:
            self.unlink(stream)
            return
        node.grant_latency(stream.serial, stream.clock.usec(stream.buffering.fragsize))
        link = self._bus.links.into(stream)
        self._tell_moved(stream, heard, link.reason if link else "")

    def _tell_moved(self, stream: RecordStream, heard: Heard, reason: str) -> None:
        moved = Moved(
            stream.serial,
            heard.serial,
            heard.name,
            record_attributes(stream.buffering),
            stream.latency * 1000,
            suspended=not _node_of(heard).is_awake,
            reason=reason,
        )
        stream.is_told_suspended = moved.suspended
        self._bus.tell_owner(stream, "moved", moved)
        self._bus.registry.changed(stream, stream.facts())


def heard_of(found: BusObject) -> Heard:
    """Return what can be heard. NotSupported where a node gives no sound of its own."""
    if not isinstance(found, CycleNode | PlaybackStream):
        raise NotSupported(f"{found.name} cannot be recorded")
    return found


def _node_of(heard: Heard) -> CycleNode:
    if isinstance(heard, CycleNode):
        return heard
    if heard.sink is None:
        raise NotSupported(f"{heard.name} is linked to no sink now, so it cannot be heard")
    return heard.sink


def _fitting(shapes: Sequence[Shape], node: CycleNode) -> PcmFormat:
    """Return the first PCM shape at the node's rate, in the node's channels: conversion is the client's."""
    for shape in shapes:
        if isinstance(shape, PcmShape) and shape.rate == node.format.rate:
            asked = pcm_format(PcmShape(shape.encoding, shape.rate, shape.channels))
            return asked.replace(channels=node.format.channels, channel_map=node.map)
    raise UserError(
        f"{node.name} gives PCM at {node.format.rate} Hz, which the stream does not offer",
        advice="The client library converts: offer PCM at that rate too.",
    )
