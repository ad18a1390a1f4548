"""What is remembered over restarts, in one JSON file: read once, written atomically, bounded."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pyaudiobus.errors import UserError
from pyaudiobus.model.memory import Memory, RememberedVolume

log = logging.getLogger("audiobus-session")
VERSION = 1
MOST_ENTRIES = 256
"""Of each kind; the longest untouched goes first."""
MOST_BYTES = 1024 * 1024
STATE_VARIABLE = "AUDIOBUS_SESSION_STATE"
"""Names another file; set and empty, nothing is remembered."""
FILE = "session.json"
State = dict[str, Any]


def find_state_file(option: str | None = None) -> str | None:
    """Return the file: the option's value, the variable's, the service manager's folder, the user's; None for none."""
    named = os.environ.get(STATE_VARIABLE) if option is None else option
    if named is not None:
        return named or None
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if not folder:
        home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
        folder = os.path.join(home, "audiobus")
    return os.path.join(folder, FILE)


class StateFile:
    """One file. What cannot be read is left alone under another name, and forgotten."""

    def __init__(self, path: str | None) -> None:
        """None: remember nothing over a restart."""
        self.path = path
        self.memory = Memory()
        self.settings: dict[str, str] = {}
        """Settings that were saved, as they are written."""
        self._written = b""
        self._is_broken = False

    def load(self) -> None:
        """Read it, if it is there."""
        if self.path is None:
            return
        try:
            with open(self.path, "rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("cannot read %s: %s; nothing is remembered", self.path, (error.strerror or "").lower())
            return
        try:
            self.memory, self.settings = _understood(data)
            self._written = data
        except UserError as error:
            self._put_aside(error.what)

    def _put_aside(self, why: str) -> None:
        log.warning("%s is not understood: %s; it is kept as %s.bad", self.path, why, self.path)
        try:
            os.replace(str(self.path), f"{self.path}.bad")
        except OSError as error:
            log.warning("%s cannot be put aside: %s", self.path, (error.strerror or "").lower())

    def remember(self, memory: Memory) -> bool:
        """Take what is to be remembered; whether that is news."""
        is_news = memory != self.memory
        self.memory = bounded(memory)
        return is_news

    def save(self) -> str:
        """Write it where something is different: beside it first, then in its place, so that it is never half.

        Return why it is not kept; empty where it is.
        """
        if self.path is None:
            return "this session manager has no file in which to remember anything (--state)"
        data = json.dumps(as_words(self.memory, self.settings), indent=1, sort_keys=True).encode() + b"\n"
        is_nothing = not self._written and (self.memory, self.settings) == (Memory(), {})
        if data == self._written or is_nothing:
            return ""
        try:
            _replace(self.path, data)
        except OSError as error:
            if not self._is_broken:
                log.warning("cannot write %s: %s", self.path, (error.strerror or "").lower())
            self._is_broken = True
            return f"cannot write {self.path}: {(error.strerror or '').lower()}"
        self._written, self._is_broken = data, False
        return ""

    def reset(self) -> None:
        """Forget everything."""
        self.memory, self.settings = Memory(), {}
        self.save()


def as_words(memory: Memory, settings: Mapping[str, str]) -> State:
    """Put what is remembered into words for JSON."""
    return {
        "version": VERSION,
        "defaults": {key: list(names) for key, names in memory.defaults.items()},
        "volumes": {key: {"gains": list(one.gains), "muted": one.is_muted} for key, one in memory.volumes.items()},
        "targets": dict(memory.targets),
        "profiles": dict(memory.profiles),
        "routes": dict(memory.routes),
        "settings": dict(settings),
    }


def bounded(memory: Memory) -> Memory:
    """Return a memory without what is too much."""
    fields = ("defaults", "volumes", "targets", "profiles", "routes")
    return Memory(**{field: MappingProxyType(_last(getattr(memory, field))) for field in fields})


def _last(known: Mapping[str, Any]) -> dict[str, Any]:
    return dict(list(known.items())[-MOST_ENTRIES:])


def _understood(data: bytes) -> tuple[Memory, dict[str, str]]:
    if len(data) > MOST_BYTES:
        raise UserError(f"it has more than {MOST_BYTES} bytes")
    try:
        words = json.loads(data)
    except ValueError as error:
        raise UserError(f"it is no JSON: {error}") from None
    if not isinstance(words, dict) or words.get("version") != VERSION:
        version = words.get("version") if isinstance(words, dict) else None
        raise UserError(f"it is of version {version!r}, and this program writes {VERSION}")
    try:
        return memory_of(words), {str(key): str(value) for key, value in words.get("settings", {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"a part of it is not what it should be: {error!r}") from None


def memory_of(words: State) -> Memory:
    """Read what as_words() wrote. KeyError, TypeError, ValueError, AttributeError for what is not that."""
    volumes = {
        str(key): RememberedVolume(_gains(one["gains"]), bool(one["muted"]))
        for key, one in words.get("volumes", {}).items()
    }
    named = {
        field: MappingProxyType({str(key): str(value) for key, value in words.get(field, {}).items()})
        for field in ("targets", "profiles", "routes")
    }
    defaults = {str(key): tuple(str(name) for name in names) for key, names in words.get("defaults", {}).items()}
    return bounded(Memory(MappingProxyType(defaults), MappingProxyType(volumes), **named))


def _gains(given: Any) -> tuple[float, ...]:  # noqa: ANN401
    gains = tuple(float(gain) for gain in given)
    if not gains or not all(0 <= gain <= 64 for gain in gains):  # noqa: PLR2004  # as the protocol bounds it
        raise ValueError(f"gains {gains}")
    return gains


def _replace(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    beside = f"{path}.new"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
