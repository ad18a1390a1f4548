"""How much of a stream is no sound: by the container's skips, iTunes's note, or the edit list of MP4."""

from __future__ import annotations

from pyaudiobus.media.demux.recipe import Facts
from pyaudiobus.media.demux.scan import Scan
from pyaudiobus.media.labels import read_labels
from pyaudiobus.media.mp4 import read_edit
from pyaudiobus.media.source import FileSource

_MOVIE_TICK = 1 / 500
"""Seconds; an edit's length is told in ticks of the movie, which are coarser than frames."""
_LATE = {"mp3": 529}
"""PCM frames by which a decoder is late by itself. Containers count them in, LAME's tag and EncodedFormat do not."""


def silence_of(source: FileSource, facts: Facts, found: Scan) -> tuple[int, int]:
    """Return the encoder's delay and padding in PCM frames."""
    total = sum(found.durations)
    late = _LATE.get(facts.codec, 0)
    delay, padding = max(0, found.delay - late), found.padding + (late if found.padding else 0)
    if facts.container == "mov":
        delay, padding = _of_mp4(source, found, total)
    return (delay, padding) if 0 <= delay + padding < total else (0, 0)


def _of_mp4(source: FileSource, found: Scan, total: int) -> tuple[int, int]:
    """Take iTunes's note, which is exact, else the edit list, whose length is told in ticks of the movie."""
    gapless = read_labels(source.path).gapless
    if gapless is not None and 0 < gapless.frames <= total:
        return gapless.delay, max(0, total - gapless.delay - gapless.frames)
    edit = read_edit(source)
    if edit is None or not edit.length:
        return found.delay, max(0, total - found.told_frames)
    delay = round(edit.delay * found.rate / edit.timescale)
    audible, told = round(edit.length * found.rate), found.told_frames - delay
    if abs(told - audible) <= found.rate * _MOVIE_TICK:
        audible = told
    return delay, max(0, total - delay - audible)
