"""Streams that play: made, placed, moved, held, drained. The rules of their buffers are in model/buffering.py.

Past 300 lines because each of these turns on the same streams and links, and must leave them whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.daemon.formats import (
    check_gains,
    latency_mode,
    pcm_format,
    pcm_shape,
    playback_attributes,
    playback_wish,
)
from pyaudiobus.daemon.objects import LinkObject, PortObject
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.daemon.static_policy import Busy, Placed, Wish, choose
from pyaudiobus.daemon.streams import Drained, Placement, PlaybackStream
from pyaudiobus.daemon.undecoded import Undecoded
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.model.buffering import MAX_LENGTH, settle_playback
from pyaudiobus.model.channels import remix, with_volume
from pyaudiobus.protocol.messages import AttributesChanged, CreateStream, Moved, SetAttributes, StreamCreated, Suspended
from pyaudiobus.protocol.words import Attributes, PcmShape

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
MOST_PLAYED = 2**60
"""Bytes that no stream has ever played."""


class Playing:
    """The playback streams of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._group_keys: dict[tuple[int, int], int] = {}
        self._last_group = 0

    # ---- making ----

    def create(
        self,
        client: Client,
        wish: CreateStream,
        serial: int = 0,
        placed: Placed | None = None,
        undecoded: Undecoded | None = None,
    ) -> Answer:
        """Make a stream, or with a serial what goes on in the place of one; the answer brings its ring.

        `placed` says where; without it the static policy does. `undecoded` is what it can go back to.
        """
        placed = placed or self._place(client, wish)
        if not isinstance(placed.sink, PcmSink) or not isinstance(placed.shape, PcmShape):
            raise NotSupported(f"{placed.sink.name} takes no streams of clients")
        sink = placed.sink
        if wish.fail_on_suspend and not sink.is_awake:
            raise AudiobusError(f"{sink.name} is suspended")
        stream = self._build(client, wish, placed.shape, serial or self._bus.registry.new_serial())
        stream.undecoded = undecoded if undecoded is not None and undecoded.wish.may_return else None
        self._check_group(stream, sink)
        self.check_free(stream, sink)
        self.start(stream, sink, placed.reason, placed.decision)
        created = StreamCreated(
            stream.serial,
            pcm_shape(stream.format),
            playback_attributes(stream.buffering),
            sink.serial,
            sink.name,
            stream.latency * 1000,
            suspended=not sink.is_awake,
            reason=placed.reason,
        )
        return Answer(created, stream.ring.descriptors, stream.ring.give_away)

    def create_unlinked(self, client: Client, wish: CreateStream, serial: int, reason: str) -> Answer:
        """Make a stream that waits to be linked; its client may write already."""
        shapes = [shape for shape in wish.shapes if isinstance(shape, PcmShape)]
        sinks = [sink for sink in self._bus.sinks_for(client) if isinstance(sink, PcmSink)]
        played = [shape for shape in shapes if any(not sink.refusal(shape) for sink in sinks)]
        stream = self._build(client, wish, (played or shapes)[0], serial)
        stream.waits = reason
        stream.is_told_suspended = True
        self._settle(stream, None)
        capacity = stream.clock.whole_up(MAX_LENGTH)
        stream.ring = RingConsumer.create(capacity, stream.format.frame_size, stream.buffering.tlength)
        self._make_known(stream)
        shape, attributes = pcm_shape(stream.format), playback_attributes(stream.buffering)
        created = StreamCreated(serial, shape, attributes, 0, "", stream.latency * 1000, suspended=True, reason=reason)
        return Answer(created, stream.ring.descriptors, stream.ring.give_away)

    def _place(self, client: Client, wish: CreateStream) -> Placed:
        sinks = self._bus.sinks_for(client)
        if not wish.target:  # those that take encoded audio only are no place to go to unasked, default or not
            sinks = [sink for sink in sinks if isinstance(sink, PcmSink)]
        placed = choose(Wish(wish.target, wish.shapes), self._bus.default_sink(), sinks)
        _check_alone(placed, is_exclusive=wish.exclusive)
        return placed

    def _build(self, client: Client, wish: CreateStream, shape: PcmShape, serial: int) -> PlaybackStream:
        placement = Placement(
            target=wish.target,
            may_move=not wish.dont_move,
            dies_with_device=wish.dont_reconnect,
            fails_on_suspend=wish.fail_on_suspend,
        )
        form = pcm_format(shape)
        check_gains(wish.volume, form.channels)
        stream = PlaybackStream(
            serial,
            wish.name or client.name,
            client.serial,
            form,
            ear=client,
            placement=placement,
            properties=dict(wish.properties),
        )
        stream.asked = playback_wish(wish.attributes)
        stream.mode = latency_mode(wish.adjust_latency, wish.early_requests)
        stream.is_corked, stream.is_muted, stream.gains = wish.corked, wish.muted, wish.volume
        stream.is_exclusive = wish.exclusive
        stream.sync_group = wish.sync_group
        stream.group_key = self._group_key(client.serial, wish.sync_group)
        with_volume(remix(("MONO",) * form.channels, ("MONO",) * form.channels), stream.gains)
        return stream

    def start(
        self, stream: PlaybackStream, sink: PcmSink, reason: str, decision: str = "", room: int = MAX_LENGTH
    ) -> None:
        """Give a stream its ring, of `room` bytes, and its sink, and make it known; where that fails, nothing is left.

        A client can ask for a longer queue later; the ring it has is the longest.
        """
        self._settle(stream, sink)
        try:
            capacity = stream.clock.whole_up(room)
            stream.ring = RingConsumer.create(capacity, stream.format.frame_size, stream.buffering.tlength)
            stream.ring.begin(self._beginning(stream))
            try:
                sink.admit(stream)
            except BaseException:
                stream.ring.close()
                raise
        except BaseException:
            sink.release_latency(stream.serial)
            raise
        stream.is_told_suspended = not sink.is_awake
        self._make_known(stream)
        self._bus.links.join(stream, sink, reason, owner=stream.owner, decision=decision)

    def _make_known(self, stream: PlaybackStream) -> None:
        registry = self._bus.registry
        registry.add(stream)
        registry.add(PortObject(registry.new_serial(), stream, "output", (str(stream.format),)))

    def _beginning(self, stream: PlaybackStream) -> int:
        """Return the index of a stream's first byte: who joins a group begins where that reads, as in PulseAudio."""
        index = max((other.ring.shown() for other in self.group(stream)), default=0)
        return stream.clock.whole(index) if index < MOST_PLAYED else 0

    def _group_key(self, owner: int, group: int) -> int:
        if not group:
            return 0
        if (owner, group) not in self._group_keys:
            self._last_group += 1
            self._group_keys[owner, group] = self._last_group
        return self._group_keys[owner, group]

    def client_ended(self, owner: int) -> None:
        """Forget the groups of a client."""
        self._group_keys = {place: key for place, key in self._group_keys.items() if place[0] != owner}

    def _check_group(self, stream: PlaybackStream, sink: PcmSink) -> None:
        if any(other.sink is not sink or not other.is_corked for other in self.group(stream)):
            raise UserError("streams of a group are made corked, and all on one sink")

    def group(self, stream: PlaybackStream) -> list[PlaybackStream]:
        """List the other streams of a stream's group."""
        return [
            other
            for other in self._bus.registry.of_kind(PlaybackStream)
            if stream.sync_group
            and other.sync_group == stream.sync_group
            and other.owner == stream.owner
            and other is not stream
        ]

    # ---- buffers ----

    def _settle(self, stream: PlaybackStream, sink: PcmSink | None) -> None:
        """Settle buffer attributes with a sink."""

        def grant(usec: int) -> int:
            return usec if sink is None else sink.grant_latency(stream.serial, usec)

        stream.buffering, stream.latency = settle_playback(stream.asked, stream.clock, stream.mode, grant)

    def set_attributes(self, stream: PlaybackStream, wish: SetAttributes) -> tuple[Attributes, int]:
        """Settle buffer attributes anew. Returns them and the latency in ns."""
        stream.mode = latency_mode(wish.adjust_latency, wish.early_requests)
        stream.asked = playback_wish(wish.attributes)
        self._settle(stream, stream.sink)
        if stream.sink is not None:
            stream.sink.set_prebuf(stream)
        self._bus.registry.changed(stream, stream.facts())
        return playback_attributes(stream.buffering), stream.latency * 1000

    def regrant(self, sink: PcmSink) -> None:
        """Follow a sink that needs other latencies now; tell the streams whose buffers that changes."""
        for stream in sink.streams:
            before = (stream.buffering, stream.latency)
            self._settle(stream, sink)
            if (stream.buffering, stream.latency) == before:
                continue
            sink.set_prebuf(stream)
            changed = AttributesChanged(stream.serial, playback_attributes(stream.buffering), stream.latency * 1000)
            self._bus.tell_owner(stream, "attributes-changed", changed)
            self._bus.registry.changed(stream, stream.facts())

    # ---- control ----

    def cork(self, stream: PlaybackStream, *, is_corked: bool) -> None:
        """Cork or uncork a stream and its group."""
        together = [stream, *self.group(stream)]
        before = [one.is_corked for one in together]
        for one in together:
            one.is_corked = is_corked
        try:
            free = [one for one in together if not one.is_held]
            if stream.sink is not None and free:
                stream.sink.cork(free, is_corked=is_corked)
        except AudiobusError:
            for one, was in zip(together, before, strict=True):
                one.is_corked = was
            raise
        for one in together:
            self._bus.registry.changed(one, {"corked": is_corked})
        if stream.undecoded is not None and not is_corked:
            self._bus.offload.returns.may_go(stream)

    def trigger(self, stream: PlaybackStream) -> None:
        """Play without prebuf."""
        self._sink_of(stream).trigger([stream, *self.group(stream)])

    def rearm(self, stream: PlaybackStream) -> None:
        """Wait for prebuf again."""
        if stream.sink is not None:
            stream.sink.rearm([stream, *self.group(stream)])

    def drain(self, stream: PlaybackStream, drained: Drained) -> None:
        """Have `drained` called when all was heard."""
        if not stream.is_moving:
            self._sink_of(stream)
        tag = stream.expect_drained(drained)
        if stream.sink is not None:
            group = self.group(stream)
            if group:  # it would wait for the others of its group, and nobody for them
                stream.sink.trigger([stream, *group])
            stream.sink.drain(stream, tag)

    def set_volume(
        self, stream: PlaybackStream, gains: tuple[float, ...] | None, ramp: int, *, muted: bool | None
    ) -> None:
        """Change what is given of a stream's volume."""
        if gains is not None:
            check_gains(gains, stream.format.channels)
            stream.gains = gains
        stream.is_muted = stream.is_muted if muted is None else muted
        if stream.sink is not None:
            stream.sink.follow_volume(stream, ramp)
        facts = stream.facts()
        self._bus.registry.changed(stream, {"volume": facts["volume"], "muted": facts["muted"]})

    def _sink_of(self, stream: PlaybackStream) -> PcmSink:
        if stream.sink is None:
            raise AudiobusError(f"stream {stream.serial} is linked to no sink now", advice="Move it to one.")
        return stream.sink

    # ---- moving ----

    def move(self, stream: PlaybackStream, target: str, mover: Client | None) -> LinkObject:
        """Let a stream play elsewhere, as somebody asks; with no target where the default is."""
        _check_movable(stream)
        placed = self._choose(stream, target, mover)
        stream.placement.target = target
        return self.carry(stream, placed)

    def placed_on(self, stream: PlaybackStream, sink: PcmSink) -> Placed:
        """Check that a stream can play on a sink where somebody links it; it stays there, whatever the default is."""
        _check_movable(stream)
        shape = pcm_shape(stream.format)
        why_not = sink.refusal(shape)
        if why_not:
            raise UserError(f"cannot link {stream.name} to {sink.name}: {why_not}")
        holder = sink.holder()
        if holder not in (None, stream) or (stream.is_exclusive and sink is not stream.sink and sink.streams):
            raise Busy(f"cannot link {stream.name} to {sink.name}: one of them is to be alone with the other")
        stream.placement.target = sink.name
        return Placed(sink, shape, "it was linked there")

    def checked(self, stream: PlaybackStream, sink: PcmSink, reason: str, decision: str) -> Placed:
        """Check that a stream can be taken to a sink. UserError, Busy."""
        if self._bus.links.out_of(stream) is not None:
            _check_movable(stream)
        shape = pcm_shape(stream.format)
        why_not = sink.refusal(shape)
        if why_not:
            raise UserError(f"cannot link {stream.name} to {sink.name}: {why_not}")
        self.check_free(stream, sink)
        return Placed(sink, shape, reason, decision=decision)

    def check_free(self, stream: PlaybackStream, sink: PcmSink) -> None:
        """Busy where a stream and others would have to share what one of them wants for itself."""
        holder = sink.holder()
        if holder not in (None, stream):
            raise Busy(f"{sink.name} is held by {holder.name} ({holder.serial}) for itself alone")
        if stream.is_exclusive and any(other is not stream for other in sink.streams):
            raise Busy(f"{sink.name} plays other streams, and this one wants it for itself")

    def carry(self, stream: PlaybackStream, placed: Placed, owner: int | None = None) -> LinkObject:
        """Take a stream to a sink, from the very byte where it stopped; return the new link."""
        sink = placed.sink
        if not isinstance(sink, PcmSink):
            raise NotSupported(f"{sink.name} does not mix")
        links, link = self._bus.links, self._bus.links.out_of(stream)
        if link is not None and sink is link.input:
            return link
        if link is not None:
            links.part(link)
        maker = stream.owner if owner is None else owner
        made = links.join(stream, sink, placed.reason, owner=maker, decision=placed.decision)
        self._leave(stream, lambda: self._arrive(stream, placed))
        return made

    def unlink(self, stream: PlaybackStream) -> None:
        """Let a stream play nowhere; it waits to be linked again."""
        link = self._bus.links.out_of(stream)
        if link is not None:
            self._bus.links.part(link)
            stream.is_told_suspended = True
            self._bus.tell_owner(stream, "suspended", Suspended(stream.serial, suspended=True))
        self._leave(stream, lambda: self._bus.registry.changed(stream))
        self._bus.registry.changed(stream)

    def release(self, stream: PlaybackStream, then: Callable[[], None]) -> None:
        """Take a stream from its sink for good; `then` is called when its ring is free, unless it is gone."""
        self._bus.links.part_all(stream)
        self._leave(stream, then)

    def _leave(self, stream: PlaybackStream, then: Callable[[], None]) -> None:
        """Take a stream from its sink. `then` is called once its ring is free; the last such call counts."""
        sink, stream.sink = stream.sink, None
        stream.whither = then
        if stream.is_moving:
            return
        if sink is None:
            then()
            return
        stream.is_moving = True
        with sink.together():  # who listens to it hears it up to the frame at which it goes
            self._bus.recording.pause(stream)
            sink.dismiss(stream, lambda: self._left(stream))

    def _left(self, stream: PlaybackStream) -> None:
        stream.is_moving = False
        if stream.serial in self._bus.registry:
            stream.whither()
        else:
            stream.ring.close()

    def _arrive(self, stream: PlaybackStream, placed: Placed) -> None:
        sink = placed.sink
        if not isinstance(sink, PcmSink):
            return
        self._settle(stream, sink)
        self._bus.recording.go_on(stream, sink)
        try:
            sink.admit(stream)
        except AudiobusError:
            sink.release_latency(stream.serial)
            self.unlink(stream)
            return
        if stream.is_playing:  # it has been waited for prebuf once
            sink.trigger([stream])
        tag = stream.pending_drain()
        if tag is not None:
            sink.drain(stream, tag)
        moved = Moved(
            stream.serial,
            sink.serial,
            sink.name,
            playback_attributes(stream.buffering),
            stream.latency * 1000,
            suspended=not sink.is_awake,
            reason=placed.reason,
        )
        stream.is_told_suspended = moved.suspended
        self._bus.tell_owner(stream, "moved", moved)
        self._bus.registry.changed(stream, stream.facts())
        self._bus.recording.followed(stream, placed.reason)

    # ---- following ----

    def follow_default(self) -> None:
        """Take the streams that nobody has placed to the default sink."""
        for stream in self._bus.registry.of_kind(PlaybackStream):
            if not stream.placement.target and stream.placement.may_move and not stream.sync_group:
                self.replace(stream)

    def follow_target(self, stream: PlaybackStream, target: str) -> None:
        """Obey metadata that say where a stream belongs; an empty target: where the default is."""
        stream.placement.target = target
        if stream.placement.may_move and not stream.sync_group:
            self.replace(stream)

    def end_faithful(self, sink: PcmSink, reason: str) -> None:
        """End the streams of a lost sink that do not want to be elsewhere."""
        for stream in sink.streams:
            if stream.placement.dies_with_device:
                self._bus.end_stream(stream, f"its sink {sink.name} is lost: {reason}")

    def rescue(self, sink: PcmSink) -> None:
        """Take the streams of a lost sink elsewhere; those that may not be moved wait for it."""
        for stream in sink.streams:
            if stream.placement.may_move and not stream.sync_group:
                self.replace(stream)

    def abandon(self, sink: PcmSink) -> bool:
        """Unlink the streams of a sink that is about to go for good, or end them; tell whether any waits for another.

        Each goes on at the byte it had reached.
        """
        self.end_faithful(sink, "its program has left")
        left = [link.output for link in self._bus.links.of(sink) if isinstance(link.output, PlaybackStream)]
        for stream in left:
            stream.waits = f"{sink.name}, on which it played, is gone"
            self.unlink(stream)
        return bool(left)

    def take_back(self) -> None:
        """Take streams where they belong: a sink can be used again."""
        for stream in self._bus.registry.of_kind(PlaybackStream):
            if stream.placement.may_move and not stream.sync_group:
                self.replace(stream)

    def replace(self, stream: PlaybackStream) -> None:
        """Take a stream where it belongs, or, while that cannot be used, elsewhere; leave it where nothing can."""
        owner = self._bus.client(stream.owner)
        try:
            placed = self._wanted(stream, owner)
            if not placed.sink.is_available:
                placed = self._choose(stream, "", owner)
            if placed.sink.is_available:
                self.carry(stream, placed)
        except AudiobusError as error:
            log.info("stream %d stays where it is: %s", stream.serial, error.what)

    def _wanted(self, stream: PlaybackStream, owner: Client | None) -> Placed:
        """Choose what a stream names; what was linked before may have lost it for good."""
        try:
            return self._choose(stream, stream.placement.target, owner)
        except NotFound:
            return self._choose(stream, "", owner)

    def _choose(self, stream: PlaybackStream, target: str, mover: Client | None) -> Placed:
        wish = Wish(target, (pcm_shape(stream.format),), stream)
        sinks = [sink for sink in self._bus.sinks_for(mover) if isinstance(sink, PcmSink)]
        placed = choose(wish, self._bus.default_sink(), sinks)
        if placed.sink is not stream.sink:
            _check_alone(placed, is_exclusive=stream.is_exclusive)
        return placed


def _check_movable(stream: PlaybackStream) -> None:
    if stream.sync_group:
        raise UserError(f"{stream.name} ({stream.serial}) belongs to a group of streams, which is not moved")
    if not stream.placement.may_move:
        raise UserError(f"{stream.name} ({stream.serial}) does not want to be moved")


def _check_alone(placed: Placed, *, is_exclusive: bool) -> None:
    if is_exclusive and isinstance(placed.sink, PcmSink) and placed.sink.streams:
        raise Busy(f"{placed.sink.name} plays other streams, and this one wants it for itself")
