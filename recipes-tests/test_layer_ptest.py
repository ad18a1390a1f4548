"""The tests that the recipe installs find on a target what they read of the repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layer.places import ROOT, SERVICE
from layer.recipes import recipe

LOOK = """
import sys
from pathlib import Path

def pytest_collection_finish(session):
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("tests."):
            continue
        for constant, value in vars(module).items():
            if isinstance(value, Path) and value.is_relative_to(session.config.rootpath) and not value.exists():
                print(f"MISSING {value.relative_to(session.config.rootpath)}, {constant} of {name}")
"""
"""A pytest plugin."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as the recipe's do_install_ptest makes it, and the demo's media as their package puts them."""
    top = tmp_path_factory.mktemp("target")
    media, unpacked = top / "usr/share/audiobus", top / "unpacked"
    unpacked.mkdir()
    media.mkdir(parents=True)
    (media / "demo").symlink_to(SERVICE / "share/demo")
    (unpacked / "tests").symlink_to(ROOT / "tests")
    pyaudiobus = recipe("pyaudiobus")
    (unpacked / "pytest.ini").symlink_to(next(pyaudiobus.path.parent.rglob("pytest.ini")))
    places = {
        "D": str(top),
        "S": str(SERVICE),
        "UNPACKDIR": str(unpacked),
        "PTEST_PATH": "/ptest",
        "datadir": str(media.parent),
    }
    body = pyaudiobus.functions["do_install_ptest:append"].replace("cp -r", "cp -rL")
    script = f"set -e; mkdir {top}/ptest\n{body}"
    subprocess.run(["sh", "-c", script], env={**os.environ, **places}, check=True)
    return top / "ptest"


def test_every_test_is_found_and_every_file_that_it_names(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "look.py").write_text(LOOK)
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "look"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(words, cwd=installed, env=environment, capture_output=True, text=True, check=False)
    assert [line for line in found.stdout.splitlines() if line.startswith(("MISSING", "ERROR"))] == []
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr
