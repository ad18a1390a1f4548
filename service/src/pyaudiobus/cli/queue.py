"""Where a player is in what it plays: names, titles, which of how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyaudiobus.client.turn import Track


class Queue:
    """The tracks of one player, which may become more while it plays."""

    def __init__(self, tracks: Sequence[str | Track], titles: Mapping[str, str]) -> None:
        """`titles` are what playlists call tracks, by name."""
        self._tracks = tracks
        self._titles = titles
        self.number = 0
        """Which track plays, from 1; 0 before the first."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._tracks)

    def follow(self, name: str) -> None:
        """A track of this name plays now: the nearest one, rather behind the last than before it."""
        places = [place for place in range(self.count) if self._name(place) == name]
        if places:
            self.number = 1 + min(places, key=lambda place: (abs(place - self.number), place < self.number))

    def title(self, name: str) -> str:
        """Return what a playlist calls a track; empty where none does."""
        return self._titles.get(name, "")

    def names(self, most: int) -> tuple[str, ...]:
        """Return titles, or names, of the tracks around the present one."""
        first = max(0, min(self.number - 1 - most // 4, self.count - most))
        shown = range(first, min(self.count, first + most))
        return tuple(self._titles.get(name) or name for name in map(self._name, shown))

    def _name(self, place: int) -> str:
        track = self._tracks[place]
        return track if isinstance(track, str) else track.name
