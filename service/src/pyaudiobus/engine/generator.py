"""Has a native function make a playing client's sound whenever the bus wants some; Python sleeps meanwhile."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from pyaudiobus.engine._engine import ffi, lib
from pyaudiobus.engine.ring import RingProducer
from pyaudiobus.errors import PeerError

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData


class Reason(IntEnum):
    """Why a generator came back."""

    ENDED = lib.GENERATOR_ENDED
    CALLED = lib.GENERATOR_CALLED
    HOSTILE = lib.GENERATOR_HOSTILE


class NativeSource:
    """A C function `size_t fill(void *self, void *to, size_t frames)`: it makes frames and returns how many.

    Fewer than were asked for: that was the end. It is called without Python's lock, from the thread that runs it.
    """

    def __init__(self, fill: int, own: int = 0, *, keep: object = None) -> None:
        """Take the addresses of the function and of what it gets as `self`; `keep` is kept alive."""
        self.fill = ffi.cast("generator_fill", fill)
        self.own = ffi.cast("void *", own)
        self._keep = keep


def saw(step: int = 601) -> NativeSource:
    """Return a sound to try things with, for s16 stereo: a saw whose samples grow by `step`."""
    own = ffi.new("struct generator_saw *", {"phase": 0, "step": step})
    return NativeSource(_address(ffi.addressof(lib, "generator_saw")), _address(own), keep=own)


def generate(ring: RingProducer, source: NativeSource, tlength: int, minreq: int, other: int = -1) -> Reason:
    """Fill a ring up to `tlength` bytes whenever `minreq` are wanted, until the end or until `other` can be read.

    PeerError where the bus shows what cannot be true.
    """
    generator = ffi.new("struct generator *")
    generator.ring, generator.wake_fd, generator.other_fd = ring.handle, ring.fileno(), other
    generator.tlength, generator.minreq = min(tlength, ring.capacity), minreq
    generator.fill, generator.self = source.fill, source.own
    reason = Reason(lib.generator_run(generator))
    if reason is Reason.HOSTILE:
        raise PeerError("the other end of a ring shows a read index that cannot be true")
    return reason


def _address(pointer: CData) -> int:
    return int(ffi.cast("uintptr_t", pointer))
