"""A board as JSON beside the running system, so that not every player parses YAML. What a board says is not here.

`audiobus board apply` writes it at boot. It is used only while it tells of the very file that lies there, and only if
nobody but root or its reader could have written it; else the board file itself is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from stat import S_IMODE, S_ISREG, S_IWGRP, S_IWOTH

from pyaudiobus import __version__
from pyaudiobus.model.board import (
    Board,
    BoardCard,
    BoardSink,
    CardProfile,
    Control,
    DspNeeds,
    Output,
    QuirkOverrides,
    SinkKind,
)
from pyaudiobus.model.format import Codec
from pyaudiobus.model.record import Record

COMPILED_PATH = "/run/audiobus/board.json"
MOST_BYTES = 1024 * 1024

_RECORDS = (Board, BoardCard, BoardSink, CardProfile, Control, DspNeeds, Output, QuirkOverrides)
_KINDS: dict[str, Callable[..., object]] = {kind.__name__: kind for kind in _RECORDS}
_ENUMS = {kind.__name__: kind for kind in (SinkKind, Codec)}

Stamp = list[int]
"""Device, inode, size and time of change (ns) of a board file: what tells one version of it from another."""


def stamp_of(path: str) -> Stamp | None:
    """Return a board file's stamp, None where there is no such file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns]


def read_compiled(path: str, compiled: str = COMPILED_PATH) -> Board | None:
    """Return the board that the file `path` describes; None where its compiled form is missing, old or not trusted."""
    try:
        with open(compiled, "rb") as file:
            if not _is_trusted(os.fstat(file.fileno())):
                return None
            text = file.read(MOST_BYTES)
        found = json.loads(text)
        if found["made_by"] != __version__ or found["path"] != path or found["stamp"] != stamp_of(path):
            return None
        board = _decoded(found["board"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return board if isinstance(board, Board) else None


def write_compiled(board: Board, stamp: Stamp, compiled: str = COMPILED_PATH) -> None:
    """Write a board that was read from a file with this stamp. OSError where that cannot be done."""
    text = json.dumps({"made_by": __version__, "path": board.path, "stamp": stamp, "board": _encoded(board)})
    new = f"{compiled}.{os.getpid()}"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), 0o644)
        os.replace(new, compiled)
    except OSError:
        os.unlink(new)
        raise


def _is_trusted(found: os.stat_result) -> bool:
    """Tell whether nobody but root and who reads it could have written a file."""
    by_others = S_IMODE(found.st_mode) & (S_IWGRP | S_IWOTH)
    return S_ISREG(found.st_mode) and not by_others and found.st_uid in (0, os.geteuid())


def _encoded(value: object) -> object:
    if isinstance(value, Record):
        return {type(value).__name__: [_encoded(getattr(value, field)) for field in type(value)._fields]}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, (SinkKind, Codec)):
        return {type(value).__name__: value.value}
    return value


def _decoded(value: object) -> object:
    if isinstance(value, list):
        return tuple(_decoded(item) for item in value)
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind in _ENUMS:
        return _ENUMS[kind](held)
    return _KINDS[kind](*(_decoded(item) for item in held))
