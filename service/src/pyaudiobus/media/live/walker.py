"""What takes a stream apart sees of bytes that come in pieces, and what it gives."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from pyaudiobus.media.live.seek_table import SeekTable
from pyaudiobus.model.format import EncodedFormat


class Framed(NamedTuple):
    """One encoded frame."""

    data: bytes
    frames: int
    """PCM frames in it."""
    first: int
    """The number of its first PCM frame in the whole, where the stream tells; -1 where it does not."""


class Walker(Protocol):
    """Takes a stream apart. Tags, junk, and frames of another kind than the first are left out."""

    form: EncodedFormat | None
    """What is in the stream; None until its first frame was found."""
    header: bytes
    """What a decoder needs before the first frame, and before any other after a seek."""
    prologue: bytes
    """What was left out in front, and helps a decoder of the whole: an MP3's frame with the encoder's facts."""
    total_frames: int
    """PCM frames in all, where the stream says so; else 0."""
    table: SeekTable
    """Where the stream says that frames lie."""
    skipped: int
    """Bytes between the frames that were no audio, or not whole."""

    is_placed: bool
    """Whether its frames lie in the stream as they are, so that a place can be found by bytes."""

    @property
    def steady(self) -> float:
        """Bytes of an encoded frame, on the average, where all that came have one bit rate; else 0."""

    @property
    def samples(self) -> int:
        """PCM frames of an encoded frame, where it does not tell its own number; else 0."""

    @property
    def pending(self) -> int:
        """Bytes that were fed and are not accounted for yet; below 0 where some that did not come are passed over."""

    def feed(self, data: bytes) -> None:
        """Take some more of the stream."""

    def finish(self) -> None:
        """No more comes."""

    def begin_again(self) -> None:
        """What is fed next comes from another place in the stream."""

    def take(self) -> Framed | None:
        """Return the next frame; None where it did not come as a whole yet, or ever."""
