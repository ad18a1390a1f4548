"""A file ready to be sent undecoded. MP3 and FLAC need neither mutagen nor FFmpeg; other containers FFmpeg takes apart.

That part is in the package demux, which is loaded where a file needs it.
"""

from __future__ import annotations

from importlib import import_module

from pyaudiobus.errors import MediaError
from pyaudiobus.media import mp3
from pyaudiobus.media.encoded_file import Contents, EncodedFile, Presentation, mean_bit_rate
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.runs import FrameRuns
from pyaudiobus.media.sniff import FLAC_MAGIC, OGG_CAPTURE, is_left_to_ffmpeg, refuse_foreign, refuse_zeros
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import SpanReader
from pyaudiobus.media.tags import ID3_HEADER, leading_tags, trailing_tags
from pyaudiobus.model.format import Codec, EncodedFormat

__all__ = ["EncodedFile", "open_encoded", "open_framed"]

_HEAD = 4096
_SEARCH = 1 << 20
_DEMUX = "pyaudiobus.media.demux"
_FLAC = "pyaudiobus.media.encoded_flac"
"""Loaded where a file needs it: a player of MP3 starts without it."""


def open_encoded(path: str, runs: FrameRuns | None = None) -> EncodedFile | None:
    """Open a file whose codec the kernel has a name for, told by its contents; None for any other that FFmpeg knows.

    `runs` follows frames natively. The outcome is the same without.
    MediaError if the file is missing, empty, unreadable, plainly no audio, or holds no whole frame.
    """
    found = open_framed(path, runs)
    if found is not None:
        return found
    try:
        demux = import_module(_DEMUX)
    except ImportError:  # no PyAV here: whoever decodes will say so
        return None
    opened: EncodedFile | None = demux.open_demuxed(path)
    return opened


def open_framed(path: str, runs: FrameRuns | None = None) -> EncodedFile | None:
    """Open an MP3 or a (native or Ogg) FLAC file as open_encoded does; None for what FFmpeg may know."""
    source = FileSource(path)
    try:
        contents = _read(source, runs)
    except BaseException:
        source.close()
        raise
    if contents is None:
        source.close()
        return None
    return _opened(source, contents)


def _opened(source: FileSource, contents: Contents) -> EncodedFile:
    def reader(for_kernel: bool) -> SpanReader:  # noqa: FBT001  # as Presentation calls it
        return SpanReader(source, contents.header, contents.spans, for_kernel=for_kernel)

    return EncodedFile(
        source.path,
        (Presentation(contents.form, contents.header, contents.times, reader),),
        container=contents.container,
        bit_rate_mode=contents.bit_rate_mode,
        first_frame_offset=contents.spans[0].offset,
        warnings=contents.warnings,
        close=source.close,
    )


def _read(source: FileSource, runs: FrameRuns | None) -> Contents | None:
    start = leading_tags(source)
    head = source.read(start, min(_HEAD, source.size - start))
    if head.startswith((FLAC_MAGIC, OGG_CAPTURE)):
        found: Contents | None = import_module(_FLAC).read_flac(
            source, start, runs, is_ogg=head.startswith(OGG_CAPTURE)
        )
        return found
    if start == 0:
        refuse_foreign(source.path, head)
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


def _mp3(source: FileSource, start: int, runs: FrameRuns | None) -> Contents | None:
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


def _mp3_contents(found: mp3.Mp3Scan, warnings: list[str]) -> Contents:
    header, info = found.header, found.info
    index = TimeIndex(found.sizes, header.samples, summed=found.summed)
    is_complete = info is not None and info.frames in (0, len(found.sizes))
    form = EncodedFormat(
        Codec.MP3,
        header.rate,
        header.channels,
        bit_rate=mean_bit_rate(index, 0, header.rate),
        encoder_delay=info.delay if info else 0,
        encoder_padding=info.padding if info and is_complete else 0,
    )
    return Contents(form, b"", found.spans, index, "mp3", _mode(found), warnings + found.warnings)


def _mode(found: mp3.Mp3Scan) -> str:
    if len(found.bit_rates) == 1:
        return "cbr"
    return found.info.mode if found.info and found.info.mode in ("abr", "vbr") else "vbr"
