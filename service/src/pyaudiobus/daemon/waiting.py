"""Streams that a client has asked for and the session manager has not placed yet: objects of the bus, with no ring."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.discretion import UNTOLD
from pyaudiobus.daemon.encoded_making import Attempt
from pyaudiobus.daemon.formats import check_gains
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.recording import RecordPlaced, heard_of
from pyaudiobus.daemon.static_policy import Placed, describe, is_worth_telling
from pyaudiobus.daemon.streams import Gone
from pyaudiobus.daemon.undecoded import Undecoded
from pyaudiobus.daemon.wish import offers, wish_facts
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.record import Record
from pyaudiobus.protocol.messages import CreateStream
from pyaudiobus.protocol.session_messages import (
    StreamHeld,
)
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
Later = Callable[[Answer | AudiobusError], None]
Linked = Callable[[int | AudiobusError], None]
"""Called with the serial of the link, or why there is none."""
FIRST_REASON = "it waits for the session manager"


class Order(Record):
    """Where the session manager wants a stream, and why."""

    target: BusObject
    format: str
    """The offer that is meant, in words; empty: the first that the target plays."""
    reason: str
    decision: str
    is_passive: bool = False


class WaitingStream(BusObject):
    """A stream to be. What it becomes has its serial; its client is answered then."""

    kind = "node"

    def __init__(self, serial: int, client: Client, wish: CreateStream, room: Waiting, later: Later) -> None:
        direction = "Output" if wish.direction == "playback" else "Input"
        properties = {**wish.properties, "media.class": f"Stream/{direction}/Audio"}
        super().__init__(serial, wish.name or client.name, client.serial, properties)
        self.client = client
        self.wish = wish
        self.later = later
        self.question = 0
        self.reason = FIRST_REASON
        self._room = room

    @property
    def state(self) -> str:
        """It waits."""
        return "waiting"

    def facts(self) -> Facts:
        """Return what it offers and wishes, and what it waits for."""
        wish = self.wish
        told: Facts = {"format": describe(wish.shapes[0]), "waits": self.reason, "corked": wish.corked}
        told["unanswered"] = True
        return {**told, **wish_facts(wish), "volume": _words(wish.volume), "muted": wish.muted}

    def set_volume(self, gains: tuple[float, ...] | None, *, muted: bool | None) -> None:
        """Begin at another volume."""
        if gains is not None:
            self.wish = msgspec.structs.replace(self.wish, volume=gains)
        if muted is not None:
            self.wish = msgspec.structs.replace(self.wish, muted=muted)

    def fall_back(self, why: str) -> None:
        """Have it placed by the static policy."""
        self._room.fall_back(self, why)

    def gone(self) -> None:
        """Answer the client, if it was ended before it could begin."""
        self._room.left(self)


class Waiting:
    """The waiting streams of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def create(self, client: Client, wish: CreateStream, later: Later) -> None:
        """Let a stream wait for the session manager. UserError where nothing could ever play it."""
        self._bus.check_room_for_node(client)
        self._check(client, wish)
        stream = WaitingStream(self._bus.registry.new_serial(), client, wish, self, later)
        self._bus.registry.add(stream)
        self._bus.governing.wait_for_decision(stream)

    def _check(self, client: Client, wish: CreateStream) -> None:
        """Refuse what no sink plays: there is nothing to decide, and the client may convert."""
        if not wish.shapes:
            raise UserError("the stream offers no shape")
        for shape in wish.shapes:
            if isinstance(shape, PcmShape):
                check_gains(wish.volume, shape.channels)
        if wish.direction == "playback":
            refused = self._refusals(client, wish)
            if refused:
                raise UserError(
                    "no sink plays what the stream offers",
                    facts=refused,
                    advice="The client library converts: offer PCM at the sink's rate too.",
                )

    def _refusals(self, client: Client, wish: CreateStream) -> list[str]:
        """Return why no sink plays any shape; nothing where one does, or there is none."""
        refused = []
        for shape in wish.shapes:
            for sink in self._bus.sinks_for(client):
                why_not = sink.refusal(shape)
                if not why_not:
                    return []
                if is_worth_telling(shape, wish.shapes):
                    refused.append(f"{describe(shape)} on {sink.name}: {why_not}")
        return refused

    def left(self, stream: WaitingStream) -> None:
        """Answer the client of a stream that is gone without having become anything."""
        self._bus.governing.decided(stream)
        if stream.serial not in self._bus.registry:
            stream.later(Gone(f"stream {stream.serial} was ended before it could begin"))

    # ---- what the session manager decides ----

    def place(self, stream: WaitingStream, order: Order, linked: Linked) -> None:
        """Let a stream become what plays on a sink, or hears a node. UserError, Busy, DeviceError."""
        target, reason, decision = order.target, order.reason, order.decision
        if stream.wish.direction == "record":
            heard = RecordPlaced(heard_of(target), reason, decision=decision, is_passive=order.is_passive)
            answer = self._bus.recording.create(stream.client, stream.wish, stream.serial, heard)
        else:
            if not isinstance(target, PcmSink | CompressedNode):
                raise UserError(f"{target.name} takes no streams of clients")
            shape = self._shape(stream, target, order.format)
            if isinstance(target, CompressedNode) and isinstance(shape, EncodedShape):
                self._open(stream, target, shape, order, linked)
                return
            placed = Placed(target, shape, reason, decision=decision)
            undecoded = Undecoded(stream.wish) if _is_encoded(stream.wish) else None
            wish = _as_pcm(stream.wish)
            answer = self._bus.playing.create(stream.client, wish, stream.serial, placed, undecoded)
        stream.later(answer)
        linked(self._bus.links.serial_of(stream.serial))

    def _shape(self, stream: WaitingStream, target: PcmSink | CompressedNode, words: str) -> Shape:
        """Return the offer that is meant, or the first that a sink plays. UserError."""
        refused = []
        for shape in stream.wish.shapes:
            if words and describe(shape) != words:
                continue
            why_not = target.refusal(shape)
            if not why_not:
                return shape
            refused.append(f"{describe(shape)}: {why_not}")
        raise UserError(f"{target.name} does not play {words or stream.name}", facts=refused or [offers(stream.wish)])

    def _open(
        self, stream: WaitingStream, node: CompressedNode, shape: EncodedShape, order: Order, linked: Linked
    ) -> None:
        """Have a device opened; where it refuses, the stream waits for another decision."""
        answer_client = stream.later

        def outcome(answer: Answer | AudiobusError) -> None:
            answer_client(answer)
            linked(answer if isinstance(answer, AudiobusError) else self._bus.links.serial_of(stream.serial))

        def given_back(error: AudiobusError) -> None:
            self._bus.forget_parts(self._bus.registry.get(stream.serial))
            self._bus.registry.add(stream)
            linked(error)
            if self._bus.governing.governs:
                self._bus.governing.wait_for_decision(stream)
            else:
                self.fall_back(stream, error.what)

        attempt = Attempt(stream.client, stream.wish, outcome)
        attempt.shapes = [one for one in stream.wish.shapes if one is not shape]
        attempt.serial, attempt.decision, attempt.given_back = stream.serial, order.decision, given_back
        self._bus.offload.making.place(attempt, node, shape, order.reason)

    def hold(self, stream: WaitingStream, reason: str) -> None:
        """Let a stream wait longer. One of PCM is answered: it is made, and linked to nothing."""
        stream.reason = reason
        if _is_encoded(stream.wish):
            self._bus.governing.decided(stream, is_to_wait=True)
            self._bus.registry.changed(stream, {"waits": reason})
            if stream.client.speaks("session"):
                stream.client.tell("stream-held", StreamHeld(stream.serial, held=True, reason=reason))
            return
        make = self._bus.recording if stream.wish.direction == "record" else self._bus.playing
        stream.later(make.create_unlinked(stream.client, stream.wish, stream.serial, reason))

    def refuse(self, stream: WaitingStream, reason: str) -> None:
        """Refuse a stream, whose client is told why, and may convert where that would help."""
        refused = self._refusals(stream.client, stream.wish) if stream.wish.direction == "playback" else []
        reason = UNTOLD if stream.client.permissions.hides else reason
        self._end(stream, UserError(reason, facts=refused) if refused else AudiobusError(reason))

    def _end(self, stream: WaitingStream, error: AudiobusError) -> None:
        later, stream.later = stream.later, _nobody
        self._bus.forget(stream)
        later(error)

    # ---- without a session manager ----

    def fall_back(self, stream: WaitingStream, why: str) -> None:
        """Place a stream by the static policy, as if there were no session manager; say so."""

        def told(outcome: Answer | AudiobusError) -> None:
            if isinstance(outcome, Answer) and hasattr(outcome.body, "reason"):
                reason = f"{outcome.body.reason} ({why})"[:4000]
                outcome.body = msgspec.structs.replace(outcome.body, reason=reason)
            later(outcome)

        later, stream.later = stream.later, _nobody
        try:
            self._bus.create_statically(stream.client, stream.wish, told, stream.serial)
        except AudiobusError as error:
            stream.later = later
            self._end(stream, error)
        except Exception:  # whatever mistake it is, the client is not left waiting
            log.exception("a mistake of the daemon while it placed stream %d", stream.serial)
            stream.later = later
            self._end(stream, AudiobusError("it could not be placed: a mistake of the daemon, see its log"))


def _as_pcm(wish: CreateStream) -> CreateStream:
    """Return a wish without the attributes of an encoded stream, which mean nothing to PCM."""
    return msgspec.structs.replace(wish, attributes=Attributes()) if _is_encoded(wish) else wish


def _is_encoded(wish: CreateStream) -> bool:
    return any(isinstance(shape, EncodedShape) for shape in wish.shapes)


def _words(gains: tuple[float, ...]) -> str:
    return " ".join(f"{gain:g}" for gain in gains) or "1"


def _nobody(_: Answer | AudiobusError) -> None:
    """Whoever waited has been answered."""
