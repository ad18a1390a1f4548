"""How a stream that plays decoded goes back to a device that plays it undecoded: its client is told, and not asked."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.encoded_making import Attempt
from pyaudiobus.daemon.encoded_moves import Linked, Reason
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.objects import BusObject
from pyaudiobus.daemon.static_policy import Busy
from pyaudiobus.daemon.streams import Gone, PlaybackStream
from pyaudiobus.daemon.undecoded import MOST_LOSSES, Undecoded
from pyaudiobus.errors import AudiobusError, NotSupported, PeerError
from pyaudiobus.graph.node import BuffersParam
from pyaudiobus.model.encoded_timing import NS
from pyaudiobus.protocol.messages import CreateStream, FormatGained, StreamCreated
from pyaudiobus.protocol.words import EncodedShape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

RETURN_AFTER = 5.0
"""Seconds for which a stream stays decoded whose device has failed."""
LONGEST_WAIT = 2.0
"""Seconds for which what a sink has taken of a stream is waited for."""


class Return:
    """One stream's way to a device. It plays on as it is until that is open, and begins there behind what is heard."""

    def __init__(self, bus: Bus, stream: PlaybackStream, to_be: EncodedStream, reason: str, linked: Linked) -> None:
        """Take a stream, and what it is to be; `linked` gets the link's serial, or why there is none."""
        self._bus = bus
        self._stream = stream
        self._to_be = to_be
        self._reason = reason
        self._linked = linked
        self._is_over = False

    def begin(self, node: CompressedNode) -> None:
        """Have the device opened; it must be free."""
        self._stream.way_back = self
        node.take(self._to_be)
        node.open(self._to_be, lambda outcome: self._opened(node, outcome))

    def gone(self) -> None:
        """The stream is gone before it was there."""
        self._end(Gone(f"stream {self._stream.serial} is gone"))

    def stop(self) -> None:
        """It goes elsewhere, or is to wait: the device is not for it any more."""
        self._end(Gone(f"{self._stream.name} was sent elsewhere meanwhile"))

    def _opened(self, node: CompressedNode, outcome: BuffersParam | AudiobusError) -> None:
        if isinstance(outcome, AudiobusError):
            self._bus.offload.returns.failed(self._stream)
            self._end(outcome)
        elif not self._is_over:
            self._bus.playing.release(self._stream, lambda: self._left(node, outcome))

    def _left(self, node: CompressedNode, buffers: BuffersParam) -> None:
        """Wait until its sink has played what it had of the stream."""
        asyncio.get_running_loop().call_later(_still_sounding(self._stream), self._become, node, buffers)

    def _become(self, node: CompressedNode, buffers: BuffersParam) -> None:
        """Put the encoded stream into the place of the decoded one, unless that was all of it."""
        stream, to_be, bus = self._stream, self._to_be, self._bus
        if self._is_over:
            return
        if stream.pending_drain() is not None and not _has_more(stream):
            self._end(Gone(f"{stream.name} has ended"))
            for drained in stream.take_drains():
                drained(None)
            return
        stream.way_back = None
        index, drains = stream.ring.taken, stream.take_drains()
        to_be.is_corked, to_be.is_held = stream.is_corked, stream.is_held
        bus.recording.left_alone(stream, f"{stream.name}, which it heard, is decoded by its device now")
        bus.forget_parts(stream)
        bus.offload.making.make_known(to_be)
        try:
            answer = bus.offload.making.start(to_be.attempt, to_be, node, buffers, self._reason)
        except AudiobusError as error:
            bus.end_stream(to_be, error.what)
            self._end(error)
            return
        made = answer.body
        assert isinstance(made, StreamCreated)  # noqa: S101  # that is what it answers with
        told = (made.serial, made.shape, made.attributes, made.device, made.device_name, made.latency)
        bus.tell_owner(to_be, "format-gained", FormatGained(*told, index, self._reason), answer.descriptors)
        answer.then()
        for drained in drains:  # its client has heard by now that there is more to come
            drained(Gone(f"stream {stream.serial} goes on undecoded"))
        self._end(bus.links.serial_of(to_be.serial))

    def _end(self, outcome: int | AudiobusError) -> None:
        if self._is_over:
            return
        self._is_over, self._stream.way_back = True, None
        if isinstance(outcome, AudiobusError) and self._to_be.node is not None:
            self._to_be.node.dismiss(self._to_be)
        self._linked(outcome)


