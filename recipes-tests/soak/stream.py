"""An MP3 stream as long as one likes, made on both sides of the guest's wall: played inside, reckoned outside."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

HEADER = bytes.fromhex("fffb9444")
"""MPEG-1 layer III, 128 kbit/s, 48 kHz, joint stereo: 384 bytes hold 1152 samples, no more, no less."""
FRAME_BYTES = 384
FRAME_SAMPLES = 1152
RATE = 48_000
BIT_RATE = 128_000
BLOCK_FRAMES = 4096
BLOCK_BYTES = FRAME_BYTES * BLOCK_FRAMES
"""A multiple of every fragment size, so that a burst cut off at a block's end is still whole fragments."""


class EndlessStream:
    """`seconds` of frames as a graph source and its own index. Each block carries its number, so no two are alike."""

    def __init__(self, seconds: float) -> None:
        frames = round(seconds * RATE / FRAME_SAMPLES)
        self.total_frames = frames * FRAME_SAMPLES
        self.total_bytes = frames * FRAME_BYTES
        self.index = self
        self._taken = 0
        self._block = _first_block()

    @property
    def ended(self) -> bool:
        """True once every byte was taken."""
        return self._taken >= self.total_bytes

    def peek(self, size: int) -> memoryview:
        """Up to `size` bytes of the present block."""
        at = self._taken % BLOCK_BYTES
        size = min(size, BLOCK_BYTES - at, self.total_bytes - self._taken)
        return memoryview(self._block)[at : at + size]

    def advance(self, count: int) -> None:
        """Take bytes; behind a block's last comes the next block."""
        before, self._taken = self._taken // BLOCK_BYTES, self._taken + count
        if self._taken // BLOCK_BYTES > before:
            _number(self._block, self._taken // BLOCK_BYTES)

    def rewind(self) -> None:
        """Begin again at the first byte."""
        self._taken = 0
        _number(self._block, 0)

    def frames_at(self, byte: int) -> int:
        """PCM frames before `byte`."""
        return byte // FRAME_BYTES * FRAME_SAMPLES

    def byte_at(self, frame: int) -> int:
        """Where PCM frame `frame` begins."""
        return frame // FRAME_SAMPLES * FRAME_BYTES

    def pieces(self) -> Iterator[memoryview]:
        """Take all of it, block by block."""
        while not self.ended:
            piece = self.peek(BLOCK_BYTES)
            yield piece
            self.advance(len(piece))


def crc32_of(seconds: float) -> int:
    """Return the checksum of a whole stream."""
    crc = 0
    for piece in EndlessStream(seconds).pieces():
        crc = zlib.crc32(piece, crc)
    return crc


def _first_block() -> bytearray:
    numbers = random.Random(0)
    bodies = (numbers.randbytes(FRAME_BYTES - len(HEADER)).replace(b"\xff", b"\xfe") for _ in range(BLOCK_FRAMES))
    block = bytearray(b"".join(HEADER + body for body in bodies))
    _number(block, 0)
    return block


def _number(block: bytearray, number: int) -> None:
    struct.pack_into("<Q", block, len(HEADER), number)
