"""A bus in a thread of this process, with virtual DSPs whose time and taps a test can have. Clients are real ones."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any, Self

from pyaudiobus.client.remote import Remote
from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.compressed_node import CompressedNode
from pyaudiobus.daemon.cycle_node import Manner
from pyaudiobus.daemon.openers import NullSinkOpener
from pyaudiobus.daemon.pcm_sink import PcmSink
from pyaudiobus.daemon.requests import BusRequests
from pyaudiobus.devices.clock import Clock, ManualClock, PacedClock
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.hardware import Hardware
from pyaudiobus.engine.ring import RingDescriptors, RingProducer
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.daemon_settings import DaemonSettings
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.protocol.messages import CreateStream, StreamCreated
from pyaudiobus.protocol.shapes import encoded_shape
from pyaudiobus.protocol.words import Attributes, EncodedShape, PcmShape

ROOT = Path(__file__).parents[2]
MP3 = ROOT / "service" / "share" / "demo" / "carillon.mp3"
FLAC = ROOT / "service" / "share" / "demo" / "carillon.flac"
PATIENCE = 15
STEPS = 5


class DspBus:
    """A bus, its DSP, and a null sink at the demo songs' rate."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: DaemonSettings | None = None,
        profile: str = "q6asm",
        clock: Callable[[], Clock] = lambda: PacedClock(inf),
        request: RingRequest | None = None,
        render: Path | None = None,
        volume: VolumeControl | None = None,
        longest: int = 2_000_000,
        rate: int = 44_100,
    ) -> None:
        """`longest` is the null sink's longest quantum, in microseconds, `rate` its rate."""
        self.path = str(folder / "bus")
        self.tap = folder / "tap"
        self.dsp: VirtualDsp
        self.clock: Clock
        self.node: CompressedNode
        self.bus: Bus
        self._make = (profile, clock, request, render)
        self._volume = volume
        self._longest = longest
        self._rate = rate
        self._settings = settings or DaemonSettings()
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._is_ready.wait(PATIENCE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self._begin)
        self._loop.run_forever()

    def _begin(self) -> None:
        profile, make_clock, request, render = self._make
        self.clock = clock = make_clock()
        if isinstance(clock, ManualClock):
            clock.join()  # the thread that plays; this one turns the clock
        self.bus = Bus(self._settings)
        self.dsp = VirtualDsp(profile, clock, str(render) if render else None, str(self.tap), Hardware())
        sink = CompressedSink(self.dsp, clock, quirks_for(self.dsp.driver), request)
        self.node = self.bus.offload.add("dsp", sink, clock, {}, self._volume)
        form = PcmFormat(Encoding.S16, self._rate, 2)
        manner = Manner(500, self._longest, 0, 0)
        serial = self.bus.registry.new_serial()
        self.bus.add_node(
            PcmSink(serial, "null", NullSinkOpener(), form, manner=manner, watcher=self.bus, properties={})
        )
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        requests = BusRequests(self.bus)
        self._loop.add_reader(self._listener, lambda: self.bus.accept(self._listener.accept()[0], requests, None))
        self._is_ready.set()

    def call(self, what: Callable[[], Any]) -> Any:
        """Do something in the loop and return what came of it."""

        async def ask() -> Any:
            return what()

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(PATIENCE)

    def advance(self, seconds: float) -> None:
        """Let so much time pass on a clock that is turned by hand, between all that was asked and all that follows."""
        clock = self.clock
        assert isinstance(clock, ManualClock)
        self.settle()
        self.call(lambda: clock.advance(seconds))
        self.settle()

    def settle(self) -> None:
        """Wait until what clients have stored is seen, and what the loop and the thread that plays asked is done.

        A stream that leaves its device and has another is handed between the two STEPS times at most.
        """
        for _ in range(STEPS):
            self._let_the_loop_look()
            self._let_the_thread_look()

    def _let_the_thread_look(self) -> None:
        is_done = threading.Event()
        self.call(lambda: self.node._thread.must(lambda: None, lambda _: is_done.set()))
        assert is_done.wait(PATIENCE)

    def _let_the_loop_look(self) -> None:
        async def look() -> None:
            for _ in range(2):  # the loop finds out what is readable between the two
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(look(), self._loop).result(PATIENCE)

    def tapped(self) -> bytes:
        """What the DSP consumed."""
        return self.tap.read_bytes()

    def remote(self, name: str = "tester") -> Remote:
        return Remote(name, self.path)

    def close(self) -> None:
        self.call(self.bus.close)
        self._loop.call_soon_threadsafe(self._loop.remove_reader, self._listener)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._listener.close()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def song_at(path: Path) -> tuple[EncodedShape, bytes]:
    """A song's shape and the bytes to send."""
    song = open_encoded(str(path))
    assert song is not None
    reader = song.reader()
    data = bytes(reader.peek(reader.total))
    shape = encoded_shape(song.form)
    song.close()
    return shape, data


PCM = PcmShape("s16", 44_100, 2)


class Encoded:
    """A client's end of an encoded stream, by hand."""

    def __init__(self, remote: Remote, *shapes: EncodedShape | PcmShape, name: str = "song", **wish: Any) -> None:
        wish.setdefault("attributes", Attributes(maxlength=4 * 1024 * 1024))
        body, descriptors = remote.ask_with_descriptors("create-stream", CreateStream("playback", name, shapes, **wish))
        self.created: StreamCreated = body
        self.remote = remote
        self.ring = RingProducer.attach(RingDescriptors(*descriptors))
        self.serial = self.created.serial

    def write(self, data: bytes) -> None:
        at = self.ring.written
        self.ring.view(at, len(data))[:] = data
        self.ring.publish(at + len(data))

    def end(self) -> None:
        self.ring.mark_end(self.ring.written)

    def await_event(self, name: str) -> Any:
        """Wait for an event of this stream and return its body."""
        kept: list[str] = []
        while True:
            for event in self.remote.happenings():
                if event.name == name and event.body.serial == self.serial:
                    return event.body
                kept.append(event.name)
            assert self.remote.wait(timeout=PATIENCE), f"no {name}, but {kept}"
