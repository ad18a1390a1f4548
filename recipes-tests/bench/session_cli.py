"""The command line of `make bench-session`: start to first link, memory and idle wakeups, on this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench import session_peer
from bench.kit import VENV
from pyaudiobus.client.mirror import Change, follow
from pyaudiobus.client.playback import PlaybackStream
from pyaudiobus.client.remote import Remote
from pyaudiobus.client.stream_state import pcm_wish
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.model.items import Item
from tests.daemon.bench import Daemon
from tests.session.program import Program

IDLE_SECONDS = 3
MOST_SECONDS = 1.0
"""Start to first link, at most."""
SETTLED = 6.5
"""Seconds after which idle devices have been closed."""
Figures = dict[str, float]
RATIOS = {"first_link": "time to the first link", "processor": "processor time", "resident": "memory"}


def main(words: list[str]) -> int:
    """Measure, print, and return the exit status: 0, 1 if --check found a target missed, 2 if nothing can be said."""
    chosen = _parser().parse_args(words)
    if Path(sys.prefix) != VENV:
        print("bench: this Python is not the checkout's; run 'make bench-session'", file=sys.stderr)
        return 2
    found = _runs(chosen.runs, _measured)
    _tell("audiobus-session", found)
    if session_peer.missing():
        print(session_peer.ADVICE)
    else:
        peer = _runs(chosen.runs, lambda folder: session_peer.measured(folder, _idle, _processor_seconds))
        _tell("WirePlumber", peer)
        ratios = (f"{name} {found[key] / peer[key]:.2f}" for key, name in RATIOS.items() if peer[key])
        print(f"audiobus-session to WirePlumber: {', '.join(ratios)}")
        found |= {f"wireplumber_{key}": value for key, value in peer.items()}
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    return int(chosen.check and (found["first_link"] > MOST_SECONDS or found["wakeups"] > 0))


def _tell(name: str, found: Figures) -> None:
    first, spent = found["first_link"] * 1000, found["processor"] * 1000
    print(f"{name}: first link after {first:.0f} ms, with {spent:.0f} ms of processor time,", end=" ")
    print(f"resident {found['resident']:.1f} MB, idle wakeups {found['wakeups']:.1f} a second")


def _runs(runs: int, measured: Callable[[Path], Figures]) -> Figures:
    """Return the medians of some runs."""
    found: list[Figures] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            found.append(measured(Path(folder)))
    return {key: median(one[key] for one in found) for key in found[0]}


def _measured(folder: Path) -> Figures:
    """A stream waits on a bus without a session manager's decision; how long until one stands on its link."""
    with Daemon(folder, "sinks: {speaker: {kind: null}}") as daemon, daemon.remote("player") as remote:
        PlaybackStream(remote, pcm_wish("playback", PcmFormat(Encoding.S16, 48_000, 2), "song"))
        began = time.monotonic()
        with Program(daemon, folder) as program:
            taken = _until_decided(remote) - began
            spent = _processor_seconds(program.process.pid)
            return {"first_link": taken, "processor": spent, **_idle(program.process.pid)}


def _until_decided(remote: Remote) -> float:
    decided: list[float] = []

    def changed(change: Change) -> None:
        if isinstance(change.after, Item) and change.after.kind == "link" and change.after.facts.get("decision"):
            decided.append(time.monotonic())

    follow(remote, changed=changed)
    while not decided:
        remote.wait()
    return decided[0]


def _processor_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _idle(pid: int) -> Figures:
    """Return what a process costs that has nothing to do."""
    time.sleep(SETTLED)
    before = _status(pid)
    time.sleep(IDLE_SECONDS)
    after = _status(pid)
    wakeups = (after["voluntary_ctxt_switches"] - before["voluntary_ctxt_switches"]) / IDLE_SECONDS
    return {"resident": after["VmRSS"] / 1024, "wakeups": wakeups}


def _status(pid: int) -> dict[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    words = (line.replace(":", " ").split() for line in lines)
    return {word[0]: int(word[1]) for word in words if len(word) > 1 and word[1].isdecimal()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-session", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured; the median counts")
    parser.add_argument("--check", action="store_true", help="exit 1 where a target is missed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser
