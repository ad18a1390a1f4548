"""FLAC ready to be sent undecoded, by itself or in Ogg."""

from __future__ import annotations

from pyaudiobus.media import flac, ogg
from pyaudiobus.media.encoded_file import Contents, mean_bit_rate
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.media.runs import FrameRuns
from pyaudiobus.media.source import FileSource
from pyaudiobus.media.tags import trailing_tags
from pyaudiobus.model.format import Codec, EncodedFormat


def read_flac(source: FileSource, start: int, runs: FrameRuns | None, *, is_ogg: bool) -> Contents | None:
    """Read a file that begins as FLAC or Ogg at byte `start`. None: an Ogg with something else. MediaError."""
    end = trailing_tags(source, start)
    if not is_ogg:
        return _contents(flac.scan(source, start, end, runs), "flac")
    found = ogg.scan(source, start, end)
    return _contents(found, "ogg") if found else None


def _contents(found: flac.FlacScan, container: str) -> Contents:
    header = flac.native_header(found.stream_info)
    index = TimeIndex(found.sizes, found.durations, header=len(header))
    info = found.info
    form = EncodedFormat(
        Codec.FLAC,
        info.rate,
        info.channels,
        bit_rate=mean_bit_rate(index, len(header), info.rate),
        bit_depth=info.bit_depth,
        codec_private=found.stream_info,
    )
    return Contents(form, header, found.spans, index, container, "vbr", found.warnings)
