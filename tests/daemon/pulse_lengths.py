"""PulseAudio's rules for buffer attributes once more, after the text and not after our code: for comparison only."""

from __future__ import annotations

from math import ceil, floor

MOST = 4 * 1024 * 1024


class Lengths:
    """What a sink whose latency is between `least` and `most` microseconds gives a stream."""

    def __init__(self, frame: int, rate: int, least: int = 500, most: int = 2_000_000) -> None:
        self.frame, self.rate, self.least, self.most = frame, rate, least, most

    def usec(self, size: int) -> int:
        return size // self.frame * 1_000_000 // self.rate

    def size(self, usec: int) -> int:
        return -(-usec * self.rate // 1_000_000) * self.frame

    def granted(self, usec: int) -> int:
        return min(max(usec, self.least), self.most)

    def playback(self, asked: tuple[int, int, int, int], mode: str) -> tuple[tuple[int, int, int, int], int]:
        """Maxlength, tlength, prebuf, minreq, and the sink's latency."""
        frame = self.frame
        maxlength, tlength, prebuf, minreq = asked
        maxlength = MOST if maxlength < 0 or maxlength > MOST else maxlength or frame
        tlength = min(self.size(2_000_000) if tlength < 0 else tlength or frame, maxlength)
        if minreq < 0:
            minreq = min(self.size(20_000), tlength // 4 // frame * frame)
        minreq = minreq or frame
        tlength = max(tlength, minreq + frame)
        total, request = self.usec(tlength), self.usec(minreq)
        wished = {"early": request, "adjust": max(0, total - 2 * request) // 2}.get(mode, max(0, total - 2 * request))
        latency = self.granted(wished)
        fitting = total - latency if mode == "adjust" and total >= latency else total
        fitting = max(fitting, latency + 2 * request)
        if self.size(fitting) != self.size(total):
            tlength = self.size(fitting)
        if tlength <= minreq:
            tlength = 2 * minreq + frame
        if prebuf < 0 or prebuf > tlength + frame - minreq:
            prebuf = tlength + frame - minreq
        maxlength, tlength, prebuf = (ceil(size / frame) * frame for size in (maxlength, tlength, prebuf))
        tlength = min(tlength, maxlength)
        minreq = min(max(floor(minreq / frame) * frame, frame), tlength)
        return (maxlength, tlength, min(prebuf, tlength + frame - minreq), minreq), latency
