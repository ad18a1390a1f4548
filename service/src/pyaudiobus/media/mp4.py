"""The edit list of an MP4 file: which part of the sound is meant to be heard (ISO 14496-12, 8.6.6). Nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyaudiobus.media.source import FileSource

_LARGEST_MOOV = 64 << 20
_BOX = 8
_LARGE_BOX = 16


class Edit(NamedTuple):
    """The audible part of the sound track."""

    delay: int
    """Sound track ticks before it; a tick is usually one PCM frame."""
    length: float
    """Seconds."""
    timescale: int
    """Ticks per second."""


def read_edit(source: FileSource) -> Edit | None:
    """Return the first real edit of the first sound track; None if there is none or the file is damaged."""
    try:
        moov = _moov(source)
        for kind, start, end in _boxes(moov, 0, len(moov)):
            if kind == b"trak" and _find(moov, start, end, b"mdia", b"hdlr")[8:12] == b"soun":
                return _edit(moov, start, end)
    except (IndexError, ValueError):
        return None
    return None


def _moov(source: FileSource) -> bytes:
    offset = 0
    while offset + _BOX <= source.size:
        head = source.read(offset, min(_LARGE_BOX, source.size - offset))
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size == 0:
            size = source.size - offset
        if head[4:8] == b"moov" and _BOX <= size <= min(_LARGEST_MOOV, source.size - offset):
            return source.read(offset + _BOX, size - _BOX)
        if size < _BOX:
            break
        offset += size
    return b""


def _edit(moov: bytes, start: int, end: int) -> Edit | None:
    timescale = _timescale(_find(moov, start, end, b"mdia", b"mdhd"))
    movie = _timescale(_find(moov, 0, len(moov), b"mvhd"))
    entries = _find(moov, start, end, b"edts", b"elst")
    is_wide = entries[:1] == b"\1"
    width = 8 if is_wide else 4
    at = 8
    for _ in range(int.from_bytes(entries[4:8], "big")):
        duration = int.from_bytes(entries[at : at + width], "big")
        media_time = int.from_bytes(entries[at + width : at + 2 * width], "big", signed=True)
        at += 2 * width + 4
        if at > len(entries):
            return None
        if media_time >= 0 and timescale and movie:
            return Edit(media_time, duration / movie, timescale)
    return None


def _timescale(header: bytes) -> int:
    """Both mvhd and mdhd begin with version and flags, then two times, then the timescale."""
    at = 20 if header[:1] == b"\1" else 12
    return int.from_bytes(header[at : at + 4], "big")


def _find(data: bytes, start: int, end: int, *path: bytes) -> bytes:
    for name in path:
        for kind, inner, stop in _boxes(data, start, end):
            if kind == name:
                start, end = inner, stop
                break
        else:
            return b""
    return data[start:end]


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + _BOX <= end:
        size = int.from_bytes(data[start : start + 4], "big")
        if not _BOX <= size <= end - start:
            return
        yield data[start + 4 : start + _BOX], start + _BOX, start + size
        start += size
