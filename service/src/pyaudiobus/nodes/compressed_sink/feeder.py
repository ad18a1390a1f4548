"""Bytes from the source into the device's ring: whole fragments, in bursts, without a copy of ours."""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.devices.compress import Geometry, Progress
from pyaudiobus.graph.source import Source


class Ring(Protocol):
    """What of a compress device a feeder needs."""

    def write(self, data: memoryview) -> int:
        """Queue what fits now; return how many bytes were taken. Never blocks."""

    def avail(self) -> int | None:
        """Bytes that can be written now; None where the device cannot tell."""

    def progress(self) -> Progress:
        """How far the DSP is."""


class Feeder:
    """Writes one stream into one device.

    The device sees whole fragments only, except the last before the end of the stream: q6asm's DSP reads
    fragment slots, and a short one in the middle shifts everything after it (sound/soc/qcom/qdsp6/q6asm-dai.c).
    """

    def __init__(self, device: Ring, source: Source, geometry: Geometry) -> None:
        self._device = device
        self.source = source
        """What is written."""
        self._geometry = geometry
        self.written = 0
        """Bytes the device has accepted."""
        self.before = 0
        """Bytes of other streams that it had accepted before."""

    @property
    def left(self) -> int:
        """Bytes of the stream that were not written."""
        return self.source.index.total_bytes - self.written

    def fill(self, *, keeps_end: bool = False) -> bool:
        """Write until the ring is full or the source has no more; True when the ring is full.

        With `keeps_end` the last fragment, or what there is of it, stays for the time being.
        """
        while True:
            room = self._room()
            chunk = self._sendable(self.source.peek(self._whole(room)), keeps_end=keeps_end)
            if not len(chunk):
                return room < self._geometry.fragment_size
            taken = self._device.write(chunk)
            self.written += taken
            self.source.advance(taken)
            if taken == len(chunk) and room - taken < self._geometry.fragment_size:
                return True
            if not taken:  # a short write alone does not mean full: some drivers take a piece at a time
                return True

    def _room(self) -> int:
        """Bytes to offer: what the device says is free, or a whole ring for it to choose from.

        Behind another stream it may say too much: q6asm begins a track on a fragment's edge, and counts so far.
        """
        avail = self._device.avail()
        if avail is None:
            return self._geometry.ring_size
        if self.before:
            taken = self._device.progress().taken
            avail = (
                avail if taken is None else min(avail, self._geometry.ring_size + taken - self.before - self.written)
            )
        return min(avail, self._geometry.ring_size)

    def _whole(self, room: int) -> int:
        """Round down so that the ring ends on a fragment's edge, even after the device took an odd number."""
        edge = (self.written + room) // self._geometry.fragment_size * self._geometry.fragment_size
        return max(0, edge - self.written)

    def _sendable(self, chunk: memoryview, *, keeps_end: bool) -> memoryview:
        """Cut a chunk down to whole fragments, unless it is the last of the stream."""
        if len(chunk) == self.left:
            if not keeps_end:
                return chunk
            chunk = chunk[:-1]
        return chunk[: self._whole(len(chunk))]
