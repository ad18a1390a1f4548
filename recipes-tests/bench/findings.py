"""What was found, in numbers that mean something without the runs they come from. How they look, table.py says."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.guestrun import Cost
from bench.measure import Row
from bench.media import FLAC, MP3_128
from bench.programs import AUDIOBUS, BY_DAEMON, PYFCPLAY


@dataclass(frozen=True, slots=True)
class Minute:
    """What a further minute of a song costs."""

    song: str
    bit_rate: int
    program: str
    instructions: int
    wakeups: float
    before_start: int | None
    """The part of `instructions` that is spent before the first sound; None for decoders."""
    times_audiobus: float
    """How many times what `audiobus play` takes."""
    spread: float
    """Between the rounds, as a part of the middle one: of a small difference between two long runs."""


@dataclass(frozen=True, slots=True)
class Start:
    """What it costs to begin; instructions."""

    program: str
    until_start: int | None
    """From exec to START of the DSP; None where nothing is played."""
    one_minute: int
    """A whole run: exec, one minute of 128 kbit/s MP3, exit. `python3 -c pass` plays nothing."""
    spread: float
    max_rss_kib: int


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and what became of it."""

    what: str
    limit: float
    measured: float

    @property
    def met(self) -> bool:
        """Say whether it is kept."""
        return self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Findings:
    """All of one benchmark. Of several rounds the middle one is told."""

    kernel: str
    python: str
    rounds: int
    minutes: list[Minute]
    starts: list[Start]
    targets: list[Target]
    missing: list[str]
    """What was left out, a sentence each."""
    apart: int
    """Instructions by which two runs of the same program on the same file differ at most."""

    def as_json(self) -> dict[str, Any]:
        """Return it for json.dump."""
        targets = [asdict(target) | {"met": target.met} for target in self.targets]
        return {"format": 1, "unit": "instructions"} | asdict(self) | {"targets": targets}


def find(kernel: str, rows: Sequence[Row], bare_python: Sequence[Cost], rounds: int, missing: list[str]) -> Findings:
    """Sort the rows of one benchmark."""
    minutes = [_minute(row, rows) for row in rows]
    starts = [_start(row) for row in rows if row.program.plays and row.song.key == MP3_128.key]
    python = [cost.instructions for cost in bare_python]
    starts.append(Start("python3 -c pass", None, _middle(python), _spread(python), bare_python[0].max_rss_kib))
    targets = list(_targets(minutes, starts))
    version, apart = platform.python_version(), max(_differences(rows))
    return Findings(kernel, version, rounds, minutes, starts, targets, missing, apart)


def _differences(rows: Sequence[Row]) -> Iterator[int]:
    for row in rows:
        for runs in ([one.short for one in row.rounds], [one.long for one in row.rounds]):
            each = [run.instructions for run in runs]
            yield max(each) - min(each)


def _minute(row: Row, rows: Sequence[Row]) -> Minute:
    ours = next(other for other in rows if other.program is AUDIOBUS and other.song.key == row.song.key)
    each = [one.instructions for one in row.rounds]
    before = [one.before_start for one in row.rounds if one.before_start is not None]
    return Minute(
        row.song.name,
        round(row.song.bit_rate(row.program.lengths[1])),
        row.program.name,
        _middle(each),
        median(one.wakeups for one in row.rounds),
        _middle(before) if before else None,
        _middle(each) / _middle([one.instructions for one in ours.rounds]),
        _spread(each),
    )


def _start(row: Row) -> Start:
    until = [one.short.until_start for one in row.rounds if one.short.until_start is not None]
    whole = [one.short.instructions for one in row.rounds]
    return Start(row.program.name, _middle(until), _middle(whole), _spread(until), row.rounds[0].short.max_rss_kib)


def _targets(minutes: Iterable[Minute], starts: Iterable[Start]) -> Iterator[Target]:
    """Yield the limits that service/docs/costs.md promises."""
    ours = {minute.song: minute for minute in minutes if minute.program == AUDIOBUS.name}
    mp3, flac = ours[MP3_128.name], ours[FLAC.name]
    bus = next(each for each in minutes if (each.program, each.song) == (BY_DAEMON.name, MP3_128.name))
    begin = next(start for start in starts if start.program == PYFCPLAY.name)
    yield Target("a further minute of 128 kbit/s MP3, M instructions", 1.5, mp3.instructions / 1e6)
    yield Target("a further minute of 128 kbit/s MP3, wakeups", 6, mp3.wakeups)
    yield Target("a further minute of FLAC at 650 kbit/s, M instructions", 7, flac.instructions / 1e6)
    yield Target("a further minute of FLAC at 650 kbit/s, wakeups", 20, flac.wakeups)
    yield Target("the same MP3 through the daemon, M instructions", 2.5, bus.instructions / 1e6)
    yield Target("the same MP3 through the daemon, wakeups", 12, bus.wakeups)
    yield Target("pyfcplay from exec to START, M instructions", 250, (begin.until_start or 0) / 1e6)


def _middle(values: Sequence[float]) -> int:
    return round(median(values))


def _spread(values: Sequence[float]) -> float:
    return (max(values) - min(values)) / median(values)
