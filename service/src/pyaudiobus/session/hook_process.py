"""Owners' scripts in a process of their own: one that hangs, eats memory or crashes is ended, and audio hears nothing.

The process is forked when there are scripts at all. It gets the parts of the bus that have changed since it was asked
last, and answers in JSON: nothing that a script makes is ever run or unpickled here. Its end is in hook_server.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from typing import Any, NoReturn

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item, Items
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.verdict import Outcome
from pyaudiobus.session.hook_server import serve
from pyaudiobus.session.hook_words import SIZE, outcome_of, pickled

DEADLINE = 0.25
"""Seconds for one answer."""
RELOADING_DEADLINE = 0.5
"""Seconds for scripts to be loaded again, after one of them had to be ended."""
LOADING_DEADLINE = 3.0
"""Seconds for all scripts to be loaded."""
MOST_ANSWER = 256 * 1024


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
            self._send(pickled((self._number, hook.question, hook.name, subject, *self._difference(bus))), until)
            return outcome_of(self._answer(until))
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
            serve(there, self._folder, tuple(self._unloadable))
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
        rest = memoryview(SIZE.pack(len(data)) + data)
        while rest:
            channel = self._ready(select.POLLOUT, until)
            try:
                rest = rest[channel.send(rest, socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Crashed(f"its process is gone ({error.strerror})") from None

    def _receive(self, until: float) -> dict[str, Any]:
        (size,) = SIZE.unpack(self._take(SIZE.size, until))
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


def _words(value: object) -> Any:  # noqa: ANN401
    return tuple(str(one) for one in value) if isinstance(value, list) else str(value)


def _stub(**given: Any) -> Hook:  # noqa: ANN401
    """Return a hook that is to be asked in its own process."""
    return Hook(decider=_elsewhere, **given)


def _elsewhere(subject: Item, bus: Snapshot) -> NoReturn:  # noqa: ARG001  # a decider's arguments
    raise RuntimeError("this hook is asked in the process of its script")
