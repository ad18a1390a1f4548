"""What belongs to one stream while it is on the sink, gone when it leaves."""

from __future__ import annotations

from math import inf

from pyaudiobus.devices.compress import CompressDevice, Geometry, Progress
from pyaudiobus.graph.source import LateSource, Source, UnsureSource
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.nodes.compressed_sink.feeder import Feeder
from pyaudiobus.nodes.compressed_sink.position import PositionTracker
from pyaudiobus.nodes.compressed_sink.watch import Watch

FRESH = 0.002
"""Seconds for which an answer of the device will do: what follows a wakeup need not ask again."""


class SinkStream:
    """One stream: its feeder, tracker and watch, and what it has cost."""

    def __init__(self, device: CompressDevice, source: Source, form: EncodedFormat, geometry: Geometry) -> None:
        self.source = source
        self.feeder = Feeder(device, source, geometry)
        self.tracker = PositionTracker(form, source.index, geometry)
        self.watch = Watch(source.index, form.rate, geometry)
        if isinstance(source, UnsureSource):
            self.watch.be_patient(source.slow_index, source.patience)
        if isinstance(source, LateSource):
            self.watch.be_frugal()
        self.wakeups = 0
        self.underruns = 0
        self.last_taken = 0
        self._device = device
        self._told = Progress(None, None, 0)
        self._told_at = -inf
        self._ring = geometry.ring_size

    @property
    def has_prefill(self) -> bool:
        """Whether so much was written that a source which comes slowly may begin."""
        source = self.source
        return isinstance(source, LateSource) and self.feeder.written >= source.prefill

    def ask(self, now: float) -> Progress:
        """Ask the device how far it is, unless it was asked a moment ago."""
        if now - self._told_at > FRESH:
            self._told = self._device.progress()
            self._told_at = now
        return self._told

    def taken(self, progress: Progress) -> int:
        """Bytes the device took, by its own word, or at least what it must have taken to have had room."""
        told = 0 if progress.taken is None else progress.taken
        self.last_taken = max(self.last_taken, told, self.feeder.written - self._ring)
        return self.last_taken
