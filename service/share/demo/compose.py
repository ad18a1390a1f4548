"""Composes the demo's tune as a WAV and its cover as a PNG, the same bits every time. Encoding is in README.md."""

from __future__ import annotations

import math
import struct
import sys
import wave
import zlib
from array import array
from pathlib import Path

RATE = 44_100
BEAT = 0.375
"""Seconds."""
TUNE = ((0, 76), (1, 71), (2, 74), (3, 69), (4, 72), (5, 67), (6, 69), (7, 64), (8, 65), (9, 69), (10, 71), (11, 74),
        (12, 76), (13, 79), (14, 76), (16, 81))  # fmt: skip
"""(beat, MIDI note) of the bells."""
BASS = ((0, 45), (4, 41), (8, 38), (12, 40), (16, 45))
PARTIALS = ((0.5, 0.35, 1.2), (1.0, 1.0, 1.6), (2.0, 0.45, 2.4), (2.76, 0.22, 4.0), (5.40, 0.10, 8.0))
"""Of one bell: frequency over the note's, loudness, decay per second."""
HUM = ((1.0, 1.0, 0.9), (2.0, 0.3, 1.4), (3.0, 0.12, 2.0))
SECONDS = 9.0
COVER_SIZE = 96
"""Pixels, both ways."""


def strike(
    left: array[float], right: array[float], at: float, note: int, partials: tuple[tuple[float, ...], ...]
) -> None:
    """Add one note to both channels, low notes to the left."""
    pitch = 440.0 * 2.0 ** ((note - 69) / 12)
    pan = min(0.8, max(0.2, (note - 40) / 48))
    start = int(at * RATE)
    for ratio, loudness, decay in partials:
        step, fade = math.tau * pitch * ratio / RATE, math.exp(-decay / RATE)
        level = loudness * 0.1
        for index in range(start, len(left)):
            sample = level * math.sin(step * (index - start))
            left[index] += sample * (1 - pan)
            right[index] += sample * pan
            level *= fade


def play() -> bytes:
    """Return the whole tune: s16, two channels."""
    count = int(SECONDS * RATE)
    left, right = array("d", bytes(8 * count)), array("d", bytes(8 * count))
    for beat, note in TUNE:
        strike(left, right, beat * BEAT, note, PARTIALS)
    for beat, note in BASS:
        strike(left, right, beat * BEAT, note, HUM)
    gain = 0.8 / max(*map(abs, left), *map(abs, right))
    samples = array("h")
    for index in range(count):
        envelope = gain * 32767 * min(1.0, index / 200, (count - index) / (RATE * 1.5))
        samples.append(round(left[index] * envelope))
        samples.append(round(right[index] * envelope))
    return samples.tobytes()


def draw() -> bytes:
    """Return the cover: rings as a bell's sound leaves it, in an RGB PNG."""
    rows = bytearray()
    middle = COVER_SIZE / 2
    for y in range(COVER_SIZE):
        rows.append(0)  # this row's filter: none
        for x in range(COVER_SIZE):
            distance = math.hypot(x - middle, y - middle * 1.3)
            wave_height = 0.5 + 0.5 * math.cos(distance / 3.0)
            rows += bytes((int(30 + 160 * wave_height), int(40 + 110 * wave_height), int(90 + 60 * y / COVER_SIZE)))
    header = struct.pack(">IIBBBBB", COVER_SIZE, COVER_SIZE, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main(folder: Path) -> None:
    """Write carillon.wav and cover.png into `folder`."""
    with wave.open(str(folder / "carillon.wav"), "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", ""))
        out.writeframes(play())
    (folder / "cover.png").write_bytes(draw())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
