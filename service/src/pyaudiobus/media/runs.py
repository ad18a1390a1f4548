"""What may follow frames in place of the walkers' own loops, which cost more (engine/frame_runs.py)."""

from __future__ import annotations

from array import array
from typing import Protocol


class FrameRuns(Protocol):
    """Follows frames that lie one behind the other. Where a run ends and why is judged by the walkers.

    The data may be a mapped file: OSError (EFAULT) where that does not have them any more.
    """

    def mp3(self, data: memoryview, first: bytes, rate: int, free_size: int, sizes: array[int]) -> tuple[int, int]:
        """Append the sizes of the whole frames of the stream from data[0] on.

        `first` is the header of a frame of the stream, `free_size` the size of its free format frames.
        Returns where the last one ends, and the bit rate codes met, one bit for each.
        """

    def running_sums(self, sizes: array[int], step: int) -> array[int]:
        """Do what index.running_sums does, for 16 bit sizes."""

    def flac(
        self,
        data: memoryview,
        shape: tuple[int, int, int, int, int],
        sizes: array[int],
        durations: array[int],
    ) -> int:
        """Append sizes and durations of the frames from data[0] on that have their successor in the data.

        `shape` is STREAMINFO's largest block, rate, channels, bit depth and smallest frame. Returns where the first
        frame begins that has no successor.
        """
