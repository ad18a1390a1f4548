"""Where the frames of an encoded stream lie in its bytes."""

from __future__ import annotations

from typing import Protocol


class FrameIndex(Protocol):
    """Maps stream bytes to PCM frames and back; stream bytes count from the first byte sent."""

    @property
    def total_frames(self) -> int:
        """PCM frames in the whole stream, the encoder's delay and padding among them."""

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole stream."""

    def frames_at(self, byte: int) -> int:
        """PCM frames that the bytes before `byte` decode to."""

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds PCM frame `frame`."""
