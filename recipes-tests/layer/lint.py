"""Runs oelint-adv over the layer, as oelint.cfg beside this says. Decides nothing: its exit status is oelint's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from layer.places import ROOT, TABLES
from layer.recipes import files_of_layer


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Lint these files; findings are in stderr."""
    command = [str(Path(sys.executable).parent / "oelint-adv"), "--jobs", "2", *map(str, paths)]
    environment = {**os.environ, "OELINT_CONFIG": str(TABLES / "oelint.cfg")}
    environment.pop("OELINT_SKIP_CONFIG", None)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """Lint the whole layer."""
    done = lint(*files_of_layer("*.bb", "*.bbappend", "*.inc", "*.bbclass", "layer.conf"))
    sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
