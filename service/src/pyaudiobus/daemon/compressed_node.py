"""A compressed sink as an object of the bus: who has it, who waits for it, and the thread that plays.

Past 300 lines because all of it turns on who has the device.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from pyaudiobus.daemon.dsp_thread import DspThread
from pyaudiobus.daemon.encoded_stream import EncodedStream
from pyaudiobus.daemon.feed import Feed, News
from pyaudiobus.daemon.loop_wakers import LoopWakers
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.sink_routes import SinkRoutes
from pyaudiobus.daemon.sink_volume import SinkVolume
from pyaudiobus.daemon.streams import Gone
from pyaudiobus.devices.clock import Clock
from pyaudiobus.devices.polled_clock import PolledFlag
from pyaudiobus.engine.ring import RingConsumer
from pyaudiobus.errors import AudiobusError, DeviceLost, NotSupported
from pyaudiobus.graph.node import BuffersParam, ParamId
from pyaudiobus.model.changes import Joined
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.negotiation import EncodedOffer, negotiate
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.protocol.words import EncodedShape, Shape

Opened = Callable[[BuffersParam | AudiobusError], None]


class NodeWatcher(Protocol):
    """Who is told of a compressed sink."""

    def node_changed(self, node: BusObject, facts: Facts) -> None:
        """Something of it is different."""

    def node_free(self, node: CompressedNode) -> None:
        """Nobody has it, and nobody stands in its queue."""

    def stream_recovered(self, stream: EncodedStream, news: News) -> None:
        """A device has failed and plays on."""

    def stream_joined(self, stream: EncodedStream, index: int, joined: Joined) -> None:
        """The next track of a stream is heard."""

    def stream_failed(self, node: CompressedNode, stream: EncodedStream, error: AudiobusError) -> None:
        """A stream could not go on; it has no device any more."""


class CompressedNode(BusObject):
    """A node that plays encoded audio, one stream at a time. Owned by the daemon."""

    kind = "node"

    def __init__(
        self,
        serial: int,
        name: str,
        sink: CompressedSink,
        clock: Clock,
        *,
        watcher: NodeWatcher,
        properties: dict[str, str],
        volume: SinkVolume,
        routes: SinkRoutes | None = None,
    ) -> None:
        super().__init__(serial, name, 0, {"media.class": "Audio/Sink", "device.api": "compress", **properties})
        self.routes = routes
        """Its ways out, where the board file names some."""
        self._sink = sink
        self._watcher = watcher
        self._loop = asyncio.get_running_loop()
        self._thread = DspThread(sink, clock)
        self._offers: tuple[EncodedOffer, ...] | None = None
        """None until the device was asked."""
        self._stream: EncodedStream | None = None
        self._queue: deque[tuple[EncodedStream, Callable[[], None]]] = deque()
        self._wakers = sink.signal if isinstance(sink.signal, PolledFlag) else LoopWakers(self._loop, self._thread.wake)
        self._error = ""
        self._volume = volume
        self._volume.begin(lambda: self._become(self._volume.facts()))
        self._thread.must(self._ask, self._told)

    # ---- what it is ----

    @property
    def state(self) -> str:
        """As PipeWire's node states."""
        if self._error:
            return "error"
        stream = self._stream
        if stream is None or not self._sink.is_open:
            return "suspended"
        return "idle" if stream.state in ("corked", "drained") else "running"

    @property
    def is_available(self) -> bool:
        """Whether its device can be used, as far as is known."""
        return not self._error

    @property
    def streams(self) -> tuple[EncodedStream, ...]:
        """What plays here."""
        return () if self._stream is None else (self._stream,)

    def facts(self) -> Facts:
        """Return what it takes, and who has it."""
        codecs = [codec.value for codec in Codec if any(codec in offer.codec for offer in self._offers or ())]
        told: Facts = {"format": " ".join(codecs), "waiting": len(self._queue), **self._volume.facts()}
        if self.routes is not None:
            told |= self.routes.facts()
        if self._stream is not None:
            told["stream"] = self._stream.serial
        if self._error:
            told["error"] = self._error
        return told

    def refusal(self, shape: Shape) -> str:
        """Return why it does not play a shape, as far as is known; empty where it does."""
        if not isinstance(shape, EncodedShape):
            return "it plays encoded audio"
        if shape.codec not in {codec.value for codec in Codec}:
            return f"the kernel has no name for {shape.codec}"
        if self._offers is None:
            return ""
        return self._why_not(self._offers, encoded_format(shape))

    def _why_not(self, offers: tuple[EncodedOffer, ...], form: EncodedFormat) -> str:
        if not offers:
            return "it plays no codec"
        agreement = negotiate((EncodedOffer.of(form),), offers)
        return "" if agreement.format is not None else agreement.rejections[0].reason

    @property
    def stream(self) -> EncodedStream | None:
        """The stream that has it."""
        return self._stream

    def holder(self) -> None:
        """Return nobody: what becomes of a second stream is decided in offload.py."""

    def volume_facts(self) -> Facts:
        """Return its gain and mute; nothing where no mixer control is its volume."""
        return self._volume.facts()

    def set_volume(self, gains: tuple[float, ...] | None, *, muted: bool | None) -> None:
        """Change what is given of its volume, which is a control of its card. NotSupported where it has none."""
        self._volume.change(self.name, gains, muted=muted)
        self._become(self._volume.facts())

    # ---- who has it ----

    def take(self, stream: EncodedStream) -> None:
        """Let a stream have it; it must be free."""
        self._stream, stream.node, stream.is_opening = stream, self, True
        self._error = ""

    def wait(self, stream: EncodedStream, then: Callable[[], None]) -> None:
        """Call `then` when it is this stream's turn, which has the sink then."""
        stream.node, stream.is_opening = self, True
        self._queue.append((stream, then))
        self._watcher.node_changed(self, {"waiting": len(self._queue)})

    def open(self, stream: EncodedStream, opened: Opened) -> None:
        """Open the device for the stream that has it; `opened` is called with the device's buffer, or why not."""
        form = stream.format

        def order() -> BuffersParam:
            why_not = self._why_not(self._ask(), form)
            if why_not:
                raise NotPlayed(f"{self.name}: {why_not}")
            self._sink.set_param(ParamId.FORMAT, form)
            found = self._sink.enum_params(ParamId.BUFFERS)[0]
            if not isinstance(found, BuffersParam):
                raise DeviceLost(f"{self.name} tells no buffer")
            return found

        self._thread.must(order, opened)

    def start(self, stream: EncodedStream, ring: RingConsumer, prebuf: int) -> None:
        """Play what comes through a ring, when `prebuf` bytes of it are there."""
        stream.ring = ring
        stream.admitted()
        self._wakers.watch(ring.fileno())
        is_corked = stream.is_corked or stream.is_held

        def tell(news: News) -> None:
            self._loop.call_soon_threadsafe(self._tell, stream, news)

        def order() -> Feed:
            stream.feed = feed = Feed(self._sink, ring, stream.format, tell, prebuf=prebuf)
            self._thread.play(feed, lambda error: self._stream_failed(stream, error))
            if not is_corked:
                feed.start()
            return feed

        self._thread.must(order, lambda feed: self._started(stream, feed))
        self._become({})

    def _started(self, stream: EncodedStream, feed: Feed | AudiobusError) -> None:
        if isinstance(feed, AudiobusError):
            self._stream_failed(stream, feed)
        stream.opened()

    def dismiss(self, stream: EncodedStream) -> None:
        """Play a stream no more, or let it wait no more; its ring is closed when it is not in use."""
        stream.node = None
        if self._stream is not stream:
            self._queue = deque(entry for entry in self._queue if entry[0] is not stream)
            self._watcher.node_changed(self, {"waiting": len(self._queue)})
            return
        ring = stream.ring
        if ring is not None:
            self._wakers.unwatch(ring.fileno())

        def order() -> None:
            self._thread.play_nothing()
            try:
                self._sink.use_buffers(None)
            finally:
                self._sink.set_param(ParamId.FORMAT, None)

        def left(_: object) -> None:
            if ring is not None:
                ring.close()

        self._thread.must(order, left)
        self._hand_on()

    def leave(self, stream: EncodedStream, how: Callable[[Feed], None], left: Callable[[object], None]) -> None:
        """Give the device to whoever is next; the stream keeps its ring, and what it plays goes on somewhere later.

        `left` is called when `how` was done, by which its feed leaves the device, or with the AudiobusError.
        """
        ring = stream.ring
        assert ring is not None  # noqa: S101  # it plays
        self._wakers.unwatch(ring.fileno())
        stream.node, stream.parked = None, self

        def order() -> None:
            self._thread.play_nothing()
            if stream.feed is None:
                raise Gone(f"stream {stream.serial} lost its device")
            how(stream.feed)

        self._thread.must(order, left)
        self._hand_on()

    def take_back(self, stream: EncodedStream, ring: RingConsumer) -> None:
        """Let a stream have it that left a device; it must be free."""
        self._wakers.watch(ring.fileno())
        self.take(stream)

    def give_up(self, stream: EncodedStream, ring: RingConsumer) -> None:
        """Undo take_back(): its device could not be opened."""
        self._wakers.unwatch(ring.fileno())
        stream.node = None
        self._hand_on()
        stream.opened()

    def go_on(self, stream: EncodedStream, feed: Feed) -> None:
        """Play on what left a device."""
        stream.parked = None

        def tell(news: News) -> None:
            self._loop.call_soon_threadsafe(self._tell, stream, news)

        def order() -> Feed:
            feed.go_on(self._sink, tell)
            self._thread.play(feed, lambda error: self._stream_failed(stream, error))
            return feed

        self._thread.must(order, lambda outcome: self._started(stream, outcome))
        self._become({})

    def _hand_on(self) -> None:
        """Let the next have it: what it orders comes after what was ordered for the last."""
        self._stream = None
        if self._queue:
            stream, then = self._queue.popleft()
            self.take(stream)
            then()
        self._become(self.facts())
        if self._stream is None:
            self._loop.call_soon(self._tell_free)

    def _tell_free(self) -> None:
        if self._stream is None:
            self._watcher.node_free(self)

    # ---- orders ----

    def order(self, stream: EncodedStream, what: Callable[[Feed], object], done: Callable[[object], None]) -> None:
        """Have something done with a stream's feed; `done` gets the outcome or the AudiobusError. Overloaded."""

        def order() -> object:
            if stream.feed is None:
                raise Gone(f"stream {stream.serial} lost its device")
            return what(stream.feed)

        self._thread.do(order, done)

    def sleep(self) -> None:
        """Close the device, which nothing is heard through; it opens again when it is needed. Told by its state.

        AudiobusError where something plays, NotSupported where what is corked could not go on where it was.
        """
        stream = self._stream
        if self.state != "idle" or stream is None or stream.feed is None:
            raise AudiobusError(f"{self.name} is in use")
        if stream.state != "drained" and not stream.feed.can_leave:
            raise NotSupported(f"{stream.name} could not go on where it was")
        self.order(stream, Feed.sleep, lambda _: self._become({}))

    def look_at_device(self) -> None:
        """Look whether all is well: somebody says that something has happened to it."""
        self._thread.wake()

    def _tell(self, stream: EncodedStream, news: News) -> None:
        if self._stream is not stream:
            return
        if news.event in ("troubled", "recovered"):
            self._watcher.stream_recovered(stream, news)
        elif news.event in ("opened", "closed"):
            pass  # its state tells
        elif news.joined is not None:
            self._watcher.stream_joined(stream, news.index, news.joined)
        else:
            before = stream.state
            stream.happened(news.event, news.index)
            if stream.state != before:
                self._watcher.node_changed(stream, {})
        self._become({})

    # ---- the device ----

    def _ask(self) -> tuple[EncodedOffer, ...]:
        """Ask the device what it takes; in the thread. DeviceError."""
        found = self._sink.enum_params(ParamId.ENUM_FORMAT)
        return tuple(offer for offer in found if isinstance(offer, EncodedOffer))

    def _told(self, offers: tuple[EncodedOffer, ...] | AudiobusError) -> None:
        if isinstance(offers, AudiobusError):
            self._error = offers.what
        else:
            self._offers = offers
        self._become(self.facts())
        if self._stream is None and not self._error:
            self._tell_free()

    def try_again(self) -> None:
        """Ask the device again: its card may have come."""
        if self._stream is None:
            self._error = ""
            self._thread.must(self._ask, self._told)

    def _stream_failed(self, stream: EncodedStream, error: AudiobusError) -> None:
        if self._stream is not stream:
            return
        if isinstance(error, DeviceLost):
            self._error = error.what
        self._watcher.stream_failed(self, stream, error)

    def _become(self, facts: Facts) -> None:
        self._watcher.node_changed(self, facts)

    def gone(self) -> None:
        """Stop the thread, and put its volume back as it was found."""
        self._volume.end()
        if isinstance(self._wakers, LoopWakers):
            self._wakers.close()
        self._thread.stop()


class NotPlayed(AudiobusError):
    """The device does not take this shape, as it turned out."""


def encoded_format(shape: EncodedShape) -> EncodedFormat:
    """Return a shape's format. UserError, and ValueError where the kernel has no name for the codec."""
    return EncodedFormat(
        Codec(shape.codec),
        shape.rate,
        shape.channels,
        bit_rate=shape.bit_rate,
        bit_depth=shape.bit_depth,
        stream_format=shape.stream_format,
        block_align=shape.block_align,
        codec_private=shape.codec_private,
        encoder_delay=shape.encoder_delay,
        encoder_padding=shape.encoder_padding,
        profile=shape.profile,
        variant=shape.variant,
    )
