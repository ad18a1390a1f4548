"""Which file's turn it is in a list that a player plays, and what is open for it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Protocol

from pyaudiobus.client.bus import Connection
from pyaudiobus.client.file_node import FileNode


class Track(Protocol):
    """Something to play that need not be a file by its name."""

    name: str
    """As events name it."""
    joins: bool
    """Whether it may follow another without a gap: opening it takes no time then."""

    def open(self) -> FileNode:
        """Make it ready to be connected. MediaError."""


class Turn:
    """Which file's turn it is, and what is open for it."""

    def __init__(self, tracks: Sequence[str | Track], *, gapless: bool) -> None:
        self.tracks = tracks
        self.place = 0
        self.node: FileNode | None = None
        self.queued: FileNode | None = None
        """What follows by itself."""
        self.connection: Connection | None = None
        self.is_paused = False
        self.is_left = False
        self.told_at = -inf
        """When the position was told last."""
        self.ended: float | None = None
        """When the file before this one was heard to its end, or left."""
        self.previous = ""
        self._gapless = gapless

    @property
    def track(self) -> str | Track:
        """What is to be played."""
        return self.tracks[self.place]

    @property
    def name(self) -> str:
        """Its name."""
        track = self.track
        return track if isinstance(track, str) else track.name

    @property
    def duration(self) -> float:
        """Seconds of the present file."""
        return self.node.duration if self.node is not None else 0.0

    @property
    def has_next(self) -> bool:
        """Whether a file is to be joined to the present one."""
        return self._gapless and self.place + 1 < len(self.tracks)

    def move(self, by: int) -> None:
        """Go to another file."""
        self.previous = self.name
        self.place = max(0, min(self.place + by, len(self.tracks)))

    def leave(self, by: int) -> None:
        """Go to another file before this one has ended."""
        self.move(by)
        self.is_left = True

    def join(self) -> None:
        """Go to the file that was queued, on the connection that there is."""
        if self.node is not None:
            self.node.close()
        self.node, self.queued = self.queued, None
        self.move(1)

    def unqueue(self) -> None:
        """Let nothing follow by itself any more; it is asked for anew."""
        if self.queued is not None:
            self.queued.close()
            self.queued = None

    def close(self) -> None:
        """Let go of everything that is open."""
        connection, self.connection = self.connection, None
        self.is_paused = self.is_left = False
        try:
            if connection is not None:
                connection.close()
        finally:
            self.unqueue()
            if self.node is not None:
                self.node.close()
                self.node = None
