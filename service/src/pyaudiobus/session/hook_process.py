"""Owners' scripts in a process of their own: one that hangs, eats memory or crashes is ended, and audio hears nothing.

The process is forked when there are scripts at all. It gets the parts of the bus that have changed since it was asked
last, and answers in JSON: nothing that a script makes is ever run or unpickled here.
"""

from __future__ import annotations

import contextlib
import copyreg
import io
import json
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Collection
from types import MappingProxyType
from typing import Any, NoReturn

from pyaudiobus.config.policy_scripts import load_scripts
from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item, Items
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.decide import ask_plainly
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.verdict import Choice, Failed, Outcome, Pass, Refuse, Rejected, Wait

DEADLINE = 0.25
"""Seconds for one answer."""
RELOADING_DEADLINE = 0.5
"""Seconds for scripts to be loaded again, after one of them had to be ended."""
LOADING_DEADLINE = 3.0
"""Seconds for all scripts to be loaded."""
MOST_CPU = 5
"""Seconds of processor time after which the kernel ends a process that nobody is left to end."""
MOST_MEMORY = 512 * 1024 * 1024
"""Bytes of address space beyond what is there."""
MOST_ANSWER = 256 * 1024
MOST_PRINTED = 16 * 1024
"""Characters that scripts may print until they are loaded again."""
_SIZE = struct.Struct("<I")
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Choice, Pass, Wait, Refuse, Failed)}


class Overrun(Exception):
    """The process did not answer in time."""


class Crashed(Exception):
    """The process is gone."""


class Loaded(Record):
    """What the scripts are: hooks whose deciders are elsewhere, and why some files are left out."""

    hooks: tuple[Hook, ...] = ()
    mistakes: tuple[str, ...] = ()


class HookProcess:
    """The process of one folder of scripts."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._pid = 0
        self._channel: socket.socket | None = None
        self._sent: Snapshot | None = None
        self._number = 0
        """Of the last question."""
        self._unloadable: dict[str, str] = {}
        """Files that are left out, and what they did."""

    def load(self, deadline: float | None = None) -> Loaded:
        """Start the process anew; return what it has loaded. UserError where it cannot load its folder in time."""
        words = self._loaded(LOADING_DEADLINE if deadline is None else deadline)
        if "error" in words:
            raise UserError(str(words["error"]))
        return Loaded(
            tuple(_stub(**{key: _words(value) for key, value in one.items()}) for one in words["hooks"]),
            (*(f"{path}: {why}" for path, why in self._unloadable.items()), *(str(one) for one in words["mistakes"])),
        )

    def _loaded(self, deadline: float) -> dict[str, Any]:
        """Start it, and again without a file that hangs or ends it while it is loaded."""
        while True:
            self.stop()
            self._start()
            until, path = time.monotonic() + deadline, ""
            try:
                while "loading" in (words := self._receive(until)):
                    path = str(words["loading"])
            except (Overrun, Crashed) as error:
                self.stop()
                if not path or path in self._unloadable:
                    raise UserError(f"the scripts in {self._folder} cannot be loaded: {error}") from None
                self._unloadable[path] = f"while it was loaded, {error}"
            else:
                return words

    def ask(self, hook: Hook, subject: Item, bus: Snapshot) -> Outcome:
        """Ask one hook. Overrun, Crashed: the process was ended, and the next question starts another."""
        if self._channel is None:
            self.load(RELOADING_DEADLINE)
        until = time.monotonic() + DEADLINE
        try:
            self._number += 1
            self._send(_packed((self._number, hook.question, hook.name, subject, *self._difference(bus))), until)
            return _outcome(self._answer(until))
        except (Overrun, Crashed):
            self.stop()
            raise

    def _answer(self, until: float) -> dict[str, Any]:
        """Return the answer to the last question, and no other that a process of a script's own has sent."""
        words = self._receive(until)
        if words.get("number") != self._number:
            raise Crashed("it answered what was not asked")
        return words

    def stop(self) -> None:
        """End it; legal twice."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
        self._sent = None

    # ---- here ----

    def _start(self) -> None:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._pid = os.fork()
        if self._pid == 0:
            here.close()
            _serve(there, self._folder, tuple(self._unloadable))
        there.close()
        here.setblocking(False)  # noqa: FBT003  # socket's own signature
        self._channel = here

    def _difference(self, bus: Snapshot) -> tuple[dict[int, Item | None], Snapshot | None]:
        """Return the objects that have changed, and the rest of a snapshot; None where it is the same."""
        if bus is self._sent:
            return {}, None
        known = Items() if self._sent is None else self._sent.items
        changes: dict[int, Item | None] = {
            serial: item for serial, item in bus.items.items() if known.get(serial) is not item
        }
        changes |= {serial: None for serial in known if serial not in bus.items}
        self._sent = bus
        return changes, bus.replace(items=Items())

    def _send(self, data: bytes, until: float) -> None:
        rest = memoryview(_SIZE.pack(len(data)) + data)
        while rest:
            channel = self._ready(select.POLLOUT, until)
            try:
                rest = rest[channel.send(rest, socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Crashed(f"its process is gone ({error.strerror})") from None

    def _receive(self, until: float) -> dict[str, Any]:
        (size,) = _SIZE.unpack(self._take(_SIZE.size, until))
        if size > MOST_ANSWER:
            raise Crashed("its answer is too long")
        try:
            words = json.loads(self._take(size, until))
        except ValueError:
            raise Crashed("its answer cannot be read") from None
        if not isinstance(words, dict):
            raise Crashed("its answer cannot be read")
        return words

    def _take(self, size: int, until: float) -> bytes:
        data = b""
        while len(data) < size:
            channel = self._ready(select.POLLIN, until)
            try:
                piece = channel.recv(size - len(data))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Crashed(f"its process is gone ({error.strerror})") from None
            if not piece:
                raise Crashed("its process is gone")
            data += piece
        return data

    def _ready(self, events: int, until: float) -> socket.socket:
        if self._channel is None:
            raise Crashed("there is no process")
        poll = select.poll()
        poll.register(self._channel, events)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Overrun("it did not answer in time")
        return self._channel


# ---- in the process of the scripts ----


def _serve(channel: socket.socket, folder: str, left_out: Collection[str]) -> NoReturn:
    """Load scripts and answer, until the other end is gone. Never returns, whatever a script does."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        _limit_memory()
        _limit_output()
        hooks = _load(channel, folder, left_out)
        bus = Snapshot.of(())
        while (data := _read(channel)) is not None:
            _limit_time()
            number, question, name, subject, changes, rest = pickle.loads(data)  # noqa: S301  # from our own parent
            if rest is not None:
                changed = {serial: None if item is None else _frozen(item) for serial, item in changes.items()}
                bus = rest.replace(items=bus.items.changed(changed))
            outcome = ask_plainly(hooks[question, name], bus.items.get(subject.serial, subject), bus)
            _write(channel, {"number": number, **_outcome_words(outcome)})
        code = 0
    except BaseException:  # noqa: S110  # the parent sees that it is gone
        pass
    finally:
        os._exit(code)


