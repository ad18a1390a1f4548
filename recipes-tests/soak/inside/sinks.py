"""The service's own sink on the kernel's device, in a hurry where the DSP is, and what a process weighs."""

from __future__ import annotations

import os
from pathlib import Path

from pyaudiobus.devices.clock import MonotonicClock, Signal
from pyaudiobus.devices.kernel import KernelCompressDevice
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.graph.node import Command, Cycle, ParamId, Status
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from soak.stream import BIT_RATE, RATE, EndlessStream

FORM = EncodedFormat(Codec.MP3, RATE, 2, bit_rate=BIT_RATE)


class FastClock(MonotonicClock):
    """CLOCK_MONOTONIC `speed` times faster: the time of a DSP that plays `speed` times faster."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def now(self) -> float:
        return super().now() * self._speed

    def wait(self, signal: Signal, deadline: float) -> bool:
        return super().wait(signal, deadline / self._speed)


def make_sink(clock: MonotonicClock) -> CompressedSink:
    device = KernelCompressDevice(0, 0)
    return CompressedSink(device, clock, quirks_for(device.driver))


def begin(sink: CompressedSink, stream: EndlessStream) -> Cycle:
    """Open the device, fill its ring, and start."""
    sink.set_param(ParamId.FORMAT, FORM)
    sink.use_buffers(stream)
    sink.send_command(Command.START)
    return sink.process()


def play(sink: CompressedSink, stream: EndlessStream, clock: MonotonicClock) -> None:
    """Play to the end of the drain, and give the device back."""
    cycle = begin(sink, stream)
    while cycle.status is not Status.DRAINED:
        clock.wait(sink.signal, cycle.deadline)
        cycle = sink.process()
    sink.send_command(Command.SUSPEND)


def weight() -> dict[str, int]:
    """Memory in KiB and open descriptors of this process."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {"rss": int(status["VmRSS"].split()[0]), "descriptors": len(os.listdir("/proc/self/fd"))}
