"""Encoded streams on the bus: the compressed sinks they play on, what is asked of them, and what is told of them.

How they are made is in encoded_making.py, how they leave a device and come back in encoded_moves.py.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.compressed_node import CompressedNode, encoded_format
from pyaudiobus.daemon.encoded_buffers import settle
from pyaudiobus.daemon.encoded_making import EncodedMaking
from pyaudiobus.daemon.encoded_moves import EncodedMoves
from pyaudiobus.daemon.encoded_returns import EncodedReturns
from pyaudiobus.daemon.encoded_stream import EncodedStream, NextTrack
from pyaudiobus.daemon.encoded_words import Later, latency_of, not_yet
from pyaudiobus.daemon.feed import Feed, News
from pyaudiobus.daemon.objects import BusObject, Facts, PortObject, TooLarge, checked
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.daemon.sink_volume import SinkVolume
from pyaudiobus.daemon.static_policy import describe
from pyaudiobus.daemon.streams import Drained, PlaybackStream
from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.errors import AudiobusError, PeerError, UserError
from pyaudiobus.model.changes import Joined
from pyaudiobus.model.encoded_timing import NS
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.protocol.messages import AttributesSet, FollowTrack, Recovered, Right, TrackJoined
from pyaudiobus.protocol.words import Attributes, EncodedShape, Shape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")


class Offload:
    """The encoded streams and compressed sinks of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.making = EncodedMaking(bus)
        self.moves = EncodedMoves(bus)
        self.returns = EncodedReturns(bus)

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
        stream.losses = 0
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
            later(outcome if isinstance(outcome, AudiobusError) else Answer(AttributesSet(granted, latency_of(stream))))

        if ring is None:
            raise not_yet(stream)
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
            raise not_yet(stream)
        node.order(stream, what, done)

    def _answer(self, outcome: object, later: Later) -> None:
        later(outcome if isinstance(outcome, AudiobusError) else Answer())

    # ---- what the sinks tell ----

    def node_changed(self, node: BusObject, facts: Facts) -> None:
        """Tell what is different of a sink."""
        self._bus.registry.changed(node, facts)

    def node_free(self, node: CompressedNode) -> None:
        """Let who waits to go on have it, or who plays decoded meanwhile."""
        is_wanted = any(stream.parked is not None for stream in self._bus.registry.of_kind(EncodedStream))
        if is_wanted or any(stream.undecoded is not None for stream in self._bus.registry.of_kind(PlaybackStream)):
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
        self.moves.lose(stream, error, has_failed=True)


def _followable(shape: Shape) -> EncodedFormat:
    """Return the format of a track that is to follow. UserError."""
    if not isinstance(shape, EncodedShape):
        raise UserError(
            f"{describe(shape)} cannot follow in an encoded stream", advice="Play it as a stream of its own."
        )
    if shape.codec not in {codec.value for codec in Codec}:
        raise UserError(f"the kernel has no name for {shape.codec}")
    return encoded_format(shape)
