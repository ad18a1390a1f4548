"""The native scan of encoded files, as media/ asks for it. None of it decides where a stream begins or ends."""

from __future__ import annotations

import os
from array import array
from errno import EFAULT

try:
    from pyaudiobus.engine._frame_runs import ffi, lib
except ImportError:
    IS_BUILT = False
else:
    IS_BUILT = True

SMALLEST_MP3_FRAME = 24
"""Bytes; 8 kbit/s at 24 kHz."""
SMALLEST_FLAC_FRAME = 11
"""Bytes; one channel of silence."""


def native_runs() -> NativeRuns | None:
    """Return the native scan, or None where the package was installed without a compiler."""
    return NativeRuns() if IS_BUILT else None


class NativeRuns:
    """Follows frames in C; `media.runs.FrameRuns` is its contract."""

    def __init__(self) -> None:
        self._room = array("H")

    def mp3(self, data: memoryview, first: bytes, rate: int, free_size: int, sizes: array[int]) -> tuple[int, int]:
        """Append the sizes of the whole frames from data[0] on; return where they end and the bit rate codes met."""
        room = len(data) // SMALLEST_MP3_FRAME + 1
        if len(self._room) < room:
            self._room = array("H", bytes(2 * room))
        found = self._room
        end, codes = ffi.new("size_t *"), ffi.new("uint32_t *")
        count = lib.mp3_run_mapped(
            ffi.from_buffer("uint8_t[]", data),
            len(data),
            ffi.from_buffer("uint8_t[]", first),
            rate,
            free_size,
            ffi.from_buffer("uint16_t[]", found),
            room,
            end,
            codes,
        )
        _check(count)
        sizes.extend(found[:count])
        return end[0], codes[0]

    def running_sums(self, sizes: array[int], step: int) -> array[int]:
        """Return the sum of the sizes before every step-th of them, and the sum of all at the end."""
        sums = array("Q", bytes(8 * (-(-len(sizes) // step) + 1)))
        lib.running_sums(ffi.from_buffer("uint16_t[]", sizes), len(sizes), step, ffi.from_buffer("uint64_t[]", sums))
        return sums

    def flac(
        self,
        data: memoryview,
        shape: tuple[int, int, int, int, int],
        sizes: array[int],
        durations: array[int],
    ) -> int:
        """Append sizes and durations of the frames from data[0] on that have a successor; return where they end.

        `shape` is largest block, rate, channels, bit depth and smallest frame, as in STREAMINFO.
        """
        room = len(data) // (SMALLEST_FLAC_FRAME * 16) + 1
        found_sizes, found_durations = array("I", bytes(4 * room)), array("I", bytes(4 * room))
        end = ffi.new("size_t *")
        count = lib.flac_run_mapped(
            ffi.from_buffer("uint8_t[]", data),
            len(data),
            *shape,
            ffi.from_buffer("uint32_t[]", found_sizes),
            ffi.from_buffer("uint32_t[]", found_durations),
            room,
            end,
        )
        _check(count)
        sizes.extend(found_sizes[:count])
        durations.extend(found_durations[:count])
        return int(end[0])


def _check(count: int) -> None:
    if count == lib.RUN_GONE:
        raise OSError(EFAULT, os.strerror(EFAULT))
