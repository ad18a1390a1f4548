"""One encoded file that is open: its format, what may be sent of it in which form, and readers over those bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.spans import Span
from pyaudiobus.model.format import EncodedFormat

_MOST_WARNINGS = 8


class StreamReader(Protocol):
    """A cursor over the bytes to send."""

    @property
    def position(self) -> int:
        """Stream bytes consumed so far."""

    @property
    def total(self) -> int:
        """Stream bytes in all."""

    @property
    def remaining(self) -> int:
        """Stream bytes not yet consumed."""

    @property
    def ended(self) -> bool:
        """Everything was consumed."""

    def peek(self, size: int) -> memoryview:
        """Return the next min(size, remaining) bytes in one piece, without consuming them. MediaError."""

    def advance(self, count: int) -> None:
        """Consume `count` bytes. ValueError if so many are not left."""

    def seek(self, position: int) -> None:
        """Go to a stream byte, 0..total. ValueError outside."""


class Contents(NamedTuple):
    """What a walker made of a file."""

    form: EncodedFormat
    header: bytes
    spans: list[Span]
    times: TimeIndex
    container: str
    bit_rate_mode: str
    warnings: list[str]


class Presentation:
    """One form in which a device may take a file: AAC out of MP4 with ADTS headers, or as bare access units."""

    __slots__ = ("_opened", "form", "header", "index")

    def __init__(
        self, form: EncodedFormat, header: bytes, index: TimeIndex, opened: Callable[[bool], StreamReader]
    ) -> None:
        """`opened` makes a reader, for the kernel alone if it is given True."""
        self.form = form
        self.header = header
        """What comes before the frames in the stream, and before any of them after a seek: FLAC's STREAMINFO."""
        self.index = index
        """Where every encoded frame lies in bytes and in time."""
        self._opened = opened

    def reader(self, *, for_kernel: bool = False) -> StreamReader:
        """Return a new cursor over the bytes to send, at the first of them.

        With `for_kernel` it may save a copy, and what it gives may be handed to system calls only.
        """
        return self._opened(for_kernel)


class EncodedFile:
    """One open file: its format, where its frames lie, and readers over the bytes to send.

    `presentations` are the forms in which it can be sent, the one that needs least doing first. `form`, `header`,
    `index` and `reader()` are those of the first.
    """

    __slots__ = (
        "_close",
        "audio_bytes",
        "bit_rate_mode",
        "container",
        "duration",
        "first_frame_offset",
        "form",
        "header",
        "path",
        "presentations",
        "total_frames",
        "warnings",
    )

    def __init__(
        self,
        path: str,
        presentations: Sequence[Presentation],
        *,
        container: str,
        bit_rate_mode: str,
        first_frame_offset: int,
        warnings: Sequence[str],
        close: Callable[[], None],
    ) -> None:
        first = presentations[0]
        form, index = first.form, first.index
        self.path = path
        self.presentations = tuple(presentations)
        self.form = form
        self.header = first.header
        """What comes before the frames in the stream, and before any of them after a seek: FLAC's STREAMINFO."""
        self.container = container
        """"mp3", "flac", "ogg", "mp4", ..."""
        self.bit_rate_mode = bit_rate_mode
        """"cbr", "abr", "vbr", or "" where it means nothing."""
        self.total_frames = index.total_frames
        """PCM frames that all encoded frames decode to, the encoder's delay and padding among them."""
        silent = form.encoder_delay + form.encoder_padding
        audible = self.total_frames - silent if silent < self.total_frames else self.total_frames
        self.duration = audible / form.rate
        """Seconds of audible sound."""
        self.first_frame_offset = first_frame_offset
        """Where in the file the first frame lies that is sent."""
        self.audio_bytes = index.total_bytes - len(first.header)
        """Bytes of all frames together, without the header sent before them."""
        self.warnings = _shortened(warnings)
        """What is wrong with the file, in words, the first few of them."""
        self._close = close

    @property
    def index(self) -> TimeIndex:
        """Where every encoded frame lies in bytes and in time."""
        return self.presentations[0].index

    def presentation(self, form: EncodedFormat) -> Presentation:
        """Return the form of sending it that was agreed on; the first where none is like it."""
        for found in self.presentations:
            if (found.form.codec, found.form.stream_format) == (form.codec, form.stream_format):
                return found
        return self.presentations[0]

    def reader(self, *, for_kernel: bool = False) -> StreamReader:
        """Return a new cursor over the bytes to send, at the first of them, as Presentation.reader does."""
        return self.presentations[0].reader(for_kernel=for_kernel)

    def close(self) -> None:
        """Give the file back; its readers cannot read on. Legal twice."""
        self._close()


def _shortened(warnings: Sequence[str]) -> tuple[str, ...]:
    if len(warnings) <= _MOST_WARNINGS:
        return tuple(warnings)
    return (*warnings[:_MOST_WARNINGS], f"and {len(warnings) - _MOST_WARNINGS} more places like these")


def mean_bit_rate(index: TimeIndex, header: int, rate: int) -> int:
    """Return the bits a second of a stream whose first `header` bytes are no frames; `rate` in Hz."""
    return round((index.total_bytes - header) * 8 * rate / index.total_frames)
