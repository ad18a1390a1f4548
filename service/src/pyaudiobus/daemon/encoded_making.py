"""How an encoded stream is made: each shape it offers is tried, on a free device, in a queue for one, or decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.daemon.compressed_node import CompressedNode, encoded_format
from pyaudiobus.daemon.encoded_buffers import LEAST_RING, MOST_RING, USUAL_RING, settle
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.encoded_words import Later, latency_of, one_line
from pyaudiobus.daemon.objects import PortObject
from pyaudiobus.daemon.static_policy import Busy, Wish, choose, describe
from pyaudiobus.daemon.streams import Gone
from pyaudiobus.daemon.undecoded import Undecoded
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.model.daemon_settings import SecondEncoded
from pyaudiobus.protocol.messages import CreateStream, StreamCreated
from pyaudiobus.protocol.shapes import encoded_shape
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus


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

    def become(self, shape: EncodedShape, properties: dict[str, str]) -> None:
        """Stand for another track, which has followed in the same stream."""
        shapes = (shape, *(other for other in self.wish.shapes if isinstance(other, PcmShape)))
        named = {**self.wish.properties, **properties}
        self.wish = msgspec.structs.replace(self.wish, shapes=shapes, properties=named)

    def pcm_wish(self) -> CreateStream:
        """Return what is left to be asked for, decoded."""
        shapes = tuple(shape for shape in self.shapes if isinstance(shape, PcmShape))
        return msgspec.structs.replace(self.wish, shapes=shapes, attributes=Attributes())


class EncodedMaking:
    """Makes the encoded streams of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

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
            undecoded = Undecoded(attempt.wish)
            answer = self._bus.playing.create(attempt.client, attempt.pcm_wish(), attempt.serial, undecoded=undecoded)
        except UserError as error:
            raise UserError(error.what, facts=[*attempt.refused, *error.facts], advice=error.advice) from error
        if attempt.refused:
            answer.body = msgspec.structs.replace(answer.body, reason=one_line(attempt.refused))
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
        if attempt.client.permissions.hides:
            taken = f"{node.name} is used by others"
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
        stream = self.build(attempt, shape)
        self.make_known(stream)
        return stream

    def build(self, attempt: Attempt, shape: EncodedShape) -> EncodedStream:
        """Return a stream that nobody knows of yet."""
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
        return stream

    def make_known(self, stream: EncodedStream) -> None:
        """Let everybody know of a stream; what had its serial has become it."""
        registry = self._bus.registry
        registry.add(stream)
        registry.add(PortObject(registry.new_serial(), stream, "output", (str(stream.format),)))

    def _open(self, attempt: Attempt, stream: EncodedStream, node: CompressedNode, reason: str) -> None:
        def opened(outcome: BuffersParam | AudiobusError) -> None:
            if stream.node is not node:  # it is gone, or goes on decoded
                return
            if isinstance(outcome, AudiobusError):
                self._not_opened(attempt, stream, outcome)
                return
            try:
                answer = self.start(attempt, stream, node, outcome, reason)
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

    def start(
        self, attempt: Attempt, stream: EncodedStream, node: CompressedNode, buffers: BuffersParam, reason: str
    ) -> Answer:
        """Give a stream its ring on the device that was opened for it; return what its client is told."""
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
            encoded_shape(stream.format),
            stream.attributes,
            node.serial,
            node.name,
            latency_of(stream),
            suspended=False,
            reason=reason,
        )
        return Answer(created, descriptors, ring.give_away)


def _is_taken(sink: object) -> bool:
    return isinstance(sink, CompressedNode) and sink.stream is not None


def _nothing() -> None:
    """Do what nobody waits for."""
