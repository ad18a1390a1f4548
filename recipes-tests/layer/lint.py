"""Runs oelint-adv over the layer, as the layer's .oelint.cfg says. Decides nothing: its exit status is oelint's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from layer.places import LAYER
from layer.recipes import files_of_layer


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Lint these files; findings are in stderr."""
    command = [str(Path(sys.executable).parent / "oelint-adv"), "--jobs", "2", *map(str, paths)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OELINT_")}
    return subprocess.run(command, cwd=LAYER, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """Lint the whole layer."""
    done = lint(*files_of_layer("*.bb", "*.bbappend", "*.inc", "*.bbclass", "layer.conf"))
    sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
