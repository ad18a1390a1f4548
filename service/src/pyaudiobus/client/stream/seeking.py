"""Finds a PCM frame in a stream that is read from a server: in few requests, and exactly wherever that can be.

FLAC frames tell their number: a seek table, or a guess by what is known on both sides, is judged by what is found.
MP3 frames tell nothing. Those of a constant bit rate are counted by where they lie. VBRI's places are believed when
those of what was counted anyway are right, and a frame begins just there. All else is counted from the last place that
is known, unless that is too far away: then a table, or the size, is all there is, and by how much it may be wrong is
told.
"""

from __future__ import annotations

from typing import Protocol

from pyaudiobus.media.live.seek_table import Point, SeekTable
from pyaudiobus.media.live.walker import Walker

MOST_COUNTED = 8 * 1024 * 1024
"""Bytes of MP3 that are read to know exactly where a place is."""
MOST_JUMPS = 8
"""Requests until a FLAC frame is near enough to read on from."""
NEAR = 128 * 1024
"""Bytes that are rather read than asked for anew."""
_SLACK = 2
"""Bytes that a frame of constant bit rate may lie beside its place: encoders pad frames as they like."""
_LOST = 0.1
"""Part of the way by which a guess by the size alone may be wrong."""


class Sought(Protocol):
    """A stream that is searched."""

    doubt: int

    @property
    def walker(self) -> Walker:
        """What takes it apart."""

    @property
    def length(self) -> int | None:
        """Bytes behind the first frame's place, if the size is known."""

    @property
    def bytes_per_frame(self) -> float:
        """Bytes of a PCM frame, on the average."""

    def byte_of(self, frame: int) -> int | None:
        """Return where a PCM frame's encoded frame begins, behind the first, if it was counted and is remembered."""

    def counted(self, frame: int) -> Point:
        """Return the last place at or before a PCM frame whose number is known for sure."""

    def jump(self, byte: int, number: Numbering) -> Point | None:
        """Go on so many bytes behind the first frame; return the first frame that is found."""

    def count_to(self, frame: int) -> None:
        """Read on until a PCM frame came."""


class Numbering(Protocol):
    """Says which PCM frame begins at a place."""

    def __call__(self, byte: int, /) -> int:
        """Return its number."""


def search(stream: Sought, frame: int) -> None:
    """Have a stream go on so that a PCM frame is among what comes next. MediaError."""
    if stream.walker.samples:
        _search_counted(stream, frame)
    else:
        _search_numbered(stream, frame)
    stream.count_to(frame)


def _search_numbered(stream: Sought, frame: int) -> None:
    low, high = stream.counted(frame), Point(stream.walker.total_frames, stream.length or 0)
    rate = stream.bytes_per_frame

    def guess(byte: int) -> int:
        return low.frame + int((byte - low.byte) / rate)

    point = stream.walker.table.before(frame, stream.length)
    here: Point | None = None
    if point is not None and point.frame > low.frame and point.byte > low.byte:
        here = stream.jump(point.byte, guess)
        if here == point:
            return
        stream.walker.table = SeekTable([])  # it lies, and is not asked again
        low, high = _narrowed(here, frame, low, high, point.byte)
    for _ in range(MOST_JUMPS):
        if here is not None and here.frame <= frame and (frame - here.frame) * rate < NEAR:
            return
        share = (frame - low.frame) / (high.frame - low.frame) if high.frame > frame else 0.0
        byte = low.byte + int(share * (high.byte - low.byte) if share else (frame - low.frame) * rate) - NEAR // 2
        if byte <= low.byte:
            break
        here = stream.jump(byte, guess)
        low, high = _narrowed(here, frame, low, high, byte)
    if here != low:
        stream.jump(low.byte, lambda _: low.frame)


def _narrowed(here: Point | None, frame: int, low: Point, high: Point, asked: int) -> tuple[Point, Point]:
    """Return the places that are known on both sides of a frame, one more being known."""
    if here is not None and low.frame < here.frame <= frame:
        return here, high
    if here is None or here.frame > frame:
        return low, Point(high.frame if here is None else here.frame, max(low.byte, asked))
    return low, high


def _search_counted(stream: Sought, frame: int) -> None:
    low, walker = stream.counted(frame), stream.walker
    if _go_by_bit_rate(stream, frame) or _go_by_places(stream, frame, low):
        return
    byte, doubt = _likely_byte(stream, frame, low)
    if byte - low.byte <= MOST_COUNTED:
        stream.jump(low.byte, lambda _: low.frame)
        return
    stream.jump(
        byte, lambda found: frame + int((found - byte) / stream.bytes_per_frame) // walker.samples * walker.samples
    )
    stream.doubt = doubt


def _go_by_bit_rate(stream: Sought, frame: int) -> bool:
    size, samples = stream.walker.steady, stream.walker.samples
    if not size:
        return False
    number = frame // samples
    here = stream.jump(max(0, int((number - 0.5) * size)), lambda byte: round(byte / size) * samples)
    return here is not None and abs(here.byte - here.frame // samples * size) <= _SLACK and here.frame <= frame


def _go_by_places(stream: Sought, frame: int, low: Point) -> bool:
    """Go to a place that VBRI names, if a frame begins just there."""
    if stream.walker.table.resolution or not _is_right_where_known(stream):
        return False
    point = stream.walker.table.before(frame, stream.length)
    if point is None or point.frame <= low.frame:
        return False
    here = stream.jump(point.byte, lambda _: point.frame)
    if here is not None and here.byte == point.byte:
        return True
    stream.walker.table = SeekTable([])
    return False


def _is_right_where_known(stream: Sought) -> bool:
    """Compare a table with the frames that were counted: it must be right there, and there must be some.

    It may count its bytes from its own frame's end.
    """
    table = stream.walker.table
    if table.is_checked:
        return True
    known = [(point, stream.byte_of(point.frame)) for point in table.points]
    shifts = {byte - point.byte for point, byte in known if byte is not None}
    if not shifts:
        return False
    points: list[Point] = []
    if len(shifts) == 1 and (shift := shifts.pop()) in (0, len(stream.walker.prologue)):
        points = [Point(point.frame, point.byte + shift) for point in table.points]
    stream.walker.table = SeekTable(points)
    stream.walker.table.is_checked = bool(points)
    return bool(points)


def _likely_byte(stream: Sought, frame: int, low: Point) -> tuple[int, int]:
    """Return where a PCM frame may lie, and by how many frames that may be wrong."""
    table, length = stream.walker.table, stream.length
    points = [point for point in table.points if length is None or point.byte < length]
    before = max((point for point in points if point.frame <= frame), default=None)
    after = min((point for point in points if point.frame > frame), default=None)
    if before is None or after is None:
        return low.byte + int((frame - low.frame) * stream.bytes_per_frame), int((frame - low.frame) * _LOST)
    share = (frame - before.frame) / (after.frame - before.frame)
    return before.byte + int(share * (after.byte - before.byte)), table.resolution or int((frame - low.frame) * _LOST)
