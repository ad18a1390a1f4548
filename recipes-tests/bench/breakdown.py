"""Where our own instructions go (`--profile`): by differences between runs, and by two profilers inside the guest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.guestrun import PYTHON, Bench, Cost
from bench.kit import INSIDE
from bench.measure import Round, Row
from bench.media import FLAC, MP3_128, MP3_320, Song
from bench.programs import AUDIOBUS, DECODED, PLAYED, PYFCPLAY, Program

_IMPORT = re.compile(r"import time: +(\d+) \| +(\d+) \| ( *)(\S+)")
_MOST = 20


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole; instructions."""

    what: str
    instructions: int
    calls: float | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All parts."""

    start: list[Share]
    """Of pyfcplay, exec to START; they add up to it."""
    imports: list[Share]
    """The dearest modules on that way, each without what it imports."""
    minute: list[Share]
    """Of a further minute of 128 kbit/s MP3 in `audiobus play`; they add up to it."""
    end: list[Share]
    """What a song costs that is in no minute and not before START: the drain, and the exit."""
    mp3_functions: list[Share]
    """The dearest functions of `audiobus play` in a further minute of 128 kbit/s MP3, each without what it calls, and
    its calls; too high by about a thousand instructions a call."""
    flac_functions: list[Share]
    """The same for FLAC."""

    def as_json(self) -> dict[str, Any]:
        """Return it for json.dump."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield it as text."""
        yield from _section("pyfcplay, exec to START", self.start)
        yield from _section("of it the dearest imports, each without what it imports", self.imports)
        yield from _section("audiobus play, a further minute of 128 kbit/s MP3", self.minute)
        yield from _section("audiobus play, once a song", self.end)
        title = "audiobus play, the dearest functions of a further minute of {}, under a profiler"
        yield from _section(title.format(MP3_128.name), self.mp3_functions)
        yield from _section(title.format(FLAC.name), self.flac_functions)


def break_down(bench: Bench, rows: Sequence[Row], bare_python: Cost) -> Breakdown:
    """Run the profilers, and compare with what was measured without them."""
    modules = _imports(bench)
    ours = _first_round(rows, AUDIOBUS, MP3_128.key)
    return Breakdown(
        list(_start(_first_round(rows, PYFCPLAY, MP3_128.key), bare_python, modules)),
        sorted(modules, key=lambda share: -share.instructions)[:_MOST],
        list(_minute(ours, _first_round(rows, AUDIOBUS, MP3_320.key))),
        [_end(ours)],
        _functions(bench, MP3_128),
        _functions(bench, FLAC),
    )


def _first_round(rows: Sequence[Row], program: Program, song: str) -> Round:
    return next(row.rounds[0] for row in rows if row.program is program and row.song.key == song)


def _imports(bench: Bench) -> list[Share]:
    words = [PYTHON, "-X", "importtime", *PYFCPLAY.argv, str(MP3_128.file(DECODED[0]))]
    said = bench.run(words, with_dsp=True)["errors"]
    # Python tells microseconds, and the guest's clock counts a thousand instructions in each.
    return [Share(name, int(own) * 1000) for own, _, _, name in _IMPORT.findall(said)]


def _start(played: Round, bare_python: Cost, modules: Sequence[Share]) -> Iterator[Share]:
    scan = round(played.before_start or 0) * PLAYED[0] // 60
    ours = sum(share.instructions for share in modules) - _bare_imports(modules)
    yield Share("Python itself (python3 -c pass)", bare_python.instructions)
    yield Share("imports", ours)
    yield Share("reading the file ahead, by its length", scan)
    yield Share("all else", (played.short.until_start or 0) - bare_python.instructions - ours - scan)


def _bare_imports(modules: Sequence[Share]) -> int:
    """What Python imports by itself, up to and with `site`."""
    names = [share.what for share in modules]
    return sum(share.instructions for share in modules[: names.index("site") + 1])


def _minute(slow: Round, fast: Round) -> Iterator[Share]:
    """Tell apart what grows with the bytes, by two bit rates of one codec."""
    bytes_slow, bytes_fast = (song.bit_rate(PLAYED[1]) * 60 / 8 for song in (MP3_128, MP3_320))
    heard_slow, heard_fast = (each.instructions - (each.before_start or 0) for each in (slow, fast))
    per_byte = (heard_fast - heard_slow) / (bytes_fast - bytes_slow)
    yield Share("before START (reading the file ahead)", round(slow.before_start or 0))
    yield Share(f"carrying bytes: {per_byte:.2f} for each (one copy is 1.0)", round(per_byte * bytes_slow))
    yield Share(f"all else: {slow.wakeups:.1f} wakeups", round(heard_slow - per_byte * bytes_slow))


def _end(played: Round) -> Share:
    minutes = PLAYED[0] / 60
    heard = played.instructions - (played.before_start or 0)
    wakeups = played.short.wakeups - played.wakeups * minutes
    rest = played.short.instructions - (played.short.until_start or 0) - heard * minutes
    return Share(f"drain and exit: {wakeups:.0f} wakeups, those before START included", round(rest))


def _functions(bench: Bench, song: Song) -> list[Share]:
    short, long = (_profile(bench, song, seconds) for seconds in PLAYED)
    minutes = (PLAYED[1] - PLAYED[0]) / 60
    shares = [
        Share(
            place, round((own - short.get(place, (0, 0))[1]) / minutes), (calls - short.get(place, (0, 0))[0]) / minutes
        )
        for place, (calls, own) in long.items()
    ]
    return sorted(shares, key=lambda share: -share.instructions)[:_MOST]


def _profile(bench: Bench, song: Song, seconds: int) -> dict[str, tuple[int, int]]:
    """Return calls and own instructions by function."""
    words = [PYTHON, str(INSIDE / "profiled.py"), *AUDIOBUS.argv, str(song.file(seconds))]
    said = bench.run(words, with_dsp=True)["errors"]
    return {place: (calls, own) for place, calls, own in json.loads(said[said.rindex("[[") :])}


def _section(title: str, shares: Sequence[Share]) -> Iterator[str]:
    yield ""
    yield f"{title:84} {'M':>9}"
    for share in shares:
        what = share.what if share.calls is None else f"{share.what} x {share.calls:.1f}"
        yield f"  {what:82} {share.instructions / 1_000_000:9.2f}"
