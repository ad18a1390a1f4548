"""A compress device fed out of a ring while all is well, natively (dsp_feeder.h). What is done else, others know."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from pyaudiobus.engine.frame_log import FrameLog, FramePattern
from pyaudiobus.engine.native import ffi, lib
from pyaudiobus.engine.ring import RingConsumer

_NS = 1_000_000_000
_NONE = 2**64 - 1
_FIRST = "uint8_t[4]"


class Rested(IntEnum):
    """Why dsp_feeder_rest() came back."""

    WOKEN = lib.DSP_FEEDER_WOKEN
    """Somebody wants something."""
    SENT = lib.DSP_FEEDER_SENT
    """The device was given a burst; that is to be booked."""
    UNSURE = lib.DSP_FEEDER_UNSURE
    """It is time to look, and not all is as in every burst; what was given nevertheless is to be booked."""


class Burst(NamedTuple):
    """What was done natively since that was booked last."""

    sent: int
    """Bytes that the device was given."""
    followed: int
    """Bytes of which the frames were followed."""
    wakeups: int
    """How often it woke for the device."""
    copied: int
    """The device's counter of the bytes that it took."""
    rendered: int
    """Its counter of PCM frames."""
    rate: int
    """Of those; 0 where it does not count them."""
    looked_at: float
    """When it said so, in seconds of CLOCK_MONOTONIC."""


class DspFeeder:
    """The bursts of a stream on a device. Belongs to the thread that plays; its numbers are those of dsp_feeder.h."""

    def __init__(self, ring: RingConsumer, log: FrameLog, pattern: FramePattern, wait_fd: int) -> None:
        """Feed out of a ring, whose frames are like a pattern and noted in a log; `wait_fd` is an epoll that wakes."""
        self._keep = (ring, log)  # the memory that C looks at
        self._c = ffi.new("struct dsp_feeder *")
        self._followed = 0
        self._c.ring, self._c.log, self._c.wait_fd = ring.handle, log.handle, wait_fd
        frames = self._c.frames
        frames.first = pattern.first or bytes(4)
        frames.samples = pattern.samples
        frames.is_flac = not pattern.first
        frames.max_block, _, frames.channels, frames.depth, frames.min_frame = pattern.shape

    def use_device(self, fd: int, *, ioctl: int, write: int, fragment_size: int, ring_size: int, is_wide: bool) -> None:
        """Take a device: its descriptor, where the calls for it are, its ring, and whether it counts in 64 bits."""
        self._c.fd, self._c.is_wide = fd, is_wide
        self._c.ioctl = ffi.cast("int(*)(int, unsigned long, ...)", ioctl)
        self._c.write = ffi.cast("ssize_t(*)(int, const void *, size_t)", write)
        self._c.fragment_size, self._c.ring_size = fragment_size, ring_size

    def begin_in_ring(self, *, given: int, followed: int, stop: int | None) -> None:
        """Go on from here with giving, and with following frames; nothing is given from the index `stop` on."""
        self._c.given, self._c.followed, self._c.stop = given, followed, _NONE if stop is None else stop
        self._followed = followed

    def begin_on_device(self, *, written: int, queued: int, copied: int) -> None:
        """Go on with a device that was given so much of the stream, has so much, and counts so much as taken."""
        self._c.written, self._c.queued, self._c.copied = written, queued, copied

    def rest(self, low_at: float, *, low: int, longest: float, tell_at: float) -> int:
        """Sleep, look, and at the instant `low_at` give a burst, and others when the device has `low` bytes left.

        Sleep at most `longest` seconds without a look, and come back behind a burst from `tell_at` on. Return one of
        Rested.
        """
        c = self._c
        c.low_at, c.low, c.longest, c.tell_at = int(low_at * _NS), low, int(longest * _NS), int(tell_at * _NS)
        return int(lib.dsp_feeder_rest(self._c))

    def burst(self) -> Burst:
        """Return what was done since rest() was called, and what the device said last."""
        c, before = self._c, self._followed
        self._followed = followed = c.followed
        return Burst(c.sent, followed - before, c.wakeups, c.copied, c.rendered, c.rate, c.looked_at / _NS)
