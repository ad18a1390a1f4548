"""The findings as text for a terminal of 100 columns. Computes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bench.findings import Findings, Minute

_MILLION = 1_000_000


def render(findings: Findings) -> str:
    """Return the tables, in lines."""
    return "\n".join([*_head(findings), *_minutes(findings), *_starts(findings), *_targets(findings)])


def _head(findings: Findings) -> Iterator[str]:
    yield f"Millions (M) of instructions, counted in a guest: {findings.kernel}, Python {findings.python}."
    yield "wakeups: how often the program went to sleep. ratio: times `audiobus play`."
    yield from (f"note: {sentence}" for sentence in findings.missing)
    yield ""


def _minutes(findings: Findings) -> Iterator[str]:
    for song in dict.fromkeys(minute.song for minute in findings.minutes):
        title = f"a further minute of {song}"
        yield f"{title:44} {'M':>9} {'wakeups':>9} {'ratio':>9}   {'before START':>12} {'spread':>8}"
        yield from (_minute(row) for row in findings.minutes if row.song == song)
        yield ""


def _minute(row: Minute) -> str:
    before = "" if row.before_start is None else f"{row.before_start / _MILLION:.2f}"
    return (
        f"  {row.program:42} {row.instructions / _MILLION:9.2f} {row.wakeups:9.1f} {row.times_audiobus:9.2f}"
        f"   {before:>12} {row.spread:8.2%}"
    )


def _starts(findings: Findings) -> Iterator[str]:
    yield f"{'start':44} {'to START':>9} {'1 min run':>9}   {'memory, MiB':>22} {'spread':>8}"
    for start in findings.starts:
        until = "" if start.until_start is None else f"{start.until_start / _MILLION:.1f}"
        yield (
            f"  {start.program:42} {until:>9} {start.one_minute / _MILLION:9.1f}"
            f"   {start.max_rss_kib / 1024:22.1f} {start.spread:8.2%}"
        )
    yield "  (1 min run: exec, one minute of 128 kbit/s MP3, exit)"
    yield f"Of {findings.rounds} rounds the middle one, and their spread."
    yield f"Two runs of the same program on the same file differed by {findings.apart / _MILLION:.2f} M at most."
    yield ""


def _targets(findings: Findings) -> Iterator[str]:
    yield f"{'target':56} {'limit':>9} {'measured':>10}"
    for target in findings.targets:
        verdict = "met" if target.met else "missed"
        yield f"  {target.what:54} {target.limit:9g} {target.measured:10.2f}   {verdict}"
