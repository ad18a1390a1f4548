"""Where an encoder says that frames lie. It may lie itself: what is found at such a place decides."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

SEEK_POINT = 18
"""Bytes of one in a FLAC's SEEKTABLE: sample and offset of 8 each, frame samples of 2 (RFC 9639 8.5)."""
_PLACEHOLDER = (1 << 64) - 1


class Point(NamedTuple):
    """One place."""

    frame: int
    """PCM frame of the stream."""
    byte: int
    """Bytes behind the first encoded frame, or behind the frame with the encoder's facts in front of it."""


class SeekTable:
    """Places in their order. What goes back in either, and what lies behind the end, is left out."""

    def __init__(self, points: list[Point], *, resolution: int = 0) -> None:
        self._points = points
        self.resolution = resolution
        """PCM frames by which a place may be wrong though the table is right; 0: it tells frames."""
        self.is_checked = False
        """Whether some of its places were compared with what was counted."""

    @property
    def points(self) -> tuple[Point, ...]:
        """All of them."""
        return tuple(self._points)

    def before(self, frame: int, most_bytes: int | None) -> Point | None:
        """Return the last place at or before a PCM frame, among those within so many bytes."""
        at = bisect_right(self._points, frame, key=lambda point: point.frame) - 1
        found = self._points[at] if at >= 0 else None
        return found if found is not None and (most_bytes is None or found.byte < most_bytes) else None


def in_order(points: list[Point]) -> list[Point]:
    """Leave out what does not lie behind all that came before it."""
    kept: list[Point] = []
    for point in points:
        if not kept or (point.frame > kept[-1].frame and point.byte > kept[-1].byte):
            kept.append(point)
    return kept


def parse_flac(body: bytes) -> SeekTable:
    """Read a SEEKTABLE block."""
    entries = [body[at : at + SEEK_POINT] for at in range(0, len(body) - SEEK_POINT + 1, SEEK_POINT)]
    read = [(int.from_bytes(entry[:8], "big"), int.from_bytes(entry[8:16], "big")) for entry in entries]
    return SeekTable(in_order([Point(*pair) for pair in read if pair[0] != _PLACEHOLDER]))
