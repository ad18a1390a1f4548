"""What a linked input port reads from: bytes in order, and where they lie in time. A ring will look the same."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from pyaudiobus.model.frame_index import FrameIndex


class Source(Protocol):
    """Bytes of one stream, read in order by the sink it is linked to."""

    @property
    def index(self) -> FrameIndex:
        """Where each byte lies in time."""

    @property
    def ended(self) -> bool:
        """True once every byte was taken and no more will come: the in-band end of the stream."""

    def peek(self, size: int) -> memoryview:
        """Up to `size` contiguous bytes, without taking them; fewer only at the end or if no more are there yet."""

    def advance(self, count: int) -> None:
        """Take `count` of the bytes last peeked at."""


class Passage(NamedTuple):
    """Bytes of a stream from somewhere in its middle, which a decoder that knows nothing of it can begin with."""

    source: Source
    """Its index counts from its own first byte."""
    frame: int
    """Which PCM frame of the whole stream its first one is, by the count of the stream's index; what stands for
    frames before (headers, the silence that carries an MP3's bit reservoir) counts too, so it may be below 0."""


@runtime_checkable
class ReplayableSource(Source, Protocol):
    """A source that can give its bytes again: its stream survives a seek, a long pause and a broken device."""

    def passage(self, frame: int, *, settled: bool) -> Passage:
        """Return the bytes to be sent so that PCM frame `frame` is heard, and all after it.

        With `settled` there is so much in front of it that a decoder's output is exact from there on, for a device
        that cuts off what comes before. Else it begins with the encoded frame that holds it, and nothing that sounds
        lies before. MediaError.
        """


@runtime_checkable
class LateSource(Source, Protocol):
    """A source that comes no faster than it sounds: a device begins before its buffer is full."""

    @property
    def prefill(self) -> int:
        """Bytes that are enough to begin with."""


@runtime_checkable
class DoubtfulSource(Source, Protocol):
    """A source that begins at a place which nobody knows exactly."""

    @property
    def doubt(self) -> int:
        """PCM frames by which that may be wrong."""


@runtime_checkable
class UnsureSource(Source, Protocol):
    """A source whose index is a guess: by `index` a device is looked after, by `slow_index` it is judged."""

    @property
    def slow_index(self) -> FrameIndex:
        """An index by which the bytes sound as long as they well may."""

    @property
    def patience(self) -> float:
        """Seconds for which a device may stand still at least: as long as a few bytes of silence may sound."""


class FixedIndex:
    """The index of a stream whose frames all have the same size, such as PCM."""

    def __init__(self, frame_size: int, total_frames: int) -> None:
        self._frame_size = frame_size
        self.total_frames = total_frames

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole stream."""
        return self.total_frames * self._frame_size

    def frames_at(self, byte: int) -> int:
        """PCM frames before `byte`."""
        return byte // self._frame_size

    def byte_at(self, frame: int) -> int:
        """Where PCM frame `frame` begins."""
        return frame * self._frame_size
