"""This process's own file descriptors, as /proc/self/fd shows them."""

from __future__ import annotations

import os


def descriptors_of(path: str) -> set[int]:
    """Return the descriptors under which this process has `path` open."""
    target, found = os.path.realpath(path), set()
    for entry in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{entry}") == target:
                found.add(int(entry))
        except OSError:  # the descriptor of the listing itself, or one that another thread just closed
            continue
    return found


def occupy_descriptor_zero() -> None:
    """Open something as descriptor 0 if that is free: tinycompress takes a 0 from open() for a failure."""
    try:
        os.fstat(0)
    except OSError:
        os.open(os.devnull, os.O_RDWR)
