"""The kas files, the combinations in which people use them, and what kas makes of each. Nothing is fetched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from layer.places import KAS, ROOT

BOARD = "kas.yml"
QEMU = "meta-pyaudiobus/kas/qemuarm64.yml"
DEV, TESTIMAGE, MIRRORS = (f"meta-pyaudiobus/kas/{name}.yml" for name in ("dev", "testimage", "ci-mirrors"))

COMBINATIONS = [
    ":".join((machine, *more))
    for machine in (BOARD, QEMU)
    for more in ((), (DEV,), (TESTIMAGE,), (MIRRORS,), (DEV, MIRRORS), (TESTIMAGE, MIRRORS))
]
MIXED = [f"{BOARD}:{QEMU}", f"{QEMU}:{BOARD}"]
"""What nobody needs and everybody tries: the last machine wins."""

NO_FETCH = [word for step in ("repo_setup_loop", "repos_checkout", "finish_setup_repos") for word in ("--skip", step)]


def copy_kas_files(folder: Path) -> None:
    """Make a checkout of nothing but the kas files: kas looks for includes from the checkout's root."""
    shutil.copy(ROOT / BOARD, folder)
    shutil.copytree(KAS, folder / KAS.relative_to(ROOT))
    subprocess.run(["git", "init", "--quiet", folder], check=True)


@cache
def kas_dump(combination: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let kas merge a combination and print it as JSON."""
    command = [str(Path(sys.executable).parent / "kas"), "dump", "--format", "json", *NO_FETCH, combination]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def merged(combination: str, folder: Path) -> dict[str, Any]:
    """Return what kas would build from. A combination it refuses fails with kas's words."""
    done = kas_dump(combination, folder)
    if done.returncode:
        message = f"kas dump {combination}: {done.stderr}"
        raise RuntimeError(message)
    config: dict[str, Any] = json.loads(done.stdout)
    return config


def layers_of(config: dict[str, Any]) -> set[str]:
    """Return the layers that a combination enables, by the last part of their paths."""
    layers = set()
    for name, repo in config["repos"].items():
        for layer, state in ((repo or {}).get("layers") or {name: None}).items():
            if state != "disabled":
                layers.add(layer)
    return layers
