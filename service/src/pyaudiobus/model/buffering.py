"""PulseAudio's buffer attributes: what a stream asks for, and what it gets. Arithmetic only.

The rules, their order and their rounding are PulseAudio's (protocol-native.c and memblockq.c), so that a program
tuned to that server finds here what it finds there.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from pyaudiobus.model.record import Record

LEAVE = -1
"""The bus may choose."""
MAX_LENGTH = 4 * 1024 * 1024
"""Bytes; no stream's queue is longer."""
DEFAULT_TLENGTH_USEC = 2_000_000
DEFAULT_FRAGSIZE_USEC = 2_000_000
DEFAULT_PROCESS_USEC = 20_000
"""minreq where the stream leaves it open."""


class LatencyMode(Enum):
    """What tlength or fragsize speak of."""

    TRADITIONAL = "traditional"
    """Of the stream's own queue; the sink's latency is made as large as it allows."""
    ADJUST = "adjust latency"
    """Of all that lies between the program and the ear."""
    EARLY_REQUESTS = "early requests"
    """Of the stream's own queue, refilled minreq by minreq."""


class StreamClock(Record):
    """How bytes, frames and microseconds of one stream relate."""

    rate: int
    """Frames per second."""
    frame_size: int
    """Bytes."""

    def usec(self, size: int) -> int:
        """Return how long that many bytes sound, rounded down."""
        return size // self.frame_size * 1_000_000 // self.rate

    def size(self, usec: int) -> int:
        """Return how many bytes sound that long, rounded down to frames."""
        return usec * self.rate // 1_000_000 * self.frame_size

    def size_up(self, usec: int) -> int:
        """Return how many bytes sound that long, rounded up to frames."""
        return -(-usec * self.rate // 1_000_000) * self.frame_size

    def whole(self, size: int) -> int:
        """Round down to frames."""
        return size // self.frame_size * self.frame_size

    def whole_up(self, size: int) -> int:
        """Round up to frames."""
        return -(-size // self.frame_size) * self.frame_size


class PlaybackBuffering(Record):
    """Buffer attributes of a playback stream, in bytes; LEAVE where the bus may choose."""

    maxlength: int = LEAVE
    """The most that may be queued; what is written beyond it is lost."""
    tlength: int = LEAVE
    """What the bus tries to keep queued."""
    prebuf: int = LEAVE
    """What must be queued before any of it is played; 0: play at once and never stop reading."""
    minreq: int = LEAVE
    """The least that is asked for at a time."""


class RecordBuffering(Record):
    """Buffer attributes of a record stream, in bytes; LEAVE where the bus may choose."""

    maxlength: int = LEAVE
    fragsize: int = LEAVE
    """The most that is delivered at a time."""


SetLatency = Callable[[int], int]
"""Asks a sink or source for a latency in microseconds; returns the one it grants."""


def settle_playback(
    asked: PlaybackBuffering, clock: StreamClock, mode: LatencyMode, set_latency: SetLatency
) -> tuple[PlaybackBuffering, int]:
    """Return the attributes a playback stream gets, and the latency of its sink in microseconds."""
    frame = clock.frame_size
    maxlength = _bounded_maxlength(asked.maxlength, clock)
    tlength = clock.size_up(DEFAULT_TLENGTH_USEC) if asked.tlength == LEAVE else asked.tlength
    tlength = min(tlength or frame, maxlength)
    minreq = _open_minreq(tlength, clock) if asked.minreq == LEAVE else asked.minreq or frame
    tlength = max(tlength, minreq + frame)
    tlength, granted = _with_sink(tlength, minreq, clock, mode, set_latency)
    if tlength <= minreq:
        tlength = 2 * minreq + frame
    most_prebuf = tlength + frame - minreq
    prebuf = most_prebuf if asked.prebuf == LEAVE else min(asked.prebuf, most_prebuf)
    return _rounded(PlaybackBuffering(maxlength, tlength, prebuf, minreq), clock), granted


def settle_record(
    asked: RecordBuffering, clock: StreamClock, mode: LatencyMode, set_latency: SetLatency
) -> tuple[RecordBuffering, int]:
    """Return the attributes a record stream gets, and the latency of its source in microseconds."""
    frame = clock.frame_size
    maxlength = clock.whole_up(_bounded_maxlength(asked.maxlength, clock))
    fragsize = clock.size(DEFAULT_FRAGSIZE_USEC) if asked.fragsize == LEAVE else asked.fragsize
    fragsize = fragsize or frame
    wanted = clock.usec(fragsize)
    granted = 0 if mode is LatencyMode.TRADITIONAL else set_latency(wanted)
    if mode is LatencyMode.ADJUST and clock.size(granted) != clock.size(wanted):
        fragsize = clock.size(granted)
    return RecordBuffering(maxlength, max(min(clock.whole(fragsize), maxlength), frame)), granted


def _bounded_maxlength(asked: int, clock: StreamClock) -> int:
    if asked == LEAVE or asked > MAX_LENGTH:
        return MAX_LENGTH
    return asked or clock.frame_size


def _open_minreq(tlength: int, clock: StreamClock) -> int:
    return min(clock.size_up(DEFAULT_PROCESS_USEC), clock.whole(tlength // 4)) or clock.frame_size


def _with_sink(
    tlength: int, minreq: int, clock: StreamClock, mode: LatencyMode, set_latency: SetLatency
) -> tuple[int, int]:
    """Share a stream's latency with its sink; return its tlength and the sink's latency."""
    target, request = clock.usec(tlength), clock.usec(minreq)
    before = clock.size_up(target)
    granted = set_latency(_wanted_of_sink(target, request, mode))
    if mode is LatencyMode.ADJUST and target >= granted:
        target -= granted
    target = max(target, granted + 2 * request)
    after = clock.size_up(target)
    return (after if after != before else tlength), granted


def _wanted_of_sink(target: int, request: int, mode: LatencyMode) -> int:
    if mode is LatencyMode.EARLY_REQUESTS:
        return request
    left = max(0, target - 2 * request)
    return left // 2 if mode is LatencyMode.ADJUST else left


def _rounded(attributes: PlaybackBuffering, clock: StreamClock) -> PlaybackBuffering:
    """Round as the queue does: everything up to frames but minreq, which is rounded down."""
    frame = clock.frame_size
    maxlength = clock.whole_up(attributes.maxlength)
    tlength = min(clock.whole_up(attributes.tlength), maxlength)
    minreq = min(max(clock.whole(attributes.minreq), frame), tlength)
    prebuf = min(clock.whole_up(attributes.prebuf), tlength + frame - minreq)
    return PlaybackBuffering(maxlength, tlength, prebuf, minreq)
