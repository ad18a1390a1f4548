"""Monkey's Audio: the file is sent as it lies, from its descriptor to its last frame; FFmpeg is not needed for it.

What a DSP wants before the frames is written down nowhere. `ape_d` can say that a seek table is in the stream
(`seek_table_present`), and without one a frame's beginning cannot be found: so descriptor, header and table are sent.
"""

from __future__ import annotations

from array import array

from pyaudiobus.media.encoded_file import EncodedFile, Presentation
from pyaudiobus.media.framing import ape
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.spans import Span, SpanReader
from pyaudiobus.media.tags import leading_tags, trailing_tags
from pyaudiobus.model.format import Codec, EncodedFormat


def open_ape(path: str) -> EncodedFile:
    """Open it. MediaError where its headers contradict the file."""
    source = FileSource(path)
    try:
        start = leading_tags(source)
        found = ape.parse(source, start, trailing_tags(source, start))
        return _opened(source, start, found)
    except BaseException:
        source.close()
        raise


def _opened(source: FileSource, start: int, found: ape.ApeHeader) -> EncodedFile:
    offsets = found.frame_offsets
    ends = (*offsets[1:], found.end)
    sizes = array("I", (end - offset for offset, end in zip(offsets, ends, strict=True)))
    durations = array("I", (found.blocks_per_frame for _ in offsets))
    is_whole = len(offsets) == found.total_frames
    if is_whole:
        durations[-1] = found.final_frame_blocks or found.blocks_per_frame
    header = source.read(start, offsets[0])
    index = TimeIndex(sizes, durations, header=len(header))
    form = EncodedFormat(
        Codec.APE,
        found.rate,
        found.channels,
        bit_rate=round(sum(sizes) * 8 * found.rate / index.total_frames),
        bit_depth=found.bit_depth,
        codec_private=found.private,
        variant=str(found.compression_level),
    )

    def reader(for_kernel: bool) -> SpanReader:  # noqa: FBT001  # as Presentation calls it
        frames = Span(start + offsets[0], found.end - offsets[0])
        return SpanReader(source, header, (frames,), for_kernel=for_kernel)

    cut = f"truncated: {len(offsets)} of {found.total_frames} frames are there"
    return EncodedFile(
        source.path,
        (Presentation(form, header, index, reader),),
        container="ape",
        bit_rate_mode="vbr",
        first_frame_offset=start + offsets[0],
        warnings=() if is_whole else (cut,),
        close=source.close,
    )
