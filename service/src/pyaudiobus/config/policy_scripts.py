"""Owners' scripts: Python files with hooks, in /etc/audiobus/policy.d. What cannot be used is named and left out."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Collection
from stat import S_ISREG, S_IWOTH
from types import ModuleType

from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.record import Record
from pyaudiobus.policy.hook import Hook

SCRIPTS_PATH = "/etc/audiobus/policy.d"
SCRIPTS_VARIABLE = "AUDIOBUS_POLICY_SCRIPTS"
"""Names another folder; set and empty, it names none."""
MOST_BYTES = 256 * 1024
MOST_SCRIPTS = 64


class Script(Record):
    """One file that could be loaded."""

    path: str
    hooks: tuple[Hook, ...]


class ScriptMistake(Record):
    """A file that is left out, and why."""

    path: str
    line: int
    """0 where the file as a whole is meant."""
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


class Scripts(Record):
    """What is in a folder."""

    scripts: tuple[Script, ...] = ()
    mistakes: tuple[ScriptMistake, ...] = ()

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """All hooks, in the order of the files' names."""
        return tuple(found for script in self.scripts for found in script.hooks)


def find_scripts(option: str | None = None) -> str | None:
    """Return the folder: the option's value, else the variable's, else the usual one if it is there."""
    named = os.environ.get(SCRIPTS_VARIABLE) if option is None else option
    if named is not None:
        return named or None
    return SCRIPTS_PATH if os.path.isdir(SCRIPTS_PATH) else None


def load_scripts(
    folder: str | None, left_out: Collection[str] = (), begin: Callable[[str], None] = lambda _: None
) -> Scripts:
    """Load every *.py of a folder by name but those left out; those that begin with _ or . are not scripts.

    `begin` is told the path of each before it is loaded. UserError where there is no such folder.
    """
    if folder is None:
        return Scripts()
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and name[0] not in "_.")
    except OSError as error:
        raise UserError(f"cannot read {folder}: {os.strerror(error.errno or 0).lower()}") from None
    scripts: list[Script] = []
    mistakes: list[ScriptMistake] = []
    for number, name in enumerate(names):
        path = os.path.join(folder, name)
        if path in left_out:
            continue
        begin(path)
        loaded = load_script(path) if number < MOST_SCRIPTS else ScriptMistake(path, 0, f"only {MOST_SCRIPTS} are read")
        if isinstance(loaded, Script):
            scripts.append(loaded)
        else:
            mistakes.append(loaded)
    return Scripts(tuple(scripts), tuple(mistakes))


def load_script(path: str) -> Script | ScriptMistake:
    """Load one file. Whatever it does while it is loaded becomes a mistake with its line."""
    try:
        source = _read(path)
    except UserError as error:
        return ScriptMistake(path, 0, error.what)
    module = ModuleType(f"audiobus_policy_{os.path.basename(path).removesuffix('.py')}")
    module.__file__ = path
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  # it is the owner's own program
    except SyntaxError as error:
        return ScriptMistake(path, error.lineno or 0, f"this is not Python: {error.msg}")
    except AudiobusError as error:
        return ScriptMistake(path, _line_in(path, error), error.what)
    except (Exception, SystemExit) as error:  # it may raise whatever it likes
        return ScriptMistake(path, _line_in(path, error), f"{type(error).__name__}: {error}")
    found = (value for value in vars(module).values() if isinstance(value, Hook) and _is_own(value, path))
    hooks = tuple({one.name: one.replace(source=path) for one in found}.values())
    if not hooks:
        return ScriptMistake(path, 0, "there is no hook in it; put @hook(QUESTION) before a function")
    return Script(path, hooks)


def _is_own(found: Hook, path: str) -> bool:
    """Tell a file's own hooks from those it has imported."""
    code = getattr(found.decider, "__code__", None)
    return code is None or code.co_filename == path


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not S_ISREG(status.st_mode):
                raise UserError("it is no regular file")
            if status.st_mode & S_IWOTH:
                raise UserError(f"everybody may write it; protect it with: chmod o-w {path}")
            source = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"it cannot be read: {os.strerror(error.errno or 0).lower()}") from None
    if len(source) > MOST_BYTES:
        raise UserError(f"it has more than {MOST_BYTES} bytes")
    return source


def _line_in(path: str, error: BaseException) -> int:
    """Return the last line of the file that was being run when it failed; 0 where none was."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == path), 0)