class EncodedReturns:
    """Takes streams of one bus back to its compressed sinks."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def gain(self, stream: PlaybackStream, node: CompressedNode, order: Reason, linked: Linked) -> None:
        """Let a stream go on undecoded. NotSupported, Busy; `linked` gets the link's serial, or why there is none."""
        undecoded, client = stream.undecoded, self._bus.client(stream.owner)
        if undecoded is None or client is None:
            raise NotSupported(f"{node.name} plays encoded audio, and {stream.name} is PCM already")
        if node.stream is not None:
            raise Busy(f"{node.name} plays {node.stream.name} ({node.stream.serial}), and one encoded stream at a time")
        if stream.way_back is not None:
            raise Busy(f"{stream.name} is on its way to another device")
        reason, decision = order
        attempt = Attempt(client, undecoded.wish, _nobody)
        attempt.serial, attempt.decision = stream.serial, decision
        to_be = self._bus.offload.making.build(attempt, _shape_for(node, undecoded.wish))
        to_be.losses = undecoded.losses
        Return(self._bus, stream, to_be, reason, linked).begin(node)

    # ---- when ----

    def failed(self, stream: PlaybackStream) -> None:
        """Note that a device could not be opened for a stream: that counts like one that failed under it."""
        if stream.undecoded is not None:
            stream.undecoded.losses += 1
            stream.undecoded.is_ready = False
            self._bus.registry.changed(stream, stream.undecoded.facts())
            self.later(stream)

    def later(self, stream: BusObject) -> None:
        """Let a stream whose device has failed go back to one after a while, unless they fail again and again."""
        undecoded = stream.undecoded if isinstance(stream, PlaybackStream) else None
        if undecoded is not None and undecoded.losses < MOST_LOSSES:
            asyncio.get_running_loop().call_later(RETURN_AFTER, self._is_ready, stream, undecoded)

    def _is_ready(self, stream: BusObject, undecoded: Undecoded) -> None:
        if stream.serial not in self._bus.registry or self._bus.registry.get(stream.serial) is not stream:
            return
        undecoded.is_ready = True
        self._bus.registry.changed(stream, undecoded.facts())
        self.may_go(stream)

    def may_go(self, stream: BusObject) -> None:
        """Have it decided whether a stream goes back: it did not want to, or could not, until now."""
        self._bus.governing.concern(("ready", stream.serial), self._bus.orders.place_waiting)

    def place(self, stream: PlaybackStream) -> None:
        """Without a session manager: take a stream to a device that is free, if it may go and is heard."""
        undecoded = stream.undecoded
        if undecoded is None or not undecoded.is_ready or stream.way_back is not None or stream.is_silent:
            return
        target = stream.placement.target or undecoded.wish.target
        for node in self._bus.registry.of_kind(CompressedNode):
            if node.stream is None and node.is_available and target in ("", node.name, str(node.serial)):
                try:
                    self.gain(stream, node, (f"{node.name} is free again", ""), _forget)
                except AudiobusError:
                    continue
                return


def _still_sounding(stream: PlaybackStream) -> float:
    """Return how many seconds a sink still plays what it has taken of a stream."""
    timing = stream.ring.timing()
    to_come = 0 if timing is None else timing.delay - (time.monotonic_ns() - timing.taken_at)
    return min(max(0, to_come) / NS, LONGEST_WAIT)


def _shape_for(node: CompressedNode, wish: CreateStream) -> EncodedShape:
    """Return the first encoded shape that a device plays, as far as is known. NotSupported."""
    shapes = [shape for shape in wish.shapes if isinstance(shape, EncodedShape)]
    refused = [node.refusal(shape) for shape in shapes]
    if "" not in refused:
        raise NotSupported(f"{node.name}: {refused[0]}")
    return shapes[refused.index("")]


def _has_more(stream: PlaybackStream) -> bool:
    try:
        return stream.ring.look().stored > 0
    except PeerError:  # whoever plays it deals with that
        return True


def _nobody(_: object) -> None:
    """Nobody waits for that answer."""


def _forget(_: object) -> None:
    """Do nothing with an outcome that nobody waits for."""
