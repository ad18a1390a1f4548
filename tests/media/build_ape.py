"""Monkey's Audio files made by hand: headers of every version, frames that say that they are silent."""

from __future__ import annotations

import struct

_HAS_FLAGS = 0x80000000
_SILENCE = 3
FRAME = struct.pack("<IIII", _HAS_FLAGS, _SILENCE, 0, 0)
"""A frame's checksum, that flags follow, both channels silent, and what a range coder reads ahead."""


def new_file(frames: int = 3, per_frame: int = 4096, final: int = 1000) -> bytes:
    """3.98 and later: descriptor, header, seek table, frames."""
    header = struct.pack("<HHIIIHHI", 2000, 0, per_frame, final, frames, 16, 2, 44_100)
    first = 52 + len(header) + frames * 4
    table = struct.pack(f"<{frames}I", *(first + number * len(FRAME) for number in range(frames)))
    sizes = (52, len(header), len(table), 0, frames * len(FRAME), 0, 0)
    return struct.pack("<4sHH7I16s", b"MAC ", 3990, 0, *sizes, bytes(16)) + header + table + FRAME * frames


def old_file(version: int, level: int = 2000, flags: int = 32) -> bytes:
    """Before 3.98: one header, the seek table; a bit table before 3.81. Flag 32: no WAV header is kept."""
    frames = 3
    header = struct.pack("<4sHHHHIIIII", b"MAC ", version, level, flags, 2, 44_100, 0, 0, frames, 1000)
    optional = struct.pack("<I", 7) if flags & 4 else b""
    optional += struct.pack("<I", frames) if flags & 16 else b""
    first = len(header) + len(optional) + frames * 4 + (frames if version < 3810 else 0)
    table = struct.pack(f"<{frames}I", *(first + number * len(FRAME) for number in range(frames)))
    bits = bytes(frames) if version < 3810 else b""
    return header + optional + table + bits + FRAME * frames
