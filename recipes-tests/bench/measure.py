"""Runs every program on every song and makes costs per minute of it. How a run is done is guestrun.py's matter."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.guestrun import PYTHON, Bench, Cost
from bench.media import MP3_128, Song
from bench.programs import AUDIOBUS, DECODED, MINUTE, PLAYED, PYFCPLAY, Program
from qemu.errors import GuestError


@dataclass(frozen=True, slots=True)
class Round:
    """A program on the shorter and on the longer file of a song."""

    short: Cost
    long: Cost
    minutes: float
    """Between the two."""

    @property
    def instructions(self) -> float:
        """Of a further minute."""
        return (self.long.instructions - self.short.instructions) / self.minutes

    @property
    def wakeups(self) -> float:
        """Of a further minute."""
        return (self.long.wakeups - self.short.wakeups) / self.minutes

    @property
    def before_start(self) -> float | None:
        """Instructions that a further minute of song costs before the first is heard; part of `instructions`."""
        if self.short.until_start is None or self.long.until_start is None:
            return None
        return (self.long.until_start - self.short.until_start) / self.minutes


@dataclass(frozen=True, slots=True)
class Row:
    """A program on a song, in every round."""

    program: Program
    song: Song
    rounds: Sequence[Round]


def check_byte_code(bench: Bench) -> None:
    """Raise GuestError if a player compiles anything when it runs: that would be measured instead of playing."""
    for program in (AUDIOBUS, PYFCPLAY):
        words = [PYTHON, "-v", *program.argv, str(MP3_128.file(DECODED[0]))]
        said = bench.run(words, with_dsp=True)["errors"].splitlines()
        compiled = [line for line in said if line.startswith("# code object from") and ".pyc" not in line]
        if compiled:
            raise GuestError(f"{program.name} finds no byte code for: {'; '.join(compiled)}")


def python_start(bench: Bench, rounds: int) -> list[Cost]:
    """Return what `python3 -c pass` costs, in each round."""
    costs = []
    for _ in range(rounds + 1):
        told = bench.run([PYTHON, "-c", "pass"])
        costs.append(Cost(told["instructions"], told["voluntary"], None, told["max_rss_kib"], ""))
    return costs[1:]


def measure(bench: Bench, programs: Sequence[Program], rounds: int) -> Iterator[Row]:
    """Measure all, one row after another.

    Decoders are run once: they take long, and so many instructions that what varies in their start does not show.
    """
    for program in programs:
        for song in program.songs:
            _say(f"{program.name}, {song.name}")
            yield Row(program, song, _rounds(bench, program, song, rounds))


def _rounds(bench: Bench, program: Program, song: Song, rounds: int) -> list[Round]:
    short, long = (song.file(seconds) for seconds in program.lengths)
    for file in (short, long) if program.plays else (short,):
        bench.play(program, file)  # the kernel's caches meet these files
    minutes = (program.lengths[1] - program.lengths[0]) / MINUTE
    count = rounds if program.plays else 1
    return [Round(bench.play(program, short), bench.play(program, long), minutes) for _ in range(count)]


def lengths_of(programs: Sequence[Program]) -> set[tuple[Song, int]]:
    """Return the songs and seconds that these programs are run on."""
    wanted = {(song, seconds) for program in programs for song in program.songs for seconds in program.lengths}
    return wanted | {(MP3_128, DECODED[0]), (MP3_128, PLAYED[0])}


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
