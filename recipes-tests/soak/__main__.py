"""`python -m soak`: runs the long runs in a guest, tells how far they are, and judges them in a table at the end."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qemu.errors import GuestError
from qemu.guest import Guest
from qemu.options import CHECKOUT
from soak.judge import Finding, judge_kills, judge_playback, judge_starts
from soak.stream import EndlessStream

BOOKS = "/sys/kernel/debug/snd_virtual_dsp"
SPEED = 20
"""How many times faster than its own time, which is virtual already, the guest plays the long stream."""
_STEP = "30"
"""Seconds of the guest's clock between two looks."""
_SILENCE = 600.0
"""Seconds of the host's clock without a line after which a program in the guest hangs."""

Line = dict[str, Any]
Run = tuple[list[Line], dict[str, str]]
"""What a program in the guest wrote, and the driver's books after it."""


def main(words: Sequence[str]) -> int:
    """Run everything and return 0 if nothing is amiss."""
    chosen = _parser().parse_args(words)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        try:
            with _boot(Path(folder)) as guest:
                findings = _run(guest, chosen)
        except GuestError as error:
            print(f"soak: {error}", file=sys.stderr)
            return error.exit_status
        except KeyboardInterrupt:
            return 130
    return _report(findings)


def _boot(share: Path) -> Guest:
    return Guest(
        arch=os.environ.get("GUEST_ARCH") or "x86_64",
        kernel=os.environ.get("GUEST_KERNEL") or None,
        virtual_time=True,
        module_args="capture_mb=1",
        share=share,
        preload=[CHECKOUT / "service/src", CHECKOUT / "recipes-tests/soak"],
    )


def _run(guest: Guest, chosen: argparse.Namespace) -> list[Finding]:
    _order(guest, f"speed {SPEED}x")
    hours = f"{chosen.hours:g}"
    played = _watch(guest, f"playing {hours} hours", ["endless.py", hours, str(SPEED)])
    _order(guest, "speed 1x")
    starts = _watch(guest, f"starting and stopping {chosen.starts} times", ["starts.py", str(chosen.starts)])
    kills = _watch(guest, f"killing {chosen.kills} players", ["kills.py", str(chosen.kills)])
    return [
        *judge_playback(EndlessStream(chosen.hours * 3600), chosen.hours, *played),
        *judge_starts(chosen.starts, *starts),
        *judge_kills(chosen.kills, *kills),
    ]


def _watch(guest: Guest, title: str, words: list[str]) -> Run:
    """Run one program in the guest to its end and print each line it writes; return the lines and the books."""
    print(f"{title} ...", flush=True)
    _order(guest, "reset")
    began = heard = time.monotonic()
    shown = 0
    log = f"/run/{words[0]}.log"
    place = CHECKOUT / "recipes-tests/soak/inside" / words[0]
    paths = f"{CHECKOUT}/service/src:{CHECKOUT}/recipes-tests"
    program = guest.spawn(["python3", place, *words[1:], log], env={"PYTHONPATH": paths})
    lines: list[Line] = []
    while program.is_running:
        guest.run(["/run/guest/busybox", "sleep", _STEP]).check()
        lines = _lines(guest, log)
        for line in lines[shown:]:
            print(f"  {time.monotonic() - began:5.0f} s  {json.dumps(line)}", flush=True)
        heard = time.monotonic() if len(lines) > shown else heard
        if time.monotonic() - heard > _SILENCE:
            raise GuestError(
                f"{words[0]} has written nothing for {_SILENCE:.0f} s; the driver's books: {_books(guest)}"
            )
        shown = len(lines)
    program.wait().check()
    return _lines(guest, log), _books(guest)


def _lines(guest: Guest, log: str) -> list[Line]:
    try:
        text = guest.read(log).decode()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _books(guest: Guest) -> dict[str, str]:
    lines = guest.read(f"{BOOKS}/state").decode().splitlines()
    return dict(line.partition(" ")[::2] for line in lines)


def _order(guest: Guest, command: str) -> None:
    guest.write(f"{BOOKS}/ctl", command.encode() + b"\n")


def _report(findings: list[Finding]) -> int:
    for finding in findings:
        print(f"{'ok  ' if finding.is_right else 'FAIL'}  {finding.claim:48} {finding.seen}")
    return 0 if all(finding.is_right for finding in findings) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="soak", description="Long runs on the kernel's compress core, in minutes.")
    parser.add_argument("--hours", type=float, default=80.0, help="of 128 kbit/s (80: 4 GiB are passed after 75)")
    parser.add_argument("--starts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=1000)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
