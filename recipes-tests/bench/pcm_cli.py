"""The command line of `make bench-pcm`. How the servers are run, systems.py says; what was found, pcm_findings.py."""

from __future__ import annotations

import argparse
import json
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

from bench.kit import VENV
from bench.pcm_findings import Findings, Measured
from bench.sound_guest import PEERS, SoundGuest
from bench.systems import (
    CONFIG,
    RATE,
    SYSTEMS,
    Point,
    audiobus_file,
    busy_control,
    control_by_rings,
    control_round_trip,
    memory,
    pipewire_file,
)
from qemu.cache import cache_root, made_once
from qemu.errors import GuestError

STREAMS = (1, 16, 64)
QUANTA = (1024, 256, 64)


def main(words: list[str]) -> int:
    """Measure, print, and return the exit status: 0, 1 if --check found a target missed, 2 if nothing can be said."""
    chosen = _parser().parse_args(words)
    if Path(sys.prefix) != VENV:
        print("bench: this Python is not the checkout's; run 'make bench-pcm'", file=sys.stderr)
        return 2
    try:
        findings = _measure(chosen)
    except GuestError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(*findings.lines(), sep="\n")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(findings.as_json(), indent=2) + "\n")
    return int(chosen.check and not findings.are_met)


def _measure(chosen: argparse.Namespace) -> Findings:
    names = [name for name in SYSTEMS if chosen.peers or name.startswith("audiobus")]
    with SoundGuest(with_peers=chosen.peers, sound=_sound()) as guest:
        findings = Findings(guest.kernel)
        for point in _points(chosen):
            if chosen.peers:
                guest.write(f"{PEERS}/etc/bench.conf", pipewire_file(point))
            for name in names:
                findings.measured.append(_run(guest, name, point))
        _extras(guest, findings, chosen)
    return findings


def _run(guest: SoundGuest, name: str, point: Point) -> Measured:
    guest.clear()
    guest.write(CONFIG, audiobus_file(point))
    try:
        found = Measured.of(name, point, guest.run(SYSTEMS[name](point)))
    except GuestError as error:
        found = Measured(name, point.streams, point.quantum, failure=str(error))
    print(f"bench: {found}", file=sys.stderr, flush=True)
    return found


def _extras(guest: SoundGuest, findings: Findings, chosen: argparse.Namespace) -> None:
    if not chosen.extras:
        return
    for name, point, plan in (
        ("round trip", Point(1, 1024), control_round_trip),
        ("round trip by rings", Point(1, 1024), control_by_rings),
        ("busy control", Point(64, 64), busy_control),
        ("memory", Point(16, 1024), memory),
    ):
        print(f"bench: {name}", file=sys.stderr, flush=True)
        guest.clear()
        guest.write(CONFIG, audiobus_file(point))
        findings.take(name, guest.run(plan(point)))


def _points(chosen: argparse.Namespace) -> Iterator[Point]:
    for streams in chosen.streams:
        yield from (Point(streams, quantum) for quantum in chosen.quanta)


def _sound() -> Path:
    return made_once(cache_root() / "sound-pcm", _make_sound) / "sound.wav"


def _make_sound(folder: Path) -> None:
    with wave.open(str(folder / "sound.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(number * 37 % 251 for number in range(4 * RATE)) * 120)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pcm", description="Count what PCM streams cost, in instructions and wakeups, in a guest in virtual time."
    )
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="write all that was found, too")
    add("--check", action="store_true", help="exit 1 if a target is missed")
    add("--streams", type=int, nargs="+", default=STREAMS, metavar="N", help="how many streams (1 16 64)")
    add("--quanta", type=int, nargs="+", default=QUANTA, metavar="FRAMES", help="quanta (1024 256 64)")
    add("--no-peers", dest="peers", action="store_false", help="leave PulseAudio and PipeWire out")
    add("--no-extras", dest="extras", action="store_false", help="leave control, its load, and memory out")
    return parser
