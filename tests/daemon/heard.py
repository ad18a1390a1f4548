"""What a virtual DSP has rendered, taken apart into the pieces of a song that it consists of."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

from tests.daemon.dsp_bus import DspBus, Encoded, song_at

FRAME = 4
"""Bytes: s16, two channels."""
PROBE = 64
"""PCM frames by which a place in a song is known again."""
RATE = 44_100


class Piece(NamedTuple):
    """A stretch of a song, in PCM frames."""

    start: int
    end: int


class Song:
    """A song as it sounds when nothing comes between."""

    def __init__(self, path: Path, folder: Path) -> None:
        folder.mkdir()
        shape, data = song_at(path)
        render = folder / "whole.wav"
        with DspBus(folder, profile="generic", render=render) as bus, bus.remote() as remote:
            stream = Encoded(remote, shape)
            stream.write(data)
            stream.end()
            stream.await_event("ended")
        self.sound = sound_of(render)
        self.frames = len(self.sound) // FRAME


def sound_of(render: Path) -> bytes:
    """Return the samples of a WAV."""
    data = render.read_bytes()
    at = data.index(b"data")
    (size,) = struct.unpack_from("<I", data, at + 4)
    return data[at + 8 : at + 8 + size]


def pieces_of(sound: bytes, song: Song) -> tuple[list[Piece], int]:
    """Return the pieces of a song that a recording consists of, and how many PCM frames are none of it."""
    pieces: list[Piece] = []
    at = unknown = 0
    while at + PROBE * FRAME <= len(sound):
        found = _find(song.sound, sound[at : at + PROBE * FRAME])
        if found < 0:
            unknown += 1
            at += FRAME
            continue
        length = _common(song.sound, found, sound, at)
        pieces.append(Piece(found // FRAME, (found + length) // FRAME))
        at += length
    return pieces, unknown


def _find(song: bytes, probe: bytes) -> int:
    found = song.find(probe)
    while found >= 0 and found % FRAME:
        found = song.find(probe, found + 1)
    return found


def _common(first: bytes, at: int, second: bytes, place: int) -> int:
    """Return for how many bytes two recordings are the same."""
    most = min(len(first) - at, len(second) - place)
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if first[at : at + middle] == second[place : place + middle]:
            low = middle
        else:
            high = middle - 1
    return low // FRAME * FRAME
