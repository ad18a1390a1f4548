"""A place to play files in: a virtual DSP, a PCM output and the bus of one process, wired as the commands wire it."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from math import inf
from pathlib import Path

from pyaudiobus.cli.local_bus import LocalBus
from pyaudiobus.client.decoded_file import DecodedFile
from pyaudiobus.client.player import Player
from pyaudiobus.devices.clock import PacedClock, Signal
from pyaudiobus.devices.pcm import PcmOutput
from pyaudiobus.devices.quirks import Quirks, quirks_for
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.hardware import Hardware
from pyaudiobus.model.events import Event
from pyaudiobus.nodes.compressed_sink.geometry import RingRequest
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.pcm_sink import PcmSink
from tests.nodes.bench import FRAME, HUM
from tests.nodes.outputs import Tape

ROOT = Path(__file__).parents[2]
DEMO_MP3 = ROOT / "service" / "share" / "demo" / "carillon.mp3"
DEMO_FLAC = ROOT / "service" / "share" / "demo" / "carillon.flac"
MEDIA = ROOT / "tests" / "media" / "files"
AAC = MEDIA / "aac.m4a"


class CountingClock(PacedClock):
    """A clock as fast as the machine, that counts how often the thread that made it went to sleep."""

    def __init__(self) -> None:
        super().__init__(inf)
        self.sleeps = 0
        self._owner = threading.get_ident()

    def wait(self, signal: Signal, deadline: float) -> bool:
        """Sleep."""
        self.sleeps += threading.get_ident() == self._owner
        return super().wait(signal, deadline)


class Studio:
    """One DSP, one tape, one bus."""

    def __init__(
        self,
        *,
        profile: str = "q6asm",
        ring: RingRequest | None = None,
        fall_back: bool = True,
        has_dsp: bool = True,
        tap: Path | None = None,
        render: Path | None = None,
        dsp: type[VirtualDsp] = VirtualDsp,
        quirks: Quirks | None = None,
    ) -> None:
        self.clock = CountingClock()
        self.hardware = Hardware()
        rendered, tapped = (None if file is None else str(file) for file in (render, tap))
        self.dsp = dsp(profile, self.clock, rendered, tapped, self.hardware)
        self.sink = CompressedSink(self.dsp, self.clock, quirks or quirks_for(self.dsp.driver), ring)
        self.tape = Tape()
        self.output: PcmOutput = self.tape
        self.bus = LocalBus(
            self.clock,
            self.sink if has_dsp else None,
            lambda: PcmSink(self.output, self.clock),
            why_no_compressed="" if has_dsp else "decoding was asked for (--decode)",
            fall_back=fall_back,
        )

    def player(self, report_every: float | None = None) -> Player:
        """A player on this bus."""
        return Player(self.bus, DecodedFile, report_every)

    def play(self, path: Path, report_every: float | None = None) -> Iterator[Event]:
        """Play one file."""
        return self.player(report_every).play(str(path))


def write_song(path: Path, seconds: float) -> Path:
    """Write a real MP3 at 128 kbit/s of about that length."""
    hum = HUM.read_bytes()
    count = int(seconds / 0.024)
    path.write_bytes((hum * (count * FRAME // len(hum) + 1))[: count * FRAME])
    return path


def open_files() -> set[str]:
    """What this process has open, by name; what other tests have left behind is let go first."""
    gc.collect()
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return found
