"""Songs to play: real encoders' files of this repository, and long ones made for their length. Knows no guest."""

from __future__ import annotations

import random
import wave
from dataclasses import dataclass
from pathlib import Path

from pyaudiobus.media.encoded import open_encoded
from qemu.options import CHECKOUT

FILES = CHECKOUT / "tests/media/files"
DEMO = CHECKOUT / "service/share/demo"
ALBUM = CHECKOUT / "tests/client/files/album"
"""Cut from one recording."""

REAL = {
    "an MP3 of constant bit rate": FILES / "lame-cbr-64.mp3",
    "an MP3 of variable bit rate": FILES / "lame-vbr.mp3",
    "an MP3 with tags at both ends": FILES / "lame-id3v2-art-ape-id3v1.mp3",
    "a mono MP3 of low rate": FILES / "lame-mpeg2-mono.mp3",
    "the demo MP3": DEMO / "carillon.mp3",
    "the demo FLAC": DEMO / "carillon.flac",
    "a FLAC of 24 bits with a picture": FILES / "flac-24-stereo.flac",
    "a FLAC in an Ogg file": FILES / "flac.oga",
    **{f"track {number}": ALBUM / f"{number}.flac" for number in (1, 2, 3)},
}

_HEADER = bytes.fromhex("fffb9444")
"""MPEG-1 layer III, 128 kbit/s, 48 kHz, joint stereo: 384 bytes hold 1152 samples."""
FRAME_BYTES = 384
FRAMES_PER_SECOND = 48000 / 1152
_SILENCE = 9600
"""QEMU never writes the last tens of milliseconds that a card played."""


@dataclass(frozen=True, slots=True)
class Song:
    """A file and what its encoder says is in it."""

    path: Path
    """As the guest sees it."""
    stream: bytes
    """What a DSP is to get: every frame, no tag, no Info frame."""
    frames: int
    """PCM frames it decodes to, the encoder's delay and padding among them."""
    rate: int
    delay: int
    """PCM frames before the first one of the music."""


def read_song(path: Path) -> Song:
    """Walk a file as the service does."""
    encoded = open_encoded(str(path))
    if encoded is None:
        raise ValueError(f"{path} holds nothing that a DSP could be sent")
    stream = bytes(encoded.reader().peek(encoded.index.total_bytes))
    encoded.close()
    return Song(path, stream, encoded.total_frames, encoded.form.rate, encoded.form.encoder_delay)


def write_song(path: Path, seconds: float) -> None:
    """Write an MP3 of 128 kbit/s whose frames all differ, so that a lost or repeated one shows."""
    numbers = random.Random(seconds)  # the same file every time
    with path.open("wb") as file:
        for _ in range(round(seconds * FRAMES_PER_SECOND)):
            body = numbers.randbytes(FRAME_BYTES - len(_HEADER))
            file.write(_HEADER + body.replace(b"\xff", b"\xfe"))


def write_wave(path: Path, seconds: float) -> bytes:
    """Write noise and then a little silence as PCM of CD's shape at 48 kHz; return the noise."""
    noise = random.Random(seconds).randbytes(round(seconds * 48000) * 4)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48000, 0, "NONE", ""))
        file.writeframes(noise + bytes(_SILENCE * 4))
    return noise
