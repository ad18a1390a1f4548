"""Runs the host's programs with a time limit and turns their failures into one sentence. Knows no program itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from qemu.errors import GuestError

_SYSTEM_FOLDERS = "/usr/sbin:/sbin"
"""Where depmod lives; ordinary users do not have it on PATH."""


def find_tool(name: str) -> str:
    """Return the full path of a program. Raises GuestError naming the command that installs it."""
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM_FOLDERS)
    if found is None:
        command = "service/setup/apt guest-arm64" if "aarch64" in name else "make deps"
        raise GuestError(f"{name} is not installed; run '{command}'")
    return found


def run_tool(
    argv: Sequence[str],
    purpose: str,
    *,
    timeout: float = 600.0,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    mend: str = "run 'make deps' and try again",
) -> bytes:
    """Run a program to its end and return its standard output.

    Raises GuestError (purpose, last words of the program, `mend`) if it is missing, fails, or outlives `timeout` s.
    """
    full = [find_tool(argv[0]), *argv[1:]]
    try:
        done = subprocess.run(
            full,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C", **(env or {})},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GuestError(f"{purpose}: {argv[0]} did not end within {timeout:.0f} s; {mend}") from None
    if done.returncode != 0:
        raise GuestError(f"{purpose}: {last_words(done.stderr or done.stdout)}; {mend}")
    return done.stdout


def last_words(output: bytes) -> str:
    """Return the line that best says why a program failed: the first error, else the last line."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    for line in lines:
        if "error:" in line.lower() or line.startswith("E: "):
            return line
    return lines[-1] if lines else "it failed without a word"
