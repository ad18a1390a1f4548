"""Where prepared things are kept between runs, and how they get there whole. What they are, the makers know."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qemu.errors import GuestError

_LOCK_PATIENCE = 900.0
"""Seconds to wait for another process that is preparing the same thing."""


def cache_root() -> Path:
    """Return `$XDG_CACHE_HOME/pyaudiobus/guest`, never inside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "pyaudiobus" / "guest"


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder `target`, filled by `make` if it is not there yet.

    `make` gets an empty folder beside it, which takes its name only when `make` returns: an interrupted run
    leaves nothing that looks finished. Two processes never make the same target at once.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(target.name + ".lock")):
        if not target.exists():
            partial = target.with_name(target.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                make(partial)
                partial.rename(target)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return target


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + _LOCK_PATIENCE
    with path.open("w") as lock:
        while not _try_lock(lock.fileno()):
            if time.monotonic() > deadline:
                raise GuestError(f"another process has held {path} for {_LOCK_PATIENCE:.0f} s; end it and try again")
            time.sleep(0.2)
        yield


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
