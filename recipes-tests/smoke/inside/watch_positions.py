"""Runs a player with --json and, at each position it tells, adds what the driver knows at that instant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

STATE = Path("/sys/kernel/debug/snd_virtual_dsp/state")


def main(words: list[str]) -> int:
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as player:
        assert player.stdout is not None
        for line in player.stdout:
            event = json.loads(line)
            if event["event"] == "position":
                event["rendered_frames"] = rendered_frames()
            sys.stdout.write(json.dumps(event) + "\n")
    return player.returncode


def rendered_frames() -> int:
    facts = dict(line.partition(" ")[::2] for line in STATE.read_text().splitlines())
    return int(facts["rendered_frames"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
