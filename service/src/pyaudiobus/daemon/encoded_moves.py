"""How an encoded stream leaves its device, for another or for good, waits, goes on decoded, and comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.encoded_words import not_yet, one_line
from pyaudiobus.daemon.feed import Feed, HeardAt
from pyaudiobus.daemon.static_policy import Busy, Placed
from pyaudiobus.daemon.streams import Gone
from pyaudiobus.daemon.undecoded import Undecoded
from pyaudiobus.errors import AudiobusError, NotSupported
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.model.daemon_settings import SecondEncoded
from pyaudiobus.protocol.messages import CreateStream, FormatLost, Killed, StreamCreated
from pyaudiobus.protocol.session_messages import StreamHeld
from pyaudiobus.protocol.shapes import encoded_shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
_BEGINNING = HeardAt(0, 0)
Linked = Callable[[int | AudiobusError], None]
"""Called with the serial of the link, or why there is none."""
Reason = tuple[str, str]
"""Why, and the id of the session manager's decision."""


class EncodedMoves:
    """Moves the encoded streams of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

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
            stream.parked.order(stream, lambda feed: feed.heard_at(), left)
        elif stream.node is None or stream.feed is None or stream.ring is None:
            left(None)
        else:
            self._leave(stream, placed.reason, Feed.release, left)

    def park(self, stream: EncodedStream, reason: str) -> None:
        """Let a stream wait without its device, which is for another; it keeps its place. NotSupported."""
        if stream.parked is None:
            feed = stream.feed
            if stream.node is None or stream.ring is None or feed is None:
                raise not_yet(stream)
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
            self.lose(stream, outcome)

    def go_on(self, stream: EncodedStream, node: CompressedNode, order: Reason, linked: Linked) -> None:
        """Let a stream that waits play on, from the frame at which it left its device. Busy.

        `linked` gets the link's serial, or why there is none.
        """
        ring, parked = stream.ring, stream.parked
        if ring is None or parked is None:
            raise not_yet(stream)
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
        shape = encoded_shape(stream.format)
        free = next((node for node in nodes if node.stream is None and not node.refusal(shape)), None)
        if free is not None and free.serial in self._bus.registry:
            self.go_on(stream, free, (reason, ""), _forget)
            return
        wish = stream.attempt.pcm_wish()
        if wish.shapes and self._bus.settings.second_encoded is SecondEncoded.DECODE:
            self.lose(stream, AudiobusError(reason))

    def _decode_from(self, stream: EncodedStream, placed: Placed, error: AudiobusError) -> bool:
        """Go on decoded where a stream left its device; it ends where that cannot be."""
        place = stream.feed.heard_at() if stream.feed is not None else _BEGINNING
        wish = stream.attempt.pcm_wish()
        self._bus.forget(stream)
        if self._go_on_decoded(stream, wish, place, error, placed):
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
        place: HeardAt,
        error: AudiobusError,
        placed: Placed | None = None,
        *,
        has_failed: bool = False,
    ) -> bool:
        """Put a PCM stream into the place of an encoded one, under the same serial."""
        wish = msgspec.structs.replace(wish, target="", corked=stream.is_corked)
        undecoded = Undecoded(stream.attempt.wish, stream.losses + has_failed, is_ready=not has_failed)
        try:
            answer = self._bus.playing.create(stream.attempt.client, wish, stream.serial, placed, undecoded)
        except AudiobusError as other:
            log.warning("stream %d cannot go on decoded: %s", stream.serial, other.what)
            return False
        created = answer.body
        assert isinstance(created, StreamCreated)  # noqa: S101  # that is what it answers with
        lost = FormatLost(stream.serial, created.shape, created.attributes, place.byte, error.what, place.skip)
        self._bus.tell_owner(stream, "format-lost", lost, answer.descriptors)
        answer.then()
        if has_failed:
            self._bus.offload.returns.later(self._bus.registry.get(stream.serial))
        return True

    # ---- without a device ----

    def abandon(self, node: CompressedNode, reason: str) -> None:
        """Let the stream of a sink that is about to go for good play on decoded, or end; what waits for it ends."""
        error = AudiobusError(reason)
        for stream in self._bus.registry.of_kind(EncodedStream):
            if stream.parked is node:
                self.lose(stream, error)
            elif stream.node is node and node.stream is not stream:
                self._bus.forget(stream)
        if node.stream is not None and node.stream.ring is not None:
            stream = node.stream
            self._leave(stream, reason, Feed.release, lambda outcome: self._has_left(stream, error))  # noqa: ARG005
        elif node.stream is not None:
            self.lose(node.stream, error)

    def lose(self, stream: EncodedStream, error: AudiobusError, *, has_failed: bool = False) -> None:
        """Let a stream go on decoded, if it offers that, else end it; `has_failed`: under its device."""
        attempt = stream.attempt
        place = stream.feed.heard_at() if stream.feed is not None else _BEGINNING
        wish = attempt.pcm_wish()
        self._bus.forget(stream)
        may_go_on = wish.shapes and not attempt.wish.dont_move
        if may_go_on and self._go_on_decoded(stream, wish, place, error, has_failed=has_failed):
            return
        self._bus.tell_owner(stream, "killed", Killed(stream.serial, _whole(error)))


def _whole(error: AudiobusError) -> str:
    return one_line([error.what, *error.facts])


def _forget(_: object) -> None:
    """Do nothing with an outcome that nobody waits for."""
