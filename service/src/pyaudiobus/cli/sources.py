"""What the words behind `audiobus play` stand for: files, or what comes in order, or playlists of both.

What plays streams and reads playlists is loaded only where one is named.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence

from pyaudiobus.cli.load import LIVE_DECODED, OPEN_TRACK, PLAYLIST_ENTRIES, load
from pyaudiobus.client.turn import Track
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import AudiobusError, MediaError

STDIN = "-"
PLAYLISTS = (".m3u", ".m3u8", ".pls")
MOST_NESTED = 5
"""Playlists in playlists."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
Fail = Callable[[str, AudiobusError], None]


class Sources:
    """Turns words into tracks."""

    def __init__(self, clock: Clock, fail: Fail, *, follow: bool = False, holds_time: bool = False) -> None:
        """`fail` is told of each playlist that cannot be read; the others are played."""
        self._clock = clock
        self._fail = fail
        self._follow = follow
        self._holds_time = holds_time
        self.titles: dict[str, str] = {}
        """What playlists call their entries, by place."""
        self.exit_code = 0
        """What it is to be where a playlist could not be read and all else plays."""
        self.tracks: list[str | Track] = []
        """What is to be played; it grows where an address turns out to be a playlist."""

    def add(self, words: Sequence[str]) -> None:
        """Add what words stand for."""
        for word in words:
            self.tracks += self._tracks(word, ())

    def insert(self, word: str, place: int) -> None:
        """Put what a word stands for behind so many tracks. UserError where there is nothing to it."""
        found = self._tracks(word, ())
        if not found:
            raise MediaError(f"{word} is a playlist with nothing in it")
        self.tracks[place:place] = found

    def _tracks(self, place: str, inside: tuple[str, ...]) -> list[str | Track]:
        if not _is_playlist(place):
            return [self._track(place, inside)]
        try:
            return self._nested(place, inside)
        except AudiobusError as error:
            self._leave_out(place, error)
            return []

    def _nested(self, place: str, inside: tuple[str, ...]) -> list[str | Track]:
        if _identity(place) in map(_identity, inside) or len(inside) >= MOST_NESTED:
            raise MediaError(
                f"{place} is left out: playlists name each other in a circle, or {MOST_NESTED} deep",
                facts=[f"it stands in {inside[-1]}"],
            )
        return self._entries(load(PLAYLIST_ENTRIES)(place), (*inside, place))

    def _entries(self, entries: Sequence[tuple[str, str]], inside: tuple[str, ...]) -> list[str | Track]:
        """Return the tracks of a playlist. One from the web names nothing on this machine."""
        found: list[str | Track] = []
        for place, title in entries:
            if _URL.match(inside[-1]) and not _URL.match(place):
                error = MediaError(f"{place} is left out: a playlist from the web names a file of this machine")
                self._leave_out(place, error)
                continue
            if title:
                self.titles[place] = title
            found += self._tracks(place, inside)
        return found

    def _leave_out(self, place: str, error: AudiobusError) -> None:
        self._fail(place, error)
        self.exit_code = error.exit_code

    def _track(self, place: str, inside: tuple[str, ...]) -> str | Track:
        if place == STDIN and stat.S_ISREG(os.fstat(0).st_mode):
            return "/dev/stdin"
        if not (_URL.match(place) or place == STDIN or self._follow or _is_pipe(place)):
            return place

        def opened(entries: Sequence[tuple[str, str]]) -> Track:
            return self._expand(track, self._entries(entries, (*inside, place)))

        make: Callable[..., Track] = load(OPEN_TRACK)
        track = make(
            place, self._clock, load_decoded, follow=self._follow, holds_time=self._holds_time, entries_found=opened
        )
        return track

    def _expand(self, track: Track, found: list[str | Track]) -> Track:
        """Put what an address has turned out to list in its place; return the first."""
        at = self.tracks.index(track)
        first = next((one for one in found if not isinstance(one, str)), None)
        if first is None:
            raise MediaError(f"{track.name} is a playlist with nothing in it", advice="Check the address.")
        self.tracks[at : at + 1] = found
        return first


def load_decoded(*arguments: object, **more: object) -> object:
    """Decode a stream; FFmpeg is loaded here and not before."""
    return load(LIVE_DECODED)(*arguments, **more)


def _is_playlist(place: str) -> bool:
    name = place.partition("?")[0] if _URL.match(place) else place
    return name.lower().endswith(PLAYLISTS)


def _identity(place: str) -> str:
    return place if _URL.match(place) else os.path.realpath(place)


def _is_pipe(place: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(place).st_mode)
    except (OSError, ValueError):
        return False
