"""`python -m tests.client.soak`: plays random scripts in virtual time for as long as is asked for, and judges each."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.client.random_script.script import make_script

DEEDS_A_SCRIPT = 400


def main() -> int:
    """Return 0 if every script was heard, and told, as it should be."""
    parser = argparse.ArgumentParser(prog="soak-player", description=__doc__.partition(": ")[2])
    parser.add_argument("--deeds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1000)
    chosen = parser.parse_args()
    failed, positions, seconds, done = 0, 0, 0.0, 0
    for seed in range(chosen.seed, chosen.seed + max(1, chosen.deeds // DEEDS_A_SCRIPT)):
        profile = ("generic", "q6asm")[seed // 4 % 2]
        with tempfile.TemporaryDirectory(prefix="soak-player-") as folder:
            script = make_script(Path(folder), seed, DEEDS_A_SCRIPT, profile)
            try:
                script.run()
            except AssertionError as error:
                failed += 1
                print(f"FAIL  seed {seed} on {profile}: {error}\n{script.story()}")
            done, positions = done + DEEDS_A_SCRIPT, positions + len(script.told)
            seconds += script.studio.clock.now()
    print(f"{done} deeds in {seconds / 3600:.1f} h of virtual time, {positions} positions: {failed} scripts failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
