"""What is measured: our players, the C players where they are given, and programs that decode. Runs nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.kit import VENV, is_elf
from bench.media import FLAC, MP3_128, MP3_320, SONGS, Song

MINUTE = 60
PLAYED = (MINUTE, 10 * MINUTE)
DECODED = (15, 45)
"""Seconds of the two files whose difference is measured; a decoder's cost is linear, and waiting for it is long."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command line that takes a file as its last word."""

    name: str
    argv: Sequence[str]
    songs: Sequence[Song] = SONGS
    plays: bool = True
    """It feeds the DSP; otherwise it decodes to nowhere."""
    by_daemon: bool = False
    """It plays through our daemon, whose cost is counted with its own."""

    @property
    def lengths(self) -> tuple[int, int]:
        """Seconds of the shorter and the longer file."""
        return PLAYED if self.plays else DECODED


AUDIOBUS = Program("audiobus play", [f"{VENV}/bin/audiobus", "play", "--device", "hw:0,0"])
BY_DAEMON = Program("audiobus play and audiobusd", [f"{VENV}/bin/audiobus", "play"], by_daemon=True)
PYFCPLAY = Program("pyfcplay", [f"{VENV}/bin/pyfcplay", "-c", "0", "-d", "0"])
_C_PLAYERS = (
    Program("cplay", ["cplay", "-c", "0", "-d", "0"], songs=(MP3_128, MP3_320)),
    Program("fcplay", ["fcplay", "-c", "0", "-d", "0"]),
)
_DECODERS = (
    Program("mpg123 -t", ["mpg123", "-q", "-t"], songs=(MP3_128, MP3_320), plays=False),
    Program("flac -d", ["flac", "--silent", "-d", "-f", "-o", "/dev/null"], songs=(FLAC,), plays=False),
    Program("ffmpeg -f null", ["ffmpeg", "-nostdin", "-v", "error", "-f", "null", "/dev/null", "-i"], plays=False),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What can be measured on this machine."""

    programs: list[Program]
    loader_path: str
    """LD_LIBRARY_PATH of the C players."""
    missing: list[str]
    """One sentence each."""


def select_programs(c_players: Path | None) -> Selection:
    """Return all programs that are installed; `c_players` is a folder that holds cplay and fcplay somewhere."""
    chosen = Selection([AUDIOBUS, BY_DAEMON, PYFCPLAY], _loader_path(c_players), [])
    if c_players is not None:
        for program in _C_PLAYERS:
            found = [file for file in sorted(c_players.rglob(program.name)) if file.is_file() and is_elf(file)]
            _choose(chosen, program, str(found[0]) if found else None, f"it is nowhere in {c_players}")
    for program in _DECODERS:
        package = program.argv[0]
        mend = f"to compare with it: apt-get install --no-install-recommends {package}"
        _choose(chosen, program, shutil.which(package), mend)
    return chosen


def _choose(chosen: Selection, program: Program, path: str | None, why_not: str) -> None:
    if path is None:
        chosen.missing.append(f"{program.name} is left out; {why_not}")
    else:
        argv = [os.path.realpath(path), *program.argv[1:]]
        chosen.programs.append(replace(program, argv=argv))


def _loader_path(c_players: Path | None) -> str:
    if c_players is None:
        return ""
    return ":".join(sorted({str(file.parent.resolve()) for file in c_players.rglob("libtinycompress.so*")}))
