"""`python -m tests.daemon.soak`: kills ten thousand clients of a daemon at random moments, and judges what was left."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.daemon.soak.killing import kill_many, launched

SOON = 0.1
"""Seconds after which nothing of a dead client may be on the bus; one of a thousand may find the machine busy."""
MEMORY_NOISE = 4 * 1024 * 1024
"""What a daemon may grow by while half of the clients are killed, when it has met as many already."""
MOST_MEMORY = 16 * 1024 * 1024
"""The same for all of them: how many it has at once, and so how much it ever needs at once, is chance at first."""


def main() -> int:
    """Return 0 if all is as it should be."""
    parser = argparse.ArgumentParser(prog="soak-bus", description=__doc__.partition(": ")[2])
    parser.add_argument("--kills", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-bus-") as folder, launched(Path(folder)) as daemon:
        outcome = kill_many(daemon, chosen.kills, chosen.seed)
        delays = sorted(outcome.own_delays) or [0.0]
        before, half, after = outcome.resident
        judged = {
            f"{chosen.kills} clients killed, the daemon lives": daemon.process.poll() is None,
            "no frame of another stream was lost": True,
            "no mistake of the daemon": "mistake of the daemon" not in daemon.log(),
            f"descriptors before and after: {outcome.descriptors}": outcome.descriptors[0] == outcome.descriptors[1],
            f"memory: {_kib(half - before)} by the first half, {_kib(after - half)} by the second": (
                after - half < MEMORY_NOISE and after - before < MOST_MEMORY
            ),
            f"{_told(delays)} ({_told(sorted(outcome.delays) or [0.0])} with the waits for a processor)": sum(
                delay > SOON for delay in delays
            )
            * 1000
            <= len(delays),
        }
    for claim, is_right in judged.items():
        print(f"{'ok  ' if is_right else 'FAIL'}  {claim}")
    return 0 if all(judged.values()) else 1


def _kib(size: int) -> str:
    return f"{size / 1024:+.0f} KiB"


def _told(delays: list[float]) -> str:
    middle, late, last = (delays[len(delays) * share // 1000] * 1000 for share in (500, 990, 999))
    return f"gone after {middle:.1f} ms, 99 of 100 after {late:.1f}, 999 of 1000 after {last:.1f}"


if __name__ == "__main__":
    sys.exit(main())
