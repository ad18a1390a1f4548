"""An MP3 or FLAC file ready to be sent undecoded. Needs neither mutagen nor FFmpeg; anything else is theirs."""

from __future__ import annotations

from typing import NamedTuple

from pyaudiobus.errors import MediaError
from pyaudiobus.media import flac, mp3, ogg
from pyaudiobus.media.flac_header import MAGIC
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.runs import FrameRuns
from pyaudiobus.media.sniff import is_left_to_ffmpeg, refuse_foreign, refuse_zeros
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span, SpanReader
from pyaudiobus.media.tags import ID3_HEADER, leading_tags, trailing_tags
from pyaudiobus.model.format import Codec, EncodedFormat

_HEAD = 4096
_SEARCH = 1 << 20
_MOST_WARNINGS = 8


class _Contents(NamedTuple):
    """What a walker made of a file."""

    form: EncodedFormat
    header: bytes
    spans: list[Span]
    times: TimeIndex
    container: str
    bit_rate_mode: str
    warnings: list[str]


class EncodedFile:
    """One open file: its format, where its frames lie, and readers over the bytes to send."""

    __slots__ = (
        "_source",
        "_spans",
        "audio_bytes",
        "bit_rate_mode",
        "container",
        "duration",
        "first_frame_offset",
        "form",
        "header",
        "index",
        "path",
        "total_frames",
        "warnings",
    )

    def __init__(self, source: FileSource, contents: _Contents) -> None:
        self._source = source
        self._spans = contents.spans
        form, index = contents.form, contents.times
        self.path = source.path
        self.form = form
        self.header = contents.header
        """What comes before the frames in the stream, and before any of them after a seek: FLAC's STREAMINFO."""
        self.index = index
        self.container = contents.container
        """"mp3", "flac" or "ogg"."""
        self.bit_rate_mode = contents.bit_rate_mode
        """"cbr", "abr", "vbr", or "" where it means nothing."""
        self.total_frames = index.total_frames
        """PCM frames that all encoded frames decode to, the encoder's delay and padding among them."""
        silent = form.encoder_delay + form.encoder_padding
        audible = self.total_frames - silent if silent < self.total_frames else self.total_frames
        self.duration = audible / form.rate
        """Seconds of audible sound."""
        self.first_frame_offset = contents.spans[0].offset
        """Where in the file the first frame lies that is sent."""
        self.audio_bytes = index.total_bytes - len(contents.header)
        """Bytes of all frames together, without the header sent before them."""
        self.warnings = _shortened(contents.warnings)
        """What is wrong with the file, in words, the first few of them."""

    def reader(self, *, for_kernel: bool = False) -> SpanReader:
        """Return a new cursor over the bytes to send, at the first of them.

        With `for_kernel` it saves a copy, and what it gives may be handed to system calls only.
        """
        return SpanReader(self._source, self.header, self._spans, for_kernel=for_kernel)

    def close(self) -> None:
        """Give the file back; its readers cannot read on. Legal twice."""
        self._source.close()


def open_encoded(path: str, runs: FrameRuns | None = None) -> EncodedFile | None:
    """Open an MP3 or a (native or Ogg) FLAC file, told by its contents; None for what FFmpeg may know.

    `runs` follows frames natively. The outcome is the same without.
    MediaError if the file is missing, empty, unreadable, plainly no audio, or holds no whole frame.
    """
    source = FileSource(path)
    try:
        contents = _read(source, runs)
    except BaseException:
        source.close()
        raise
    if contents is None:
        source.close()
        return None
    return EncodedFile(source, contents)


def _read(source: FileSource, runs: FrameRuns | None) -> _Contents | None:
    start = leading_tags(source)
    head = source.read(start, min(_HEAD, source.size - start))
    if start == 0 and not head.startswith((MAGIC, ogg.CAPTURE)):
        refuse_foreign(source.path, head)
    if head.startswith(MAGIC):
        return _flac(flac.scan(source, start, trailing_tags(source, start), runs), "flac")
    if head.startswith(ogg.CAPTURE):
        found = ogg.scan(source, start, trailing_tags(source, start))
        return _flac(found, "ogg") if found else None
    if is_left_to_ffmpeg(head):
        return None
    contents = _mp3(source, start, runs)
    if contents is None and start == 0:
        refuse_zeros(source.path, head)
    elif contents is None:
        raise MediaError(
            f"{source.path} holds a tag and no MP3 or FLAC frame behind it",
            facts=[f"the tag ends at byte {start} of {source.size}"],
            advice="Get the file again: it was cut off, or the tag's length field is wrong.",
        )
    return contents


def _flac(found: flac.FlacScan, container: str) -> _Contents:
    header = flac.native_header(found.stream_info)
    index = TimeIndex(found.sizes, found.durations, header=len(header))
    info = found.info
    form = EncodedFormat(
        Codec.FLAC,
        info.rate,
        info.channels,
        bit_rate=_bit_rate(index, len(header), info.rate),
        bit_depth=info.bit_depth,
        codec_private=found.stream_info,
    )
    return _Contents(form, header, found.spans, index, container, "vbr", found.warnings)


def _mp3(source: FileSource, start: int, runs: FrameRuns | None) -> _Contents | None:
    end = trailing_tags(source, start)
    first = mp3.find_first(source, start, end, reach=_SEARCH)
    warnings = []
    if first is None or first.offset > start:
        earlier = _inside_tag(source, start)
        if earlier is not None:
            first, end = earlier, trailing_tags(source, earlier.offset)
            warnings.append(f"the tag in front says it ends at byte {start}, but sound begins at {first.offset}")
        elif first is not None:
            warnings.append(f"skipped {first.offset - start} bytes of junk at offset {start}")
    if first is None:
        return None
    found = mp3.scan(source, first, end, runs)
    return _mp3_contents(found, warnings) if found.sizes else None


def _inside_tag(source: FileSource, start: int) -> mp3.FirstFrame | None:
    """Look for frames inside the tag in front: its length field lies when sound does not begin where it says."""
    if not start:
        return None
    first = mp3.find_first(source, ID3_HEADER, source.size, reach=start - ID3_HEADER)
    return first if first and first.offset < start else None


def _mp3_contents(found: mp3.Mp3Scan, warnings: list[str]) -> _Contents:
    header, info = found.header, found.info
    index = TimeIndex(found.sizes, header.samples, summed=found.summed)
    is_complete = info is not None and info.frames in (0, len(found.sizes))
    form = EncodedFormat(
        Codec.MP3,
        header.rate,
        header.channels,
        bit_rate=_bit_rate(index, 0, header.rate),
        encoder_delay=info.delay if info else 0,
        encoder_padding=info.padding if info and is_complete else 0,
    )
    return _Contents(form, b"", found.spans, index, "mp3", _mode(found), warnings + found.warnings)


def _mode(found: mp3.Mp3Scan) -> str:
    if len(found.bit_rates) == 1:
        return "cbr"
    return found.info.mode if found.info and found.info.mode in ("abr", "vbr") else "vbr"


def _shortened(warnings: list[str]) -> tuple[str, ...]:
    if len(warnings) <= _MOST_WARNINGS:
        return tuple(warnings)
    return (*warnings[:_MOST_WARNINGS], f"and {len(warnings) - _MOST_WARNINGS} more places like these")


def _bit_rate(index: TimeIndex, header: int, rate: int) -> int:
    return round((index.total_bytes - header) * 8 * rate / index.total_frames)
