"""The command line of `make bench-offload`. What is measured and how, the modules beside it say."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench.breakdown import break_down
from bench.findings import find
from bench.guestrun import Bench
from bench.kit import VENV
from bench.measure import check_byte_code, lengths_of, measure, python_start
from bench.programs import select_programs
from bench.table import render
from qemu.errors import GuestError


def main(words: list[str]) -> int:
    """Measure, print, and return the exit status: 0, 1 if --check found a target missed, 2 if nothing can be said."""
    chosen = _parser().parse_args(words)
    try:
        return _bench(chosen)
    except GuestError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _bench(chosen: argparse.Namespace) -> int:
    if Path(sys.prefix) != VENV:
        raise GuestError(
            f"this Python is not the checkout's; run 'make bench-offload' or {VENV}/bin/python {sys.argv[0]}"
        )
    if chosen.cplayers is not None and not chosen.cplayers.is_dir():
        raise GuestError(f"{chosen.cplayers} is not a folder; CPLAYERS names the one that tinycompress was built into")
    selection = select_programs(chosen.cplayers)
    files = [song.file(seconds) for song, seconds in sorted(lengths_of(selection.programs), key=str)]
    with Bench(selection, files) as bench:
        check_byte_code(bench)
        bare_python = python_start(bench, chosen.rounds)
        rows = list(measure(bench, selection.programs, chosen.rounds))
        findings = find(bench.kernel, rows, bare_python, chosen.rounds, selection.missing)
        parts = break_down(bench, rows, bare_python[0]) if chosen.profile else None
    print(render(findings), *(parts.lines() if parts else ()), sep="\n")
    if chosen.json is not None:
        whole = findings.as_json() | ({"profile": parts.as_json()} if parts else {})
        chosen.json.write_text(json.dumps(whole, indent=2) + "\n")
    return int(chosen.check and not all(target.met for target in findings.targets))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="offload", description="Count what playing costs, in instructions and wakeups, in a guest in virtual time."
    )
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="write all that was found, too")
    add("--profile", action="store_true", help="tell where our own instructions go")
    add("--check", action="store_true", help="exit 1 if a target is missed")
    add("--rounds", type=int, choices=range(1, 10), default=3, metavar="N", help="how often players are run (3)")
    add(
        "--cplayers",
        type=Path,
        metavar="DIR",
        default=os.environ.get("CPLAYERS") or None,
        help="compare with the cplay and fcplay in there (default: the variable CPLAYERS)",
    )
    return parser
