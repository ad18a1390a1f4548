"""The command line of `make bench-policy`: what inside/decide.py counts in a guest, beside its targets."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.guestrun import PYTHON, Bench
from bench.kit import INSIDE, VENV
from bench.programs import Selection
from qemu.errors import GuestError

MOST = 2_000_000
"""Instructions of one decision; a millisecond of a core that runs two thousand million a second."""


WHOLE = {
    "index": "index of a new snapshot",
    "new stream": "plan after a new alert that ducks others",
    "everything": "plan of the whole bus",
}
"""What is no single decision."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted."""

    kernel: str
    nodes: int
    costs: dict[str, int]
    """Instructions by what was done."""

    @property
    def is_met(self) -> bool:
        """Whether each single decision costs as little as it should."""
        return all(cost <= MOST for name, cost in self.costs.items() if name not in WHOLE)

    def lines(self) -> list[str]:
        """Put it into words."""
        told = [
            f"{WHOLE.get(name, f'{name} (target: 2 M)'):<48} {cost / 1e6:8.2f} M" for name, cost in self.costs.items()
        ]
        return [f"Instructions on a bus of {self.nodes} nodes ({self.kernel})", *told]

    def as_json(self) -> dict[str, object]:
        """Put it into words for JSON."""
        return {"kernel": self.kernel, "nodes": self.nodes, "instructions": self.costs, "is_met": self.is_met}


def main(words: list[str]) -> int:
    """Count, print, and return the exit status: 0, 1 if --check found a target missed, 2 if nothing can be said."""
    chosen = _parser().parse_args(words)
    if Path(sys.prefix) != VENV:
        print("bench: this Python is not the checkout's; run 'make bench-policy'", file=sys.stderr)
        return 2
    try:
        counted = _count()
    except GuestError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(*counted.lines(), sep="\n")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(counted.as_json(), indent=2) + "\n")
    return int(chosen.check and not counted.is_met)


def _count() -> Counted:
    script = str(INSIDE / "decide.py")
    with Bench(Selection([], "", []), []) as bench:
        told = json.loads(bench.run([PYTHON, script])["errors"])
        return Counted(bench.kernel, told.pop("nodes"), told)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policy", description="Count what decisions cost in a guest.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was found, too")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    return parser
