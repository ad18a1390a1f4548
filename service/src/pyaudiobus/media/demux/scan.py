"""One pass over all packets of a file's audio stream: their sizes, durations and places. Sends nothing."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import av.error

from pyaudiobus.media.source import FileSource

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

Measure = Callable[[bytes], int | None]
"""PCM frames in a packet; None where it does not tell."""

_SKIP_SAMPLES = "skip_samples"
_MOST_ERRORS = 64
NO_TIME = -(1 << 62)


class Scan:
    """What one pass found."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.sizes = array("I")
        self.durations = array("I")
        """PCM frames of each packet, as the codec itself tells them where it does."""
        self.offsets = array("q")
        """Where each packet lies in the file."""
        self.times = array("q")
        """When each packet is due, in the container's ticks; NO_TIME where it does not say."""
        self.is_open = True
        """The packets lie in the file as they are, each in one piece."""
        self.first = b""
        self.delay = 0
        """PCM frames that the container has a decoder drop in front."""
        self.padding = 0
        """PCM frames it has a decoder drop at the end."""
        self.told_frames = 0
        """PCM frames by the container's own durations."""
        self.warnings: list[str] = []

    @property
    def is_contiguous(self) -> bool:
        """The packets lie one right behind the other."""
        ends = (offset + size for offset, size in zip(self.offsets, self.sizes, strict=True))
        return self.is_open and all(end == offset for end, offset in zip(ends, self.offsets[1:], strict=False))


def scan(container: InputContainer, stream: AudioStream, source: FileSource, rate: int, measure: Measure) -> Scan:
    """Demux to the end. Damage ends it early, with a warning; what came before can be sent."""
    found = Scan(rate)
    ticks = 0
    frames_a_tick = (stream.time_base or 0) * rate
    for packet in packets_of(container, stream, found.warnings):
        data = bytes(packet)
        if not found.sizes:
            found.first = data
            found.delay = _skipped(packet)[0]
        found.padding += _skipped(packet)[1]
        found.sizes.append(len(data))
        found.offsets.append(-1 if packet.pos is None else packet.pos)
        found.times.append(NO_TIME if packet.pts is None else packet.pts)
        found.is_open = found.is_open and _lies_open(source, packet.pos, data)
        before, ticks = ticks, ticks + (packet.duration or 0)
        told = round(ticks * frames_a_tick) - round(before * frames_a_tick)
        samples = measure(data)
        found.durations.append(max(0, told) if samples is None else samples)
    found.told_frames = round(ticks * frames_a_tick)
    return found


def packets_of(container: InputContainer, stream: AudioStream, warnings: list[str]) -> Iterator[Packet[AudioStream]]:
    """Yield all packets that hold something, going on after what the demuxer cannot make sense of."""
    failures = 0
    while True:
        try:
            for packet in container.demux(stream):
                if packet.size:
                    if packet.is_corrupt:
                        warnings.append(f"damaged: FFmpeg finds the packet at byte {packet.pos} corrupt")
                    yield packet
        except av.error.FFmpegError as error:
            failures += 1
            warnings.append(f"damaged or cut off: FFmpeg says {error.strerror or error}")
            if failures > _MOST_ERRORS:
                return
        else:
            return


def _lies_open(source: FileSource, at: int | None, data: bytes) -> bool:
    return at is not None and 0 <= at <= source.size - len(data) and source.read(at, len(data)) == data


def _skipped(packet: Packet[AudioStream]) -> tuple[int, int]:
    """PCM frames to drop before and behind this packet's sound (AV_PKT_DATA_SKIP_SAMPLES)."""
    for part in packet.iter_sidedata():
        if part.data_type == _SKIP_SAMPLES:
            told = bytes(memoryview(part))
            return int.from_bytes(told[:4], "little"), int.from_bytes(told[4:8], "little")
    return 0, 0
