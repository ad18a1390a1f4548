"""The songs that are played: made once by real encoders, kept outside the repository. Nothing is measured here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.errors import GuestError
from qemu.tools import run_tool

_MEND = "look into that and try again"
_MUSIC = (
    "anoisesrc=color=pink:amplitude=0.25:seed=1:sample_rate=44100[left];"
    "anoisesrc=color=pink:amplitude=0.25:seed=2:sample_rate=44100[right];"
    "[left][right]join=inputs=2:channel_layout=stereo,lowpass=f=4000,tremolo=f=0.5:d=0.8[noise];"
    "aevalsrc=0.2*sin(2*PI*220*t)|0.2*sin(2*PI*331*t):s=44100[tone];"
    "[noise][tone]amix=inputs=2:normalize=0"
)
"""Noise whose loudness swells, over two tones: FLAC makes about 650 kbit/s of it."""


@dataclass(frozen=True, slots=True)
class Song:
    """Music in one encoding, in any length."""

    key: str
    name: str
    suffix: str
    command: Callable[[Path, Path], list[str]]
    """The encoder's command line, from a WAV and the file to make."""

    def file(self, seconds: int) -> Path:
        """Return the file of that length, made on first use. Raises GuestError if the encoders are missing."""
        folder = made_once(_root() / f"{self.key}-{seconds}s", lambda new: self._make(new, seconds))
        return folder / f"song{self.suffix}"

    def bit_rate(self, seconds: int) -> float:
        """Average bits per second of the file of that length."""
        return self.file(seconds).stat().st_size * 8 / seconds

    def _make(self, folder: Path, seconds: int) -> None:
        _check_encoders()
        words = self.command(_music(seconds), folder / f"song{self.suffix}")
        run_tool(words, f"cannot make a song ({self.name})", mend=_MEND)


def _check_encoders() -> None:
    missing = [name for name in ("ffmpeg", "lame", "flac") if shutil.which(name) is None]
    if missing:
        line = f"apt-get install --no-install-recommends {' '.join(missing)}"
        raise GuestError(f"no songs can be made without {', '.join(missing)}; install them: {line}")


def _root() -> Path:
    return cache_root().parent / "bench"


def _music(seconds: int) -> Path:
    return made_once(_root() / f"music-{seconds}s", lambda new: _synthesize(new, seconds)) / "music.wav"


def _synthesize(folder: Path, seconds: int) -> None:
    words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", _MUSIC, "-t", str(seconds), "-c:a", "pcm_s16le", "-bitexact"]
    run_tool([*words, str(folder / "music.wav")], "cannot synthesize music", mend=_MEND)


def _lame(bit_rate: int) -> Callable[[Path, Path], list[str]]:
    return lambda wav, file: ["lame", "--quiet", "-b", str(bit_rate), str(wav), str(file)]


MP3_128 = Song("mp3-128", "MP3 128 kbit/s", ".mp3", _lame(128))
MP3_320 = Song("mp3-320", "MP3 320 kbit/s", ".mp3", _lame(320))
FLAC = Song("flac", "FLAC 650 kbit/s", ".flac", lambda wav, file: ["flac", "--silent", "-5", "-o", str(file), str(wav)])
SONGS = (MP3_128, MP3_320, FLAC)
