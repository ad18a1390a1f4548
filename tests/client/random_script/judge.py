"""Compares what was heard with what should have been, sample by sample, and the positions with what was heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pyaudiobus.model.position import Position
from tests.client.random_script.outputs import Piece
from tests.client.rounding import alike


class Stretch(NamedTuple):
    """What should have been heard without a break."""

    file: str
    first: int
    """PCM frame of the file."""
    frames: int
    ends: bool
    """Whether the file was played to its end."""


class Run(NamedTuple):
    """What was heard of one stretch from one piece."""

    stretch: int
    heard: int
    """PCM frames that had been heard before it."""
    first: int
    """PCM frame of the file."""
    due: int
    """The one it should have begun with."""
    frames: int


class Told(NamedTuple):
    """A position that was told."""

    stretch: int
    heard: int
    position: Position


class Judge:
    """Goes along the pieces, and finds each in the file it should come from.

    Where a device entered a file anew it may have begun up to `repeats` frames early, and a frame late: so far apart
    may be what it last told, and what it had played when it went away. All else is equal to the last sample.
    """

    def __init__(
        self,
        stretches: list[Stretch],
        song: Callable[[str], bytes],
        frame_size: int,
        repeats: int,
        *,
        slack: float = 0.0,
    ) -> None:
        """`slack` is how many PCM frames late a change of tracks may be told."""
        self.runs: list[Run] = []
        self.shifts = 0
        """How often something was entered at another frame."""
        self._stretches = stretches
        self._song = song
        self._size = frame_size
        self._repeats = repeats
        self._slack = slack
        self._number = 0
        self._done = 0
        self._heard = 0
        self._drift = 0

    def listen(self, pieces: list[Piece]) -> None:
        """Compare them all."""
        for piece in pieces:
            rest, is_entry = piece.pcm, self._done > 0
            while rest:
                rest = rest[self._follow(rest, piece.output, is_entry=is_entry) :]
                is_entry = False
        self._skip_empty()
        assert self._number == len(self._stretches), f"not heard: {self._stretches[self._number]} after {self._done}"

    def _follow(self, rest: bytes, output: str, *, is_entry: bool) -> int:
        self._skip_empty()
        assert self._number < len(self._stretches), f"{len(rest) // self._size} frames were heard after the end"
        file, first, frames, _ = self._stretches[self._number]
        run = rest[: (frames - self._done) * self._size]
        due = first + self._done + self._drift
        found = self._find(self._song(file), run, due, is_entry=is_entry or (not self._done and self._repeats > 1))
        assert found is not None, (
            f"{len(run) // self._size} frames that {output} played should be those of {Path(file).name} from {due} on:"
            f" a stretch from {first} on of which {self._done} had been heard, {self._heard} in all"
        )
        self.shifts += found != due
        self._drift += found - due
        self.runs.append(Run(self._number, self._heard, found, due, len(run) // self._size))
        self._done += len(run) // self._size
        self._heard += len(run) // self._size
        return len(run)

    def _find(self, song: bytes, run: bytes, due: int, *, is_entry: bool) -> int | None:
        size = self._size
        if self._is(song, run, due):
            return due
        if not is_entry:
            return None
        places = range(due + 1, max(-1, due - self._repeats - 1), -1)
        return next((at for at in places if self._is(song, run[: 64 * size], at) and self._is(song, run, at)), None)

    def _is(self, song: bytes, run: bytes, at: int) -> bool:
        return alike(run, song[at * self._size : at * self._size + len(run)])

    def _skip_empty(self) -> None:
        while self._number < len(self._stretches) and self._done == self._stretches[self._number].frames:
            self._number, self._done, self._drift = self._number + 1, 0, 0

    def end_of(self, number: int) -> int:
        """Return the PCM frame of the file before which a stretch ended."""
        ends = [run.first + run.frames for run in self.runs if run.stretch == number]
        return max(ends, default=self._stretches[number].first)

    def check(self, told: Told, rate: int) -> float:
        """Return by how many frames a position is off, beyond its own uncertainty."""
        stretch = self._stretches[told.stretch] if told.stretch < len(self._stretches) else None
        own = [(run, told.heard - run.heard) for run in self.runs if run.stretch == told.stretch]
        runs = [(run, since) for run, since in own if 0 <= since <= run.frames + self._slack]
        places = [run.first + min(since, run.frames) for run, since in runs] or ([stretch.first] if stretch else [])
        places += [run.due for run, since in runs if not since]
        near = [abs(told.position.seconds * rate - place) for place in places]
        return max(0.0, min(near, default=0.0) - told.position.uncertainty * rate)
