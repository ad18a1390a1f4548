"""The end of a hook's process that has the scripts: it loads them, answers, and is limited by the kernel."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Collection
from types import MappingProxyType
from typing import Any, NoReturn

from pyaudiobus.config.policy_scripts import load_scripts
from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.decide import ask_plainly
from pyaudiobus.policy.hook import Hook
from pyaudiobus.session.hook_words import SIZE, outcome_words

MOST_CPU = 5
"""Seconds of processor time after which the kernel ends a process that nobody is left to end."""
MOST_MEMORY = 512 * 1024 * 1024
"""Bytes of address space beyond what is there."""
MOST_PRINTED = 16 * 1024
"""Characters that scripts may print until they are loaded again."""


def serve(channel: socket.socket, folder: str, left_out: Collection[str]) -> NoReturn:
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
            _write(channel, {"number": number, **outcome_words(outcome)})
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
    head = _read_exactly(channel, SIZE.size)
    return None if head is None else _read_exactly(channel, SIZE.unpack(head)[0])


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
    channel.sendall(SIZE.pack(len(data)) + data)
