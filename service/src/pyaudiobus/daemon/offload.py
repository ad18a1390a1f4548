"""Encoded streams on the bus: who gets a compressed sink, who waits, who is decoded, and what is asked of them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.compressed_node import CompressedNode, encoded_format
from pyaudiobus.daemon.encoded_buffers import LEAST_RING, MOST_RING, USUAL_RING, settle
from pyaudiobus.daemon.encoded_stream import EncodedStream, NextTrack
from pyaudiobus.daemon.feed import Feed, News
from pyaudiobus.daemon.objects import BusObject, Facts, PortObject, TooLarge, checked
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.daemon.sink_volume import SinkVolume
from pyaudiobus.daemon.static_policy import Busy, Placed, Wish, choose, describe
from pyaudiobus.daemon.streams import Drained, Gone
from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import AudiobusError, NotSupported, PeerError, UserError
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.model.changes import Joined
from pyaudiobus.model.daemon_settings import SecondEncoded
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.protocol.messages import (
    AttributesSet,
    CreateStream,
    FollowTrack,
    FormatLost,
    Killed,
    Recovered,
    Right,
    StreamCreated,
    TrackJoined,
)
from pyaudiobus.protocol.session_messages import StreamHeld
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
NS = 1_000_000_000
Later = Callable[[Answer | AudiobusError], None]
"""Called with the answer to a request that has to wait for a device."""
Linked = Callable[[int | AudiobusError], None]
"""Called with the serial of the link, or why there is none."""
Reason = tuple[str, str]
"""Why, and the id of the session manager's decision."""


class Attempt:
    """A request for a stream on its way through the shapes that it offers."""

    def __init__(self, client: Client, wish: CreateStream, later: Later) -> None:
        self.client = client
        self.wish = wish
        self.later = later
        self.shapes = list(wish.shapes)
        """Not tried yet."""
        self.refused: list[str] = []
        """Why the others cannot be played."""
        self.serial = 0
        """Under which the stream is known already; 0: it is not."""
        self.decision = ""
        """Of the session manager."""
        self.given_back: Callable[[AudiobusError], None] | None = None
        """Called instead of trying the next shape: the session manager is to decide again."""

    def pcm_wish(self) -> CreateStream:
        """Return what is left to be asked for, decoded."""
        shapes = tuple(shape for shape in self.shapes if isinstance(shape, PcmShape))
        return msgspec.structs.replace(self.wish, shapes=shapes, attributes=Attributes())


