"""The kernel's log, read as it stands, without waiting for more."""

from __future__ import annotations

import os

from pyaudiobus.doctor.evidence.tree import Tree

_RECORDS = 100_000
_RECORD = 8192
"""Bytes; the kernel refuses a smaller buffer than its record (include/linux/printk.h)."""


def read_log(tree: Tree) -> tuple[str, ...] | None:
    """Return the log's messages, oldest first; None if this user may not read it."""
    try:
        fd = os.open(tree.path("dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        return tuple(_messages(_drained(fd)))
    except PermissionError:
        return None
    finally:
        os.close(fd)


def _drained(fd: int) -> str:
    """Read record after record; each read() gives one, EPIPE says that some were overwritten meanwhile."""
    parts = []
    for _ in range(_RECORDS):
        try:
            part = os.read(fd, _RECORD)
        except BlockingIOError:
            break
        except BrokenPipeError:
            continue
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode(errors="replace")


def _messages(text: str) -> list[str]:
    """Take "6,339,5140900,-;message" apart; lines that begin with a blank are a record's properties."""
    return [line.partition(";")[2] for line in text.splitlines() if ";" in line and not line.startswith(" ")]
