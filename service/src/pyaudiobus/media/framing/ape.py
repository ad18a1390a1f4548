"""Monkey's Audio: the header of a file, of all versions, and where its frames lie."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pyaudiobus.errors import MediaError
from pyaudiobus.media.source import FileSource

MAGIC = b"MAC "
_DESCRIPTOR_SINCE = 3980
_NEWEST = 3999
_OLDEST = 3800
_DESCRIPTOR = 52
_HEADER = struct.Struct("<HHIIIHHI")
_OLD_HEADER = struct.Struct("<HHHIIIII")
_IS_8_BIT, _HAS_PEAK, _IS_24_BIT, _HAS_SEEK_ELEMENTS, _CREATES_WAV_HEADER = 1, 4, 8, 16, 32
_MOST_FRAMES = 1 << 20
_EXTRA_HIGH = 4000


class ApeHeader(NamedTuple):
    """What a decoder must know of a file."""

    version: int
    """3990 for 3.99."""
    compression_level: int
    """1000 (fast) to 5000 (insane)."""
    flags: int
    blocks_per_frame: int
    final_frame_blocks: int
    total_frames: int
    """Encoded frames."""
    bit_depth: int
    channels: int
    rate: int
    frame_offsets: tuple[int, ...]
    """Where each frame begins, counted from "MAC "."""
    end: int
    """Where the last one ends, counted likewise."""

    @property
    def private(self) -> bytes:
        """What SET_PARAMS is filled from: version, level and flags, the three counts, whether a seek table is sent."""
        return struct.pack(
            "<HHHIIII",
            self.version,
            self.compression_level,
            self.flags,
            self.blocks_per_frame,
            self.final_frame_blocks,
            self.total_frames,
            1,
        )


def parse(source: FileSource, start: int, end: int) -> ApeHeader:
    """Read descriptor, header and seek table of the file whose magic is at `start` and which ends before `end`.

    MediaError where they contradict each other or the file.
    """
    room = end - start
    head = source.read(start, min(_DESCRIPTOR + _HEADER.size, room))
    version = int.from_bytes(head[4:6], "little")
    if not _OLDEST <= version <= _NEWEST or len(head) < _OLD_HEADER.size + 6:
        raise _damaged(source, f"version {version / 1000:.2f}, {room} bytes in all")
    if version >= _DESCRIPTOR_SINCE:
        return _parse_new(source, start, room, head)
    return _parse_old(source, start, room, head)


def _parse_new(source: FileSource, start: int, room: int, head: bytes) -> ApeHeader:
    descriptor, header, table, wav, low, high, tail = struct.unpack_from("<7I", head, 8)
    if len(head) < _DESCRIPTOR + _HEADER.size or descriptor + header + table + wav > room:
        raise _damaged(source, f"its headers say that they have {descriptor + header + table + wav} of {room} bytes")
    fields = source.read(start + descriptor, _HEADER.size)
    level, flags, per_frame, final, total, depth, channels, rate = _HEADER.unpack(fields)
    offsets = _seek_table(source, start + descriptor + header, table, total)
    first = descriptor + header + table + wav
    frames_end = min(first + (high << 32 | low), room - (tail if first + (high << 32 | low) + tail <= room else 0))
    found = ApeHeader(
        int.from_bytes(head[4:6], "little"),
        level, flags, per_frame, final, total, depth, channels, rate, offsets, frames_end,
    )  # fmt: skip
    return _checked(source, found, first)


def _parse_old(source: FileSource, start: int, room: int, head: bytes) -> ApeHeader:
    """Before 3.98: one header, optional fields, the WAV header, then the seek table."""
    version = int.from_bytes(head[4:6], "little")
    level, flags, channels, rate, wav, tail, total, final = _OLD_HEADER.unpack_from(head, 6)
    at = 6 + _OLD_HEADER.size + (4 if flags & _HAS_PEAK else 0)
    elements = total
    if flags & _HAS_SEEK_ELEMENTS:
        elements = int.from_bytes(source.read(start + at, 4), "little") if at + 4 <= room else 0
        at += 4
    depth = 8 if flags & _IS_8_BIT else 24 if flags & _IS_24_BIT else 16
    per_frame = _old_frame(version, level)
    if not flags & _CREATES_WAV_HEADER:
        at += wav
    if elements > _MOST_FRAMES or at + elements * 4 > room:
        raise _damaged(source, f"its seek table of {elements} entries does not fit into {room} bytes")
    offsets = _seek_table(source, start + at, elements * 4, total)
    found = ApeHeader(
        version, level, flags, per_frame, final, total, depth, channels, rate, offsets, max(0, room - tail)
    )
    return _checked(source, found, at + elements * 4 + (elements if version < 3810 else 0))  # noqa: PLR2004  # a bit table follows


def _old_frame(version: int, level: int) -> int:
    """PCM frames in one frame of the versions that do not tell."""
    if version >= 3950:  # noqa: PLR2004
        return 73_728 * 4
    is_long = version >= 3900 or (version >= 3800 and level >= _EXTRA_HIGH)  # noqa: PLR2004
    return 73_728 if is_long else 9216


def _seek_table(source: FileSource, at: int, size: int, total: int) -> tuple[int, ...]:
    """Offsets have 32 bits in files of any size: each that is lower than the one before is 4 GiB further."""
    count = min(size // 4, total)
    table = struct.unpack(f"<{count}I", source.read(at, count * 4)) if count else ()
    offsets, above, before = [], 0, 0
    for entry in table:
        above += (1 << 32) if entry < before else 0
        before = entry
        offsets.append(above + entry)
    return tuple(offsets)


def _checked(source: FileSource, found: ApeHeader, first: int) -> ApeHeader:
    offsets = found.frame_offsets
    if not (found.total_frames and found.rate and found.channels and found.blocks_per_frame):
        raise _damaged(source, "its header tells no frames, rate or channels")
    if len(offsets) < found.total_frames or found.final_frame_blocks > found.blocks_per_frame:
        raise _damaged(source, f"{found.total_frames} frames, a seek table of {len(offsets)}")
    if offsets[0] < first:
        raise _damaged(source, f"its first frame is said to lie at {offsets[0]}, inside the header")
    kept = tuple(offset for offset in offsets if offset < found.end)
    if not kept:
        raise _damaged(source, f"its first frame would lie at byte {offsets[0]}, the file ends at {found.end}")
    return found._replace(frame_offsets=kept)


def _damaged(source: FileSource, fact: str) -> MediaError:
    return MediaError(
        f"{source.path} is a damaged Monkey's Audio file", facts=[fact], advice="Get the file again: it was cut off."
    )
