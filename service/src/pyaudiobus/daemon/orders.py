"""What the session manager orders of streams and nodes that are there. Whether it may was asked before."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pyaudiobus.daemon.card_object import CardObject
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.cycle_node import CycleNode
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.objects import BusObject, LinkObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.recording import heard_of
from pyaudiobus.daemon.static_policy import Placed
from pyaudiobus.daemon.streams import Gone, PlaybackStream, RecordStream
from pyaudiobus.daemon.waiting import Linked, Order, WaitingStream
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.protocol.session_messages import (
    StreamHeld,
)

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
RELEASE_RAMP = 200
"""Milliseconds in which streams get back what a session manager took that is gone."""


class Stale(AudiobusError):
    """The bus is not any more as it was when that was decided."""


class Orders:
    """Obeys the session manager of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    # ---- where streams are ----

    def place(self, stream: BusObject, order: Order, expected: int, linked: Linked) -> None:
        """Link a stream; `linked` gets the link's serial or why there is none, now or when a device has answered.

        Stale where its present link is not the expected one (0: none, -1: whichever). UserError, Busy, NotSupported.
        """
        now = self._bus.links.serial_of(stream.serial)
        if expected not in (-1, now):
            raise Stale(f"{stream.name} ({stream.serial}) is linked by {now or 'nothing'}, not by {expected}")
        if isinstance(stream, WaitingStream):
            self._bus.waiting.place(stream, order, linked)
        elif isinstance(stream, PlaybackStream) and isinstance(order.target, CompressedNode):
            self._bus.offload.returns.gain(stream, order.target, (order.reason, order.decision), linked)
        elif isinstance(stream, PlaybackStream):
            _stop_return(stream)
            linked(self._place_playback(stream, order).serial)
        elif isinstance(stream, RecordStream):
            linked(self._place_record(stream, order).serial)
        elif isinstance(stream, EncodedStream) and stream.is_opening:
            stream.when_opened(lambda is_there: self._place_later(stream, order, linked, is_there=is_there))
        elif isinstance(stream, EncodedStream):
            self._place_encoded(stream, order, linked)
        else:
            raise UserError(f"{stream.kind} {stream.serial} ({stream.name}) is no stream")

    def _place_later(self, stream: BusObject, order: Order, linked: Linked, *, is_there: bool) -> None:
        try:
            if not is_there:
                raise Gone(f"stream {stream.serial} is gone, or was sent elsewhere")
            self.place(stream, order, -1, linked)
        except AudiobusError as error:
            linked(error)

    def _noted(self, stream: BusObject, order: Order) -> LinkObject | None:
        """Return the present link if it leads where it should; it is left alone but for its reason."""
        link = self._bus.links.stream_link(stream)
        if link is None or order.target not in link.parts():
            return None
        self._bus.links.note(link, order.reason, order.decision)
        return link

    def _place_playback(self, stream: PlaybackStream, order: Order) -> LinkObject:
        link = self._noted(stream, order)
        if link is not None:
            return link
        if not isinstance(order.target, PcmSink):
            raise NotSupported(f"{order.target.name} takes no stream that is PCM already")
        placed = self._bus.playing.checked(stream, order.target, order.reason, order.decision)
        stream.waits = ""
        return self._bus.playing.carry(stream, placed)

    def _place_record(self, stream: RecordStream, order: Order) -> LinkObject:
        link = self._noted(stream, order)
        if link is not None:
            return link
        owner = self._bus.client(stream.owner)
        if owner is not None:
            self._bus.recording.check_may_hear(owner, order.target)
        stream.waits = ""
        heard, reason, decision = heard_of(order.target), order.reason, order.decision
        return self._bus.recording.carry(stream, heard, reason, decision=decision, is_passive=order.is_passive)

    def _place_encoded(self, stream: EncodedStream, order: Order, linked: Linked) -> None:
        """Take a stream from its DSP to a sink that mixes, decoded from where it is; or to a DSP, to go on there."""
        link = self._noted(stream, order)
        if link is not None:
            linked(link.serial)
            return
        if isinstance(order.target, CompressedNode):
            if order.target.stream is None:  # else it would have left its own for nothing
                self._bus.offload.moves.park(stream, order.reason)
            self._bus.offload.moves.go_on(stream, order.target, (order.reason, order.decision), linked)
            return
        if not isinstance(order.target, PcmSink):
            raise NotSupported(f"{order.target.name} plays no streams")
        wish = stream.attempt.pcm_wish()
        fitting = [shape for shape in wish.shapes if not order.target.refusal(shape)]
        if not fitting:
            raise UserError(f"{stream.name} offers nothing that {order.target.name} plays")
        placed = Placed(order.target, fitting[0], order.reason, decision=order.decision)
        self._bus.offload.moves.take_off(stream, placed, linked)

    def hold(self, stream: BusObject, reason: str) -> None:
        """Let a stream wait, linked to nothing."""
        if isinstance(stream, WaitingStream):
            self._bus.waiting.hold(stream, reason)
        elif isinstance(stream, PlaybackStream):
            _stop_return(stream)
            stream.waits = reason
            self._bus.playing.unlink(stream)
        elif isinstance(stream, RecordStream):
            stream.waits = reason
            self._bus.recording.unlink(stream)
        elif isinstance(stream, EncodedStream) and stream.is_opening:
            stream.when_opened(lambda is_there: self._hold_later(stream, reason) if is_there else None)
            return
        elif isinstance(stream, EncodedStream):
            self._bus.offload.moves.park(stream, reason)
        else:
            raise NotSupported(f"{stream.name} is no stream")
        self._bus.registry.changed(stream, {"waits": reason})

    def _hold_later(self, stream: BusObject, reason: str) -> None:
        """Hold a stream whose device was being opened when that was decided. What cannot be held plays on."""
        try:
            self.hold(stream, reason)
        except AudiobusError as error:
            log.warning("stream %d is not held: %s", stream.serial, error.what)

    def refuse(self, stream: BusObject, reason: str) -> None:
        """Refuse a stream that waits, end one that is there."""
        if isinstance(stream, WaitingStream):
            self._bus.waiting.refuse(stream, reason)
        elif isinstance(stream, PlaybackStream | RecordStream | EncodedStream):
            self._bus.end_stream(stream, reason or "the session manager ended it")
        else:
            raise UserError(f"{stream.kind} {stream.serial} ({stream.name}) is no stream")

    # ---- how they are heard beside each other ----

    def duck(self, stream: BusObject, gain: float, ramp: int) -> None:
        """Play a stream softer. NotSupported where its device has no gain of ours."""
        if isinstance(stream, WaitingStream | RecordStream):
            raise NotSupported(f"{stream.name} is not heard")
        if not isinstance(stream, PlaybackStream):
            raise NotSupported(f"{stream.name} is decoded by its device, which has no gain beside its volume")
        if stream.duck == gain:
            return
        stream.duck = gain
        if stream.sink is not None:
            stream.sink.follow_volume(stream, ramp)
        self._bus.registry.changed(stream, {"duck": None if gain == 1 else gain})

    def pause(self, stream: BusObject, reason: str, *, is_held: bool) -> None:
        """Hold a stream for another, or let it go on; its client is told."""
        if not isinstance(stream, PlaybackStream | EncodedStream):
            raise NotSupported(f"{stream.name} does not play")
        if stream.is_held == is_held:
            return
        stream.is_held = is_held
        if isinstance(stream, EncodedStream):
            self._bus.offload.follow_hold(stream)
        elif stream.sink is not None and not stream.is_corked:
            stream.sink.cork([stream], is_corked=is_held)
        self._bus.registry.changed(stream, {"held": is_held or None})
        owner = self._bus.client(stream.owner)
        if owner is not None and owner.speaks("session"):
            owner.tell("stream-held", StreamHeld(stream.serial, held=is_held, reason=reason))

    def let_all_be(self) -> None:
        """Give streams back what a session manager took from them that is gone."""
        for stream in self._bus.registry:
            if isinstance(stream, PlaybackStream) and stream.duck != 1:
                self.duck(stream, 1, RELEASE_RAMP)
            if isinstance(stream, PlaybackStream | EncodedStream) and stream.is_held:
                self.pause(stream, "there is no session manager any more", is_held=False)

    def place_waiting(self) -> None:
        """Place by the static policy what waits for a session manager that is not there, or plays decoded."""
        for parked in self._bus.registry.of_kind(EncodedStream):
            self._bus.offload.moves.place_parked(parked)
        for decoded in self._bus.registry.of_kind(PlaybackStream):
            self._bus.offload.returns.place(decoded)
        for stream in self._bus.registry:
            if not isinstance(stream, PlaybackStream | RecordStream) or not stream.waits:
                continue
            stream.waits = ""
            if isinstance(stream, PlaybackStream):
                self._bus.playing.replace(stream)
            else:
                self._bus.recording.replace(stream)
            self._bus.registry.changed(stream, stream.facts())

    # ---- devices ----

    def suspend(self, node: BusObject) -> None:
        """Close an idle device; it opens again when it is needed. AudiobusError where it plays or records."""
        if isinstance(node, CompressedNode):
            node.sleep()
            return
        if not isinstance(node, CycleNode):
            raise NotSupported(f"{node.name} has no device that sleeps by itself")
        if node.state == "running" or node.is_held_awake():
            raise AudiobusError(f"{node.name} is in use")
        node.sleep()

    def try_again(self, node: BusObject) -> None:
        """Try to open a device that failed, or to find a card that is away."""
        if isinstance(node, CardObject):
            node.keeper.try_again(node)
            return
        if not isinstance(node, CycleNode | CompressedNode):
            raise NotSupported(f"{node.name} has no device")
        if not node.is_available:
            node.try_again()


def _stop_return(stream: PlaybackStream) -> None:
    """Leave a stream decoded that is on its way to a device."""
    if stream.way_back is not None:
        stream.way_back.stop()
