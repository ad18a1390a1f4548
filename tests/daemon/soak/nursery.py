"""Victims are forked from a process that has everything loaded already: one in milliseconds.

Lines come in, lines go out: `NAME SEED` is answered with the id of a process, `ID` when that was buried.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.daemon.soak.victim import Life

CHECKOUT = Path(__file__).parents[3]


class Nursery:
    """The process, from the outside."""

    def __init__(self, path: str) -> None:
        command = [sys.executable, "-m", "tests.daemon.soak.nursery", path]
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def bear(self, name: str, seed: int) -> int:
        """Start a victim; return its id, which is its group's too."""
        return int(self._ask(f"{name} {seed}"))

    def bury(self, pid: int) -> None:
        """Kill what is left of a victim's group, and wait for it."""
        self._ask(f"{pid}")

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        return self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve(path: str) -> None:
    alive: set[int] = set()
    for line in sys.stdin:
        words = line.split()
        if len(words) == 1:
            alive.remove(int(words[0]))
            _end(int(words[0]))
            print("buried", flush=True)
        else:
            pid = _fork(path, words[0], int(words[1]))
            alive.add(pid)
            print(pid, flush=True)
    for pid in alive:
        _end(pid)


def _fork(path: str, name: str, seed: int) -> int:
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(0)
        Life(path, name, seed).live()
    os.setpgid(pid, pid)
    return pid


def _end(group: int) -> None:
    os.killpg(group, signal.SIGKILL)
    os.waitpid(group, 0)


if __name__ == "__main__":
    _serve(sys.argv[1])
