"""Where a stream can be entered in its middle: what a decoder needs before a frame, and what stands for it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from pyaudiobus.media.mp3_header import HEADER, Mp3Header, main_data_begin, parse_header, silent_frame
from pyaudiobus.model.format import DECODER_DELAYS, Codec, EncodedFormat
from pyaudiobus.model.frame_index import FrameIndex

_RESERVOIR = 511
"""Bytes: an MP3 frame's data begins at most so far before it (ISO 11172-3, main_data_begin has 9 bits)."""
_GRANULES = 2
_GRANULE = 576
"""The synthesis of one granule needs two before it: overlapping transforms, and a filter of 512 taps."""
_ALONE = frozenset({Codec.FLAC, Codec.ALAC, Codec.APE, Codec.PCM, Codec.IEC61937})
"""Codecs whose every frame decodes without those before it."""
_MEMORY_MS = 120
"""After so much a decoder of the others has forgotten where it began: 80 ms are what Opus asks for (RFC 7845 4.6)."""


class Cursor(Protocol):
    """A place in the bytes."""

    def seek(self, position: int, /) -> None:
        """Go to a stream byte."""

    def peek(self, size: int, /) -> memoryview:
        """Return the next bytes."""


class Whole(Protocol):
    """A stream that is to be entered."""

    @property
    def form(self) -> EncodedFormat:
        """What it is."""

    @property
    def header(self) -> bytes:
        """What a decoder needs before any frame."""

    @property
    def index(self) -> FrameIndex:
        """Where its frames lie."""

    def reader(self) -> Cursor:
        """Return a cursor over its bytes."""


class Entry(NamedTuple):
    """A place to enter a stream at."""

    prefix: bytes
    """What comes first: a header, or a silent frame."""
    byte: int
    """Where in the stream it goes on, at an encoded frame's first byte."""
    frame: int
    """PCM frame of the stream that the first byte of all this decodes to; below 0 if silence comes before frame 0."""
    silent: int
    """PCM frames that the prefix decodes to."""


def find_entry(way: Whole, frame: int) -> Entry:
    """Return the encoded frame that holds PCM frame `frame`, with no sound before it."""
    index, header = way.index, way.header
    if frame <= 0:
        return Entry(header, len(header), 0, 0)
    byte = index.byte_at(frame)
    first = index.frames_at(byte)
    if byte >= index.total_bytes:  # past the end there is nothing, and no header before it
        return Entry(b"", byte, first, 0)
    if way.form.codec is not Codec.MP3:
        return Entry(header, byte, first, 0)
    prefix, frames = _reservoir(way, byte)
    return Entry(prefix, byte, first - frames, frames)


def find_settled(way: Whole, frame: int) -> Entry:
    """Return an earlier one, from which a decoder's output is exact when it comes to PCM frame `frame`.

    For MP3 that is before the bit reservoir of the frames that still sound in it. Between it and `frame` lie more
    PCM frames than a decoder is late by, so that a device that adds those can be told to cut it off.
    """
    index, codec = way.index, way.form.codec
    if codec in _ALONE or frame <= 0 or frame >= index.total_frames:
        return find_entry(way, frame)
    if codec is not Codec.MP3:
        return find_entry(way, max(0, frame - way.form.rate * _MEMORY_MS // 1000))
    reader = way.reader()
    byte = index.byte_at(max(0, index.frames_at(index.byte_at(frame)) - _GRANULES * _GRANULE))
    spare = _RESERVOIR
    while byte > 0 and spare > 0:
        size = byte
        byte = index.byte_at(index.frames_at(byte) - 1)
        size -= byte
        spare -= size - _overhead(_header_at(reader, byte))
    first = index.frames_at(byte)
    if frame - first > DECODER_DELAYS[Codec.MP3]:
        return Entry(b"", byte, first, 0)
    head = _header_at(reader, byte)
    made = silent_frame(head, b"") if head is not None else b""
    frames = head.samples if head is not None and made else 0
    return Entry(made, byte, first - frames, frames)


def _reservoir(way: Whole, byte: int) -> tuple[bytes, int]:
    """Return a silent frame that brings the data which the frame at `byte` finds in those before it, and its frames."""
    reader, index = way.reader(), way.index
    head = _header_at(reader, byte)
    if head is None:
        return b"", 0
    wanted = main_data_begin(_read(reader, byte, HEADER + 4), head)
    if not wanted:
        return b"", 0
    data = b""
    while len(data) < wanted and byte > 0:
        before = index.byte_at(index.frames_at(byte) - 1)
        data = _read(reader, before, byte - before)[_overhead(_header_at(reader, before)) :] + data
        byte = before
    made = silent_frame(head, data[-wanted:])
    return made, head.samples if made else 0


def _overhead(head: Mp3Header | None) -> int:
    """Bytes of a frame that are not its main data."""
    return 0 if head is None else HEADER + 2 * head.has_crc + head.side_info


def _header_at(reader: Cursor, byte: int) -> Mp3Header | None:
    return parse_header(_read(reader, byte, HEADER))


def _read(reader: Cursor, byte: int, size: int) -> bytes:
    reader.seek(byte)
    return bytes(reader.peek(size))
