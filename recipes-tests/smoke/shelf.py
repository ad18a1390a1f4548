"""The songs that a board has in its memory, by the names the features call them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from qemu.guest import Guest
from smoke.codecs import EVERY
from smoke.songs import REAL, Song, read_song, write_song

LONG = "a long song"
_LONG_SECONDS = 180
_PLACE = Path("/run/songs")


class Shelf:
    """Puts songs into the guest's memory when they are first asked for; `share` is a folder that both sides see.

    They must be in memory: under virtual time a guest that waits for the host's disk is idle, and time leaps.
    """

    def __init__(self, guest: Guest, share: Path) -> None:
        self._guest = guest
        self._share = share
        self._songs: dict[str, Song] = {}

    def find(self, name: str) -> Song:
        """Return one of REAL or EVERY, "a long song" or "a song of N seconds"."""
        if name not in self._songs:
            self._songs[name] = self._add(name)
        return self._songs[name]

    def _add(self, name: str) -> Song:
        source = {**REAL, **EVERY}.get(name) or self._made(name)
        place = _PLACE / source.name
        self._guest.run(["mkdir", "-p", _PLACE]).check()
        self._guest.run(["cp", source, place]).check()
        return replace(read_song(source), path=place)

    def _made(self, name: str) -> Path:
        found = re.fullmatch(r"a song of (\d+) seconds", name)
        seconds = _LONG_SECONDS if name == LONG else int(found.group(1)) if found else 0
        if not seconds:
            raise ValueError(f"there is no song called {name!r}")
        path = self._share / f"{seconds}-seconds.mp3"
        write_song(path, seconds)
        return path
