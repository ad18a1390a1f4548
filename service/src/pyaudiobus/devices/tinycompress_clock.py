"""How far a stream is, by tinycompress's own calls alone: for a library whose descriptor cannot be found."""

from __future__ import annotations

import errno as errno_names
from typing import TYPE_CHECKING

from pyaudiobus.devices._abi import ffi
from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.ledger import WideCounter
from pyaudiobus.devices.tinycompress_library import checked, has_call

if TYPE_CHECKING:
    from pyaudiobus.devices._abi import CValue


class LibraryClock:
    """Byte counts as far as compress_get_hpointer tells them, else a lower bound; frames by compress_get_tstamp.

    The first works only where the driver fills in a sampling rate (not on q6asm). Without it, what was taken is known
    to be at least what was written less one ring, and everything once a drain has ended.
    """

    def __init__(self, library: CValue, handle: CValue, name: str, ring_size: int) -> None:
        self.written = 0
        self._library = library
        self._handle = handle
        self._name = name
        self._ring_size = ring_size
        self._taken = 0
        self._rendered = WideCounter()
        self._is_wide = has_call(library, "compress_get_tstamp64")

    def room(self, operation: str) -> int | None:
        """Bytes that fit now, or None where the library cannot tell."""
        wide = self._is_wide
        avail = ffi.new("unsigned long long *" if wide else "unsigned int *")
        ask = self._library.compress_get_hpointer64 if wide else self._library.compress_get_hpointer
        result = ask(self._handle, avail, ffi.new("struct timespec *"))
        if result < 0 and ffi.errno == errno_names.ENODATA:  # "sample rate unknown"
            return None
        checked(self._library, self._handle, operation, self._name, result)
        # Beyond the ring it is the kernel's wrapped counter (see Ledger), which says nothing.
        return int(avail[0]) if avail[0] <= self._ring_size else None

    def progress(self) -> Progress:
        """Bytes taken (see above) and frames rendered."""
        room = self.room("ask the position of")
        waiting = self._ring_size if room is None else self._ring_size - room
        self._taken = max(self._taken, self.written - waiting)
        frames, rate = self._timestamp()
        return Progress(taken=self._taken, rendered=frames if rate else None, rate=rate)

    def _timestamp(self) -> tuple[int, int]:
        wide = self._is_wide
        samples, rate = ffi.new("unsigned long long *" if wide else "unsigned int *"), ffi.new("unsigned int *")
        ask = self._library.compress_get_tstamp64 if wide else self._library.compress_get_tstamp
        checked(self._library, self._handle, "ask the position of", self._name, ask(self._handle, samples, rate))
        # Below protocol 0.4.0 also the 64-bit call gives 32 bits.
        follows_wrap = samples[0] < self._rendered.value
        return self._rendered.follow(samples[0], wide=wide and not follows_wrap), rate[0]

    def drained(self) -> None:
        """Book the end of a drain: everything was taken."""
        self._taken = self.written

    def restart(self) -> None:
        """Begin at 0 after STOP."""
        self.written = self._taken = 0
        self._rendered.restart(0)
