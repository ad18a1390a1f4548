"""The checkout's own order: what lies at the top, what CI runs, how missing packages are told."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    ".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml", "LICENSE", "Makefile", "README.md", "kas.yml",
    "meta-pyaudiobus", "recipes-tests", "service", "tests",
}  # fmt: skip


def program(folder: Path, name: str, script: str) -> None:
    """Put a program on a PATH that a test makes."""
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


def run(*command: str | Path, path: Path, stand_before: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one of the checkout's scripts with the programs in `path` before the machine's own, or instead of them."""
    search = f"{path}:{os.environ['PATH']}" if stand_before else str(path)
    environment = {**os.environ, "PATH": search}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_only_what_a_root_needs_lies_at_the_top() -> None:
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tops = {name.split("/", 1)[0] for name in listing.stdout.split("\0") if name}
    assert tops <= TOP_LEVEL


@pytest.mark.parametrize("status", [0, 2])
def test_ci_ends_as_its_tests_end(tmp_path: Path, status: int) -> None:
    program(tmp_path, "make", f'echo "make $*"; exit {status}')
    result = run(ROOT / ".ci" / "run", path=tmp_path)
    assert result.returncode == status
    assert result.stdout == "make test\n"


def test_packages_that_are_there_are_not_mentioned(tmp_path: Path) -> None:
    program(tmp_path, "dpkg-query", "echo -n installed")
    result = run(ROOT / "service" / "setup" / "apt", "setup", "alsa", path=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_line_that_installs_names_only_what_is_missing(tmp_path: Path) -> None:
    program(tmp_path, "dpkg-query", "[[ $* != *libasound2-dev* ]] && echo -n installed")
    result = run(ROOT / "service" / "setup" / "apt", "--line", "alsa", path=tmp_path)
    assert result.returncode == 0
    assert result.stdout.removeprefix("sudo ") == "apt-get install --no-install-recommends libasound2-dev\n"


def test_packages_that_cannot_be_installed_are_named_with_the_line(tmp_path: Path) -> None:
    program(tmp_path, "dpkg-query", "exit 1")
    program(tmp_path, "apt-get", 'echo "E: no network" >&2; exit 100')
    result = run(ROOT / "service" / "setup" / "apt", "setup", path=tmp_path)
    assert result.returncode == 1
    assert "lacks python3 python3-venv. Install with:" in result.stderr
    assert "apt-get install --no-install-recommends python3 python3-venv" in result.stderr


def test_a_machine_that_is_not_debian_is_told_what_nobody_checked(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "grep", "sort", "tr"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    result = run("/usr/bin/env", "bash", ROOT / "service" / "setup" / "apt", "setup", path=tmp_path, stand_before=False)
    assert result.returncode == 0
    assert "not Debian" in result.stdout
    assert "python3-venv" in result.stdout


def test_an_interpreter_that_is_too_old_is_named(tmp_path: Path) -> None:
    program(tmp_path, "old-python", "[[ $1 == --version ]] && echo Python 3.9.2 && exit; exit 1")
    checkout = tmp_path / "a checkout"
    shutil.copytree(ROOT / "service" / "setup", checkout / "service" / "setup")
    shutil.copy(ROOT / "service" / "pyproject.toml", checkout / "service")
    environment = {**os.environ, "PYTHON": str(tmp_path / "old-python")}
    script = checkout / "service" / "setup" / "venv"
    result = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("setup: Python 3.9.2 is too old, pyaudiobus needs 3.11 or newer.")
