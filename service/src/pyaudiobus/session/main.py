"""The session manager's life: start, decide, read its files again, stop cleanly."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import IO, TYPE_CHECKING

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.session.configuration import Configuration, Places, read
from pyaudiobus.session.recorder import Recorder
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from pyaudiobus.systemd.notify import notify

if TYPE_CHECKING:
    from pyaudiobus.protocol.session_messages import SessionQuestion
    from pyaudiobus.session.answering import Answering

log = logging.getLogger("audiobus-session")
NAME = "audiobus-session"
ANSWERING = "pyaudiobus.session.answering"
"""Loaded when somebody asks: whoever only wants sound need not wait for explanations."""


class Signals:
    """Signals as something to wait for: which have come."""

    def __init__(self) -> None:
        self._here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        for end in (self._here, self._there):
            end.setblocking(False)  # noqa: FBT003  # socket's own signature
        self._before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}
        self._wakeup = -1

    def start(self) -> None:
        """Hear SIGTERM, SIGINT and SIGHUP from now on, and nobody else does."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[number] = signal.signal(number, _nothing)
        self._wakeup = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)

    def stop(self) -> None:
        """Give them back."""
        signal.set_wakeup_fd(self._wakeup)
        for number, action in self._before.items():
            signal.signal(number, action)
        self._here.close()
        self._there.close()

    def fileno(self) -> int:
        """Return the descriptor that can be read when one has come."""
        return self._here.fileno()

    def come(self) -> set[int]:
        """Return which have come since the last call."""
        try:
            return set(self._here.recv(64))
        except BlockingIOError:
            return set()


class Life:
    """One run of the program."""

    def __init__(self, places: Places, state: StateFile, socket_path: str | None, recorder: Recorder | None) -> None:
        self._places = places
        self._began = time.monotonic()
        self._configuration = read(places, is_start=True)
        self._signals = Signals()
        state.load()
        try:
            self._remote = Remote(NAME, socket_path)
            self._session = Session(self._remote, self._configuration, state, recorder=recorder)
        except BaseException:
            _end(self._configuration)
            raise
        self._session.on_question = self._answer

    def _answer(self, asked: SessionQuestion) -> None:
        """Answer the first question, and leave the others to what was loaded for it."""
        answering: Answering = import_module(ANSWERING).Answering(self._remote, self._session, self._reload)
        self._session.on_question = answering.answer
        answering.answer(asked)

    def live(self) -> None:
        """Govern until a signal ends it. PeerError where the bus is gone."""
        self._signals.start()
        try:
            self._session.start()
            notify("READY=1")
            log.info("governing since %.0f ms after the start", (time.monotonic() - self._began) * 1000)
            while not self._is_ended():
                self._session.wait((self._signals.fileno(),))
            notify("STOPPING=1")
        finally:
            self._session.save()
            self._remote.close()
            _end(self._session.configuration)
            self._signals.stop()

    def _is_ended(self) -> bool:
        come = self._signals.come()
        if signal.SIGHUP in come:
            self._reload_quietly()
        return bool(come & {signal.SIGTERM, signal.SIGINT})

    def _reload_quietly(self) -> None:
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self._reload()
        except UserError as error:
            log.error("nothing was read again, and all stays as it is: %s", error)  # noqa: TRY400
        else:
            log.info("policy file and scripts were read again")
            self._session.settle()
        notify("READY=1")

    def _reload(self) -> None:
        """Read the files again; where one is wrong, nothing is changed. UserError."""
        fresh = read(self._places)
        before = self._session.configuration
        self._session.use(fresh)
        _end(before)


def run(places: Places, state: StateFile, socket_path: str | None, record: str | None) -> int:
    """Run a session manager until a signal ends it; return the exit code. UserError, Refused, PeerError."""
    recorder = None if record is None else Recorder(_opened(record))
    try:
        Life(places, state, socket_path, recorder).live()
    finally:
        if recorder is not None:
            recorder.close()
    return 0


def _opened(path: str) -> IO[str]:
    try:
        return open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))
    except OSError as error:
        raise UserError(f"cannot write {path}: {(error.strerror or '').lower()}") from None


def _end(configuration: Configuration) -> None:
    if configuration.process is not None:
        configuration.process.stop()


def _nothing(number: int, frame: FrameType | None) -> None:
    """Let the wakeup descriptor tell it."""
