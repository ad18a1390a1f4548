"""Where the frames of a stream lie that passes by, natively (frame_log.h). What a stream is, others know."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyaudiobus.engine.native import ffi, lib

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData


class FramePattern(NamedTuple):
    """By what the frames of a stream are known."""

    first: bytes = b""
    """The header of an MP3 frame, like which the next ones are; empty: it is FLAC."""
    samples: int = 0
    """PCM frames in each of those."""
    shape: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    """FLAC's largest block, rate, channels, bit depth and smallest frame, as in STREAMINFO."""


class FrameLog:
    """The frames that are kept of one stream, and its mean rate; belongs to one thread. MemoryError from any call."""

    def __init__(self, rate: int, byte_rate: float) -> None:
        """Begin with no frame, at byte 0; `rate` is in PCM frames a second, `byte_rate` what the stream says it has."""
        self._log = ffi.gc(ffi.new("struct frame_log *"), lib.frame_log_free)
        self._log.rate, self._log.byte_rate = rate, byte_rate
        self._is_at_other = ffi.new("bool *")
        self.begin(0)

    @property
    def handle(self) -> CData:
        """The C log, for other parts of the engine."""
        return self._log

    def begin(self, byte: int) -> None:
        """Forget all; the first frame begins at a byte."""
        _check(lib.frame_log_begin(self._log, byte))

    def add(self, size: int, samples: int) -> None:
        """Keep one more frame, of so many bytes and PCM frames."""
        _check(lib.frame_log_add(self._log, size, samples))

    def follow_mp3(self, data: memoryview, first: bytes, samples: int) -> tuple[int, bool]:
        """Keep the frames from data[0] on that are like the one with a header, each of so many PCM frames.

        Return the bytes they take, and whether there is a header of another kind behind them.
        """
        taken = lib.frame_log_mp3(self._log, _bytes(data), len(data), _bytes(first), samples, self._is_at_other)
        return _check(taken), self._is_at_other[0]

    def follow_flac(self, data: memoryview, shape: tuple[int, int, int, int, int]) -> int:
        """Keep the frames from data[0] on that have a successor there; return the bytes they take.

        `shape` is largest block, rate, channels, bit depth and smallest frame, as in STREAMINFO.
        """
        return _check(lib.frame_log_flac(self._log, _bytes(data), len(data), *shape))

    def forget(self, byte: int) -> int:
        """Let go of the frames that end at or before a byte; return where the first one begins that is kept."""
        return int(lib.frame_log_forget(self._log, byte))

    def frames_at(self, byte: int) -> int:
        """PCM frames before a byte: exact between frames that are kept, linear inside one, else by the mean rate."""
        return int(lib.frame_log_frames_at(self._log, byte))

    def byte_at(self, frame: int) -> int:
        """First byte of the encoded frame that holds a PCM frame; of one that is not kept, about."""
        return int(lib.frame_log_byte_at(self._log, frame))

    @property
    def byte_rate(self) -> float:
        """Bytes a second of what is kept; of a stream of which nothing was, what it says or somebody found."""
        return float(self._log.byte_rate)

    @byte_rate.setter
    def byte_rate(self, rate: float) -> None:
        self._log.byte_rate = rate


def _bytes(data: object) -> object:
    return ffi.from_buffer("uint8_t[]", data)


def _check(result: int) -> int:
    if result < 0:
        raise MemoryError
    return int(result)
