"""A bench to try sinks on: a song of any length, sinks with their clocks, and the loop that drives one."""

from __future__ import annotations

from math import inf
from pathlib import Path
from types import TracebackType

from pyaudiobus.devices.clock import Clock, ManualClock
from pyaudiobus.devices.compress import CompressDevice
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.graph.node import Command, ParamId, Status
from pyaudiobus.graph.source import FixedIndex
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.model.format import Codec, EncodedFormat, Format
from pyaudiobus.model.frame_index import FrameIndex
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink

KIB = 1024
TICK = 0.05
"""Seconds the clock is turned at a time."""
HUM = Path(__file__).with_name("files") / "hum-128k.mp3"
FRAME, FRAME_SAMPLES = 384, 1152
BYTE_RATE = 16_000
MP3 = EncodedFormat(Codec.MP3, 48_000, 2, bit_rate=128_000)

Sink = CompressedSink | PcmSink


class Bytes:
    """A source that has all its bytes at hand."""

    def __init__(self, data: bytes, index: FrameIndex) -> None:
        self.index = index
        self._rest = memoryview(data)

    @property
    def ended(self) -> bool:
        """True once every byte was taken."""
        return not self._rest

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes."""
        return self._rest[:size]

    def advance(self, count: int) -> None:
        """Take bytes."""
        self._rest = self._rest[count:]


class Switch:
    """A mixer route that writes down, beside the device's own events, when it is switched."""

    def __init__(self, device: VirtualDsp) -> None:
        self._device = device
        self.is_on = False

    def __enter__(self) -> None:
        self.is_on = True
        self._device.journal.note("route on")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_on = False
        self._device.journal.note("route off")


def song(seconds: float) -> Bytes:
    """As many whole frames of a real 128 kbit/s MP3 as fit into that time."""
    count = int(seconds * MP3.rate / FRAME_SAMPLES)
    hum = HUM.read_bytes()
    data = (hum * (count * FRAME // len(hum) + 1))[: count * FRAME]
    return Bytes(data, TimeIndex([FRAME] * count, FRAME_SAMPLES))


def plain(size: int) -> Bytes:
    """Bytes that are no audio, one frame each, all different from their neighbours."""
    return Bytes(bytes(number * 7 % 251 for number in range(size)), FixedIndex(1, size))


def sink_on(device: VirtualDsp, clock: Clock, ring: RingRequest | None = None) -> CompressedSink:
    """A sink for a virtual DSP, as the bus wires it."""
    return CompressedSink(device, clock, quirks_for(device.driver), ring)


def ring_of(fragments: int, size: int = 8 * KIB) -> RingRequest:
    """A ring of just this shape."""
    return RingRequest(fragments * size, fragments)


def load(sink: Sink, source: Bytes, form: Format = MP3) -> None:
    """Bring a sink to where a link brings it."""
    sink.set_param(ParamId.FORMAT, form)
    sink.use_buffers(source)


def begin(sink: Sink, source: Bytes, form: Format = MP3) -> float:
    """Link, start, and do the first cycle; return when the sink wants the next."""
    load(sink, source, form)
    sink.send_command(Command.START)
    return sink.process().deadline


def play_out(sink: Sink, clock: Clock, deadline: float) -> None:
    """Drive a sink to its end, as a player does."""
    while True:
        clock.wait(sink.signal, deadline)
        cycle = sink.process()
        if cycle.status is Status.DRAINED:
            return
        deadline = cycle.deadline


def turn(sink: Sink, clock: ManualClock, deadline: float, until: float = inf) -> float:
    """Turn the clock by hand up to `until`, with a cycle whenever the sink wants one; return its next deadline."""
    while clock.now() < until:
        if not sink.signal.is_set() and clock.now() < deadline:
            clock.advance(min(TICK, deadline - clock.now()))
            continue
        cycle = sink.process()
        if cycle.status is Status.DRAINED:
            return inf
        deadline = cycle.deadline
    return deadline


def events(device: VirtualDsp) -> list[str]:
    """What happened to a device, in order."""
    return [event for _, event in device.journal.events]


def is_free(device: CompressDevice) -> bool:
    """Tell whether a device can be opened: nobody holds it any more."""
    device.open()
    device.close()
    return True
