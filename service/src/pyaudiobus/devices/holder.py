"""Which process has a device node open, as far as /proc lets us see. Opens no device."""

from __future__ import annotations

import os


def holder_of(path: str, root: str = "/") -> str:
    """Return the process that has a node open: "mpd (pid 321)". Empty if none is seen: it may be another user's."""
    proc = os.path.join(root, "proc")
    target = os.path.realpath(path)
    for pid in filter(str.isdecimal, _entries(proc)):
        folder = os.path.join(proc, pid)
        for fd in _entries(os.path.join(folder, "fd")):
            if _link(os.path.join(folder, "fd", fd)) == target:
                return f"{_command(folder)} (pid {pid})"
    return ""


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:  # it ended meanwhile, or is another user's
        return []


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _command(folder: str) -> str:
    try:
        with open(os.path.join(folder, "comm"), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "a process"