class Offload:
    """The encoded streams and compressed sinks of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def add(
        self,
        name: str,
        sink: CompressedSink,
        clock: Clock,
        properties: dict[str, str],
        volume: VolumeControl | None = None,
        *,
        routes: SinkRoutes | None = None,
    ) -> CompressedNode:
        """Make a compressed sink known, with the mixer control that is its volume and its routes, if it has any."""
        registry = self._bus.registry
        node = CompressedNode(
            registry.new_serial(),
            name,
            sink,
            clock,
            watcher=self,
            properties=properties,
            volume=SinkVolume(volume),
            routes=routes,
        )
        registry.add(node)
        registry.add(PortObject(registry.new_serial(), node, "input", ("encoded",)))
        return node

    # ---- making ----

    def create(self, client: Client, wish: CreateStream, later: Later, serial: int = 0) -> None:
        """Make a stream that offers to be encoded, as whatever can be played of it; it may be known by a serial."""
        if not serial:
            self._bus.check_room_for_node(client)
        attempt = Attempt(client, wish, later)
        attempt.serial = serial
        self._go_on(attempt)

    def place(self, attempt: Attempt, node: CompressedNode, shape: EncodedShape, reason: str) -> None:
        """Open a device for a stream that was given it. Busy where another has it."""
        if node.stream is not None:
            taken = f"{node.name} plays {node.stream.name} ({node.stream.serial}), and one encoded stream at a time"
            raise Busy(taken)
        stream = self._make(attempt, shape)
        node.take(stream)
        self._open(attempt, stream, node, reason)

    def _go_on(self, attempt: Attempt) -> None:
        while attempt.shapes:
            if attempt.wish.sync_group and isinstance(attempt.shapes[0], EncodedShape):
                attempt.refused.append(f"{describe(attempt.shapes.pop(0))}: streams of a group begin together, mixed")
                continue
            if isinstance(attempt.shapes[0], PcmShape):
                self._decode(attempt)
                return
            if self._offer(attempt, attempt.shapes.pop(0)):
                return
        raise UserError("no sink plays what the stream offers", facts=attempt.refused)

    def _decode(self, attempt: Attempt) -> None:
        try:
            answer = self._bus.playing.create(attempt.client, attempt.pcm_wish(), attempt.serial)
        except UserError as error:
            raise UserError(error.what, facts=[*attempt.refused, *error.facts], advice=error.advice) from error
        if attempt.refused:
            answer.body = msgspec.structs.replace(answer.body, reason=_one_line(attempt.refused))
        attempt.later(answer)

    def _offer(self, attempt: Attempt, shape: Shape) -> bool:
        """Try one shape; True: the stream plays, or will. Busy, NotFound."""
        wish = attempt.wish
        sinks = sorted(self._bus.sinks_for(attempt.client), key=_is_taken)
        for sink in sinks:
            if isinstance(sink, CompressedNode) and not sink.is_available:
                sink.try_again()
        try:
            placed = choose(Wish(wish.target, (shape,)), self._bus.default_sink(), sinks)
        except UserError as error:
            attempt.refused.extend(error.facts or [error.what])
            return False
        node = placed.sink
        if not isinstance(node, CompressedNode) or not isinstance(shape, EncodedShape):
            attempt.refused.append(f"{node.name} plays no {describe(shape)}")
            return False
        return self._have(attempt, node, shape, placed.reason)

    def _have(self, attempt: Attempt, node: CompressedNode, shape: EncodedShape, reason: str) -> bool:
        owner = node.stream
        if owner is None:
            stream = self._make(attempt, shape)
            node.take(stream)
            self._open(attempt, stream, node, reason)
            return True
        policy = self._bus.settings.second_encoded
        taken = f"{node.name} plays {owner.name} ({owner.serial}), and one encoded stream at a time"
        if policy is SecondEncoded.REFUSE:
            raise Busy(taken)
        if policy is SecondEncoded.DECODE:
            attempt.refused.append(taken)
            return False
        stream = self._make(attempt, shape)
        waited = f"{reason}; it waited for {owner.name} ({owner.serial})"
        node.wait(stream, lambda: self._open(attempt, stream, node, waited))
        return True

    def _make(self, attempt: Attempt, shape: EncodedShape) -> EncodedStream:
        wish, client, registry = attempt.wish, attempt.client, self._bus.registry
        stream = EncodedStream(
            attempt.serial or registry.new_serial(),
            wish.name or client.name,
            client.serial,
            encoded_format(shape),
            ear=client,
            properties=dict(wish.properties),
        )
        stream.is_corked = wish.corked
        stream.when_gone = lambda: attempt.later(Gone(f"stream {stream.serial} was ended before it could play"))
        stream.attempt = attempt
        registry.add(stream)
        registry.add(PortObject(registry.new_serial(), stream, "output", (str(stream.format),)))
        return stream

    def _open(self, attempt: Attempt, stream: EncodedStream, node: CompressedNode, reason: str) -> None:
        def opened(outcome: BuffersParam | AudiobusError) -> None:
            if stream.serial not in self._bus.registry:
                return
            if isinstance(outcome, AudiobusError):
                self._not_opened(attempt, stream, outcome)
                return
            try:
                answer = self._start(attempt, stream, node, outcome, reason)
            except AudiobusError as error:
                self._not_opened(attempt, stream, error)
            else:
                attempt.later(answer)

        node.open(stream, opened)

    def _not_opened(self, attempt: Attempt, stream: EncodedStream, error: AudiobusError) -> None:
        """Go on with what else the stream offers, unless somebody named that very device."""
        stream.when_gone = _nothing
        if attempt.given_back is not None:
            attempt.given_back(error)
            return
        self._bus.forget(stream)
        if attempt.wish.target:
            attempt.later(error)
            return
        attempt.refused.append(error.what)
        try:
            self._go_on(attempt)
        except AudiobusError as other:
            attempt.later(error if isinstance(other, UserError) else other)

    def _start(
        self, attempt: Attempt, stream: EncodedStream, node: CompressedNode, buffers: BuffersParam, reason: str
    ) -> Answer:
        asked = attempt.wish.attributes.maxlength
        size = USUAL_RING if asked < 0 else asked
        ring = RingConsumer.create(min(max(size, 2 * buffers.size, LEAST_RING), MOST_RING), 1)
        descriptors = ring.descriptors
        stream.when_gone = _nothing
        stream.buffers = buffers
        stream.attributes = settle(attempt.wish.attributes, ring.capacity, buffers)
        node.start(stream, ring, stream.attributes.prebuf)
        self._bus.links.join(stream, node, reason, owner=stream.owner, decision=attempt.decision)
        created = StreamCreated(
            stream.serial,
            _shape_of(stream),
            stream.attributes,
            node.serial,
            node.name,
            _latency(stream),
            suspended=False,
            reason=reason,
        )
        return Answer(created, descriptors, ring.give_away)

    # ---- control ----

    def find(self, client: Client, serial: int) -> EncodedStream | None:
        """Return an encoded stream that a client may control; None where that is something else. Denied."""
        if serial not in self._bus.registry:
            return None
        found = self._bus.registry.get(serial)
        if not isinstance(found, EncodedStream):
            return None
        if found.owner != client.serial and not client.rights(found) & Right.W:
            raise Denied(f"stream {serial} is not yours")
        return found

    def cork(self, stream: EncodedStream, *, is_corked: bool, later: Later) -> None:
        """Hold a stream or let it go on."""

        def done(outcome: object) -> None:
            if not isinstance(outcome, AudiobusError):
                stream.is_corked = is_corked
                self._bus.registry.changed(stream, {"corked": is_corked})
                self._tell_use(stream)
            self._answer(outcome, later)

        if stream.is_held:  # it is corked as it is, and stays so
            done(None)
            return
        self._order(stream, Feed.cork if is_corked else Feed.start, done)

    def follow_hold(self, stream: EncodedStream) -> None:
        """Let the device pause or go on, as the policy holds a stream or not."""
        if stream.is_corked or stream.ring is None:
            return
        self._order(stream, Feed.cork if stream.is_held else Feed.start, lambda _: self._tell_use(stream))

    def _tell_use(self, stream: EncodedStream) -> None:
        """Tell whether anything is to be heard through a stream's device: its state follows the stream's."""
        if stream.node is not None:
            self._bus.registry.changed(stream.node)

    def flush(self, stream: EncodedStream, later: Later) -> None:
        """Drop what the device has not played."""

        def done(outcome: object) -> None:
            stream.next_track = None  # it was dropped with all the rest
            self._answer(outcome, later)

        self._order(stream, Feed.flush, done)

    def follow(self, stream: EncodedStream, wish: FollowTrack, later: Later) -> None:
        """Let another track follow the present one. UserError, TooLarge."""
        track = NextTrack(_followable(wish.shape), dict(wish.properties))
        if "media.class" in track.properties:
            raise UserError("media.class is the bus's own property")
        checked({**stream.properties, **track.properties})

        def done(outcome: object) -> None:
            if outcome is True:  # there is nothing before it
                self._become(stream, track)
            elif not isinstance(outcome, AudiobusError):
                stream.next_track = track
            self._answer(outcome, later)

        self._order(stream, lambda feed: feed.follow(wish.index, track.format, wish.size), done)

    def _become(self, stream: EncodedStream, track: NextTrack) -> None:
        """Tell what a stream is called, and what it is, that plays another track."""
        stream.next_track = None
        with contextlib.suppress(TooLarge):  # its properties may have grown since the track was told of
            stream.become(track)
        changes: dict[str, str | None] = dict(track.properties)
        self._bus.registry.changed(stream, {"format": str(stream.format), "bit_rate": stream.format.bit_rate}, changes)

    def trigger(self, stream: EncodedStream, later: Later) -> None:
        """Play what is there."""
        self._order(stream, Feed.trigger, lambda outcome: self._answer(outcome, later))

    def wait_again(self, stream: EncodedStream, later: Later) -> None:
        """Wait for prebuf again."""
        self._order(stream, Feed.wait_again, lambda outcome: self._answer(outcome, later))

    def set_attributes(self, stream: EncodedStream, wish: Attributes, later: Later) -> None:
        """Settle buffer attributes anew; the ring stays as long as it is."""
        ring = stream.ring

        def done(outcome: object) -> None:
            later(outcome if isinstance(outcome, AudiobusError) else Answer(AttributesSet(granted, _latency(stream))))

        if ring is None:
            raise _waits(stream)
        granted = settle(wish, ring.capacity, stream.buffers)
        self._order(stream, lambda feed: feed.set_prebuf(granted.prebuf), done)
        stream.attributes = granted

    def drain(self, stream: EncodedStream, drained: Drained) -> None:
        """Let the stream end after what is stored, and have `drained` called when that was heard."""

        def done(outcome: object) -> None:
            if isinstance(outcome, AudiobusError):
                if drained in stream.drains:
                    stream.drains.remove(drained)
                    drained(outcome)
            elif outcome:
                stream.end_drains(None)

        stream.drains.append(drained)
        try:
            self._order(stream, Feed.cut, done)
        except AudiobusError:
            stream.drains.remove(drained)
            raise

    def _order(self, stream: EncodedStream, what: Callable[[Feed], object], done: Callable[[object], None]) -> None:
        node = stream.parked or stream.node
        if node is None or stream.ring is None:
            raise _waits(stream)
        node.order(stream, what, done)

    def _answer(self, outcome: object, later: Later) -> None:
        later(outcome if isinstance(outcome, AudiobusError) else Answer())

    # ---- what the sinks tell ----

    def node_changed(self, node: BusObject, facts: Facts) -> None:
        """Tell what is different of a sink."""
        self._bus.registry.changed(node, facts)

    def node_free(self, node: CompressedNode) -> None:
        """Let who waits to go on have it."""
        if any(stream.parked is not None for stream in self._bus.registry.of_kind(EncodedStream)):
            self._bus.governing.concern(("free", node.serial), self._bus.orders.place_waiting)

    def stream_recovered(self, stream: EncodedStream, news: News) -> None:
        """Log a failure once, and tell the client that the device plays on."""
        if news.event == "troubled":
            log.warning("stream %d: %s; it is begun again where it was", stream.serial, news.reason)
            return
        self._bus.tell_owner(stream, "recovered", Recovered(stream.serial, news.index, news.reason))

    def stream_joined(self, stream: EncodedStream, index: int, joined: Joined) -> None:
        """Tell its client, and everybody what it is now."""
        if stream.next_track is not None:
            self._become(stream, stream.next_track)
        gap, cost = round(joined.gap * NS), joined.counters
        told = TrackJoined(stream.serial, index, gap, joined.gapless, cost.wakeups, cost.underruns)
        self._bus.tell_owner(stream, "track-joined", told)

    def stream_failed(self, node: CompressedNode, stream: EncodedStream, error: AudiobusError) -> None:
        """Go on decoded, if the stream offers that, else end it; end a client that breaks the rules."""
        if isinstance(error, PeerError):
            stream.ear.stream_misbehaved(stream, error.what)
            return
        log.warning("stream %d lost %s: %s", stream.serial, node.name, error.what)
        self._lose(stream, error)

    def _lose(self, stream: EncodedStream, error: AudiobusError) -> None:
        attempt = stream.attempt
        index = stream.feed.heard_index() if stream.feed is not None else 0
        wish = attempt.pcm_wish()
        self._bus.forget(stream)
        if wish.shapes and not attempt.wish.dont_move and self._go_on_decoded(stream, wish, index, error):
            return
        self._bus.tell_owner(stream, "killed", Killed(stream.serial, _whole(error)))

    def abandon(self, node: CompressedNode, reason: str) -> None:
        """Let the stream of a sink that is about to go for good play on decoded, or end; what waits for it ends."""
        error = AudiobusError(reason)
        for stream in self._bus.registry.of_kind(EncodedStream):
            if stream.parked is node:
                self._lose(stream, error)
            elif stream.node is node and node.stream is not stream:
                self._bus.forget(stream)
        if node.stream is not None and node.stream.ring is not None:
            stream = node.stream
            self._leave(stream, reason, Feed.release, lambda outcome: self._has_left(stream, error))  # noqa: ARG005
        elif node.stream is not None:
            self._lose(node.stream, error)

    # ---- leaving a device, and coming back ----

    def take_off(self, stream: EncodedStream, placed: Placed, linked: Linked) -> None:
        """Let a stream go on decoded on a sink that mixes, from the frame that was heard last; its device is free.

        It ends where that cannot be. `linked` gets the link's serial, or why there is none.
        """
        error = AudiobusError(placed.reason)

        def left(outcome: object) -> None:
            if stream.serial not in self._bus.registry:
                linked(Gone(f"stream {stream.serial} is gone"))
                return
            why = outcome if isinstance(outcome, AudiobusError) else error
            is_linked = self._decode_from(stream, placed, why)
            linked(self._bus.links.serial_of(stream.serial) if is_linked else why)

        if stream.parked is not None:
            stream.parked.order(stream, lambda feed: feed.heard_index(), left)
        elif stream.node is None or stream.feed is None or stream.ring is None:
            left(None)
        else:
            self._leave(stream, placed.reason, Feed.release, left)

    def park(self, stream: EncodedStream, reason: str) -> None:
        """Let a stream wait without its device, which is for another; it keeps its place. NotSupported."""
        if stream.parked is None:
            feed = stream.feed
            if stream.node is None or stream.ring is None or feed is None:
                raise _waits(stream)
            if not feed.can_leave:
                codec = stream.format.codec.value
                raise NotSupported(
                    f"{stream.name} cannot go on later where it was: where frames of {codec} lie is not known"
                )
            self._leave(stream, reason, Feed.leave, lambda outcome: self._has_left(stream, outcome))
        stream.waits = reason
        self._tell_held(stream, is_held=True)

    def _leave(
        self, stream: EncodedStream, reason: str, how: Callable[[Feed], None], left: Callable[[object], None]
    ) -> None:
        self._bus.links.part_all(stream)
        stream.waits = reason
        assert stream.node is not None  # noqa: S101  # who calls has looked
        stream.node.leave(stream, how, left)
        self._bus.registry.changed(stream, stream.facts())

    def _has_left(self, stream: EncodedStream, outcome: object) -> None:
        if isinstance(outcome, AudiobusError) and stream.serial in self._bus.registry:
            log.warning("stream %d has no device to go back to: %s", stream.serial, outcome.what)
            self._lose(stream, outcome)

    def go_on(self, stream: EncodedStream, node: CompressedNode, order: Reason, linked: Linked) -> None:
        """Let a stream that waits play on, from the frame at which it left its device. Busy.

        `linked` gets the link's serial, or why there is none.
        """
        ring, parked = stream.ring, stream.parked
        if ring is None or parked is None:
            raise _waits(stream)
        if node.stream is not None:
            raise Busy(f"{node.name} plays {node.stream.name} ({node.stream.serial}), and one encoded stream at a time")
        node.take_back(stream, ring)

        def opened(outcome: BuffersParam | AudiobusError) -> None:
            if stream.serial not in self._bus.registry:
                linked(Gone(f"stream {stream.serial} is gone"))
            elif isinstance(outcome, AudiobusError):
                node.give_up(stream, ring)
                linked(outcome)
            else:
                parked.order(stream, lambda feed: feed, has_left)  # all that was ordered there is done then

        def has_left(outcome: object) -> None:
            if stream.serial not in self._bus.registry or not isinstance(outcome, Feed):
                linked(Gone(f"stream {stream.serial} is gone"))
                return
            reason, decision = order
            node.go_on(stream, outcome)
            stream.waits = ""
            self._bus.links.join(stream, node, reason, owner=stream.owner, decision=decision)
            self._bus.registry.changed(stream, stream.facts())
            self._tell_held(stream, is_held=False)
            linked(self._bus.links.serial_of(stream.serial))

        node.open(stream, opened)

    def place_parked(self, stream: EncodedStream) -> None:
        """Place by the static policy what waits to go on: on a device that is free, else decoded, else when one is."""
        parked, reason = stream.parked, "there is no session manager any more"
        if parked is None:
            return
        nodes = [parked, *(node for node in self._bus.registry.of_kind(CompressedNode) if node is not parked)]
        free = next((node for node in nodes if node.stream is None and not node.refusal(_shape_of(stream))), None)
        if free is not None and free.serial in self._bus.registry:
            self.go_on(stream, free, (reason, ""), _forget)
            return
        wish = stream.attempt.pcm_wish()
        if wish.shapes and self._bus.settings.second_encoded is SecondEncoded.DECODE:
            self._lose(stream, AudiobusError(reason))

    def _decode_from(self, stream: EncodedStream, placed: Placed, error: AudiobusError) -> bool:
        """Go on decoded where a stream left its device; it ends where that cannot be."""
        index = stream.feed.heard_index() if stream.feed is not None else 0
        wish = stream.attempt.pcm_wish()
        self._bus.forget(stream)
        if self._go_on_decoded(stream, wish, index, error, placed):
            return True
        self._bus.tell_owner(stream, "killed", Killed(stream.serial, _whole(error)))
        return False

    def _tell_held(self, stream: EncodedStream, *, is_held: bool) -> None:
        owner = self._bus.client(stream.owner)
        if owner is not None and owner.speaks("session"):
            owner.tell("stream-held", StreamHeld(stream.serial, held=is_held, reason=stream.waits))

    def _go_on_decoded(
        self,
        stream: EncodedStream,
        wish: CreateStream,
        index: int,
        error: AudiobusError,
        placed: Placed | None = None,
    ) -> bool:
        """Put a PCM stream into the place of an encoded one, under the same serial."""
        wish = msgspec.structs.replace(wish, target="", corked=stream.is_corked)
        try:
            answer = self._bus.playing.create(stream.attempt.client, wish, stream.serial, placed)
        except AudiobusError as other:
            log.warning("stream %d cannot go on decoded: %s", stream.serial, other.what)
            return False
        created = answer.body
        assert isinstance(created, StreamCreated)  # noqa: S101  # that is what it answers with
        lost = FormatLost(stream.serial, created.shape, created.attributes, index, error.what)
        self._bus.tell_owner(stream, "format-lost", lost, answer.descriptors)
        answer.then()
        return True


def _is_taken(sink: object) -> bool:
    return isinstance(sink, CompressedNode) and sink.stream is not None


def _shape_of(stream: EncodedStream) -> EncodedShape:
    form = stream.format
    return EncodedShape(
        form.codec.value,
        form.rate,
        form.channels,
        form.bit_rate,
        form.bit_depth,
        form.stream_format,
        form.block_align,
        form.codec_private,
        form.encoder_delay,
        form.encoder_padding,
        form.profile,
        form.variant,
    )


def _followable(shape: Shape) -> EncodedFormat:
    """Return the format of a track that is to follow. UserError."""
    if not isinstance(shape, EncodedShape):
        raise UserError(
            f"{describe(shape)} cannot follow in an encoded stream", advice="Play it as a stream of its own."
        )
    if shape.codec not in {codec.value for codec in Codec}:
        raise UserError(f"the kernel has no name for {shape.codec}")
    return encoded_format(shape)


def _waits(stream: EncodedStream) -> AudiobusError:
    return AudiobusError(f"stream {stream.serial} waits for its sink", advice="Ask again when it plays.")


def _latency(stream: EncodedStream) -> int:
    """How long what a device holds sounds, in ns; 0 where the stream does not tell its rate."""
    bit_rate = stream.format.bit_rate
    return stream.buffers.size * 8 * NS // bit_rate if bit_rate else 0


def _one_line(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))[:4000]


def _whole(error: AudiobusError) -> str:
    return _one_line([error.what, *error.facts])


def _forget(_: object) -> None:
    """Do nothing with an outcome that nobody waits for."""


def _nothing() -> None:
    """Do what nobody waits for."""