def _load(channel: socket.socket, folder: str, left_out: Collection[str]) -> dict[tuple[str, str], Hook]:
    _limit_time()
    try:
        scripts = load_scripts(folder, left_out, lambda path: _write(channel, {"loading": path}))
    except UserError as error:
        _write(channel, {"error": error.what})
        return {}
    words = [
        {
            "question": hook.question,
            "name": hook.name,
            "before": hook.before,
            "after": hook.after,
            "summary": hook.summary,
            "source": hook.source,
        }
        for hook in scripts.hooks
    ]
    _write(channel, {"hooks": words, "mistakes": [str(mistake) for mistake in scripts.mistakes]})
    return {(hook.question, hook.name): hook for hook in scripts.hooks}


def _limit_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as file:
        present = int(file.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (present + MOST_MEMORY, hard))


class _Voice(io.TextIOBase):
    """What scripts print: so much of it goes to the log, and the rest nowhere."""

    def __init__(self) -> None:
        self._left = MOST_PRINTED

    def write(self, text: str) -> int:
        """Write what may still be written."""
        if self._left > 0:
            os.write(2, text[: self._left].encode(errors="replace"))
            self._left -= len(text)
            if self._left <= 0:
                os.write(2, b"\n... scripts print too much; the rest is dropped\n")
        return len(text)


def _limit_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), 1)
    sys.stdout = sys.stderr = _Voice()


def _frozen(item: Item) -> Item:
    """Return an item that a script cannot change for those who are asked after it."""
    return item.replace(properties=MappingProxyType(item.properties), facts=MappingProxyType(item.facts))


def _limit_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + MOST_CPU, hard))


def _read(channel: socket.socket) -> bytes | None:
    head = _read_exactly(channel, _SIZE.size)
    return None if head is None else _read_exactly(channel, _SIZE.unpack(head)[0])


def _read_exactly(channel: socket.socket, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        piece = channel.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return data


def _write(channel: socket.socket, words: dict[str, Any]) -> None:
    data = json.dumps(words).encode()
    channel.sendall(_SIZE.pack(len(data)) + data)


# ---- words between both ----


class _Pickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda proxy: (_read_only, (dict(proxy),))


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def _packed(value: object) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def _outcome_words(outcome: Outcome) -> dict[str, Any]:
    words: dict[str, Any] = {"kind": type(outcome).__name__, "reason": outcome.reason[:4000]}
    words["rejected"] = [(one.serial, one.name, one.reason) for one in outcome.rejected if isinstance(one, Rejected)]
    for field in ("value", "until", "is_final"):
        if hasattr(outcome, field):
            words[field] = getattr(outcome, field)
    return words


def _outcome(words: dict[str, Any]) -> Outcome:
    kind = _KINDS.get(str(words.get("kind")))
    if kind is None:
        return Failed("it answered nonsense")
    value = words.get("value")
    given: dict[str, Any] = {"reason": str(words.get("reason", ""))}
    given["rejected"] = tuple(Rejected(int(one[0]), str(one[1]), str(one[2])) for one in words.get("rejected", ()))
    if kind is Choice:
        given["value"] = tuple(value) if isinstance(value, list) else value
    if kind is Wait:
        given["until"] = words.get("until")
    if kind is Refuse:
        given["is_final"] = bool(words.get("is_final"))
    outcome: Outcome = kind(**given)
    return outcome


def _words(value: object) -> Any:  # noqa: ANN401
    return tuple(str(one) for one in value) if isinstance(value, list) else str(value)


def _stub(**given: Any) -> Hook:  # noqa: ANN401
    """Return a hook that is to be asked in its own process."""
    return Hook(decider=_elsewhere, **given)


def _elsewhere(subject: Item, bus: Snapshot) -> NoReturn:  # noqa: ARG001  # a decider's arguments
    raise RuntimeError("this hook is asked in the process of its script")
