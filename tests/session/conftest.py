"""A daemon, a session manager that does a step when the test says so, and clients of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.protocol.messages import ClearMetadata, CreateStream
from pyaudiobus.protocol.wire import Message
from pyaudiobus.session.configuration import Configuration, Places, read
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from tests.daemon.bench import PATIENCE, S16, Daemon, Observer, Raw

SINKS = """
sinks:
  speaker: {kind: null}
  hdmi: {kind: null}
sources:
  tone: {kind: null, tone: 1000}
"""


class Stage:
    """One daemon, and whoever meets there."""

    def __init__(self, daemon: Daemon, folder: Path) -> None:
        self.daemon = daemon
        self.folder = folder
        self.stack = ExitStack()
        self.state = StateFile(None)
        self.configuration: Configuration | None = None
        self.text = ""
        """Of a script that is read when the session manager starts."""
        self.governing: Session | None = None

    def read(self, policy: str = "", **scripts: str) -> Configuration:
        """What an owner has written: a policy file, and scripts by their names."""
        places: dict[str, str | None] = {"policy": None, "scripts": None}
        if policy:
            (self.folder / "policy.yaml").write_text(policy)
            places["policy"] = str(self.folder / "policy.yaml")
        if scripts:
            folder = self.folder / "policy.d"
            folder.mkdir(exist_ok=True)
            for name, text in scripts.items():
                (folder / f"{name}.py").write_text(text)
            places["scripts"] = str(folder)
        self.configuration = read(Places(**places))
        if self.configuration.process is not None:
            self.stack.callback(self.configuration.process.stop)
        return self.configuration

    def session(self, **more: Any) -> Session:
        """A session manager that has started."""
        remote = self.stack.enter_context(self.daemon.remote("session"))
        made = Session(remote, self.configuration or self.read(), self.state, **more)
        made.start()
        return made

    def leave(self, session: Session) -> None:
        """Let a session manager go, as if it were killed."""
        session._remote.close()

    def raw(self) -> Raw:
        return self.stack.enter_context(self.daemon.raw().greet())

    def observer(self) -> Observer:
        return Observer(self.stack.enter_context(self.daemon.remote("observer")))


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that a module's tests share; at the end it still lives."""
    with Daemon(tmp_path_factory.mktemp("daemon"), SINKS) as made:
        yield made
        assert made.process.poll() is None, made.log()
        assert "mistake of the daemon" not in made.log(), made.log()


@pytest.fixture
def stage(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The daemon with nobody there; nothing of a test is left to the next.

    However busy the machine is, the daemon waits for the session manager, which works when the test lets it.
    """
    monkeypatch.setattr("pyaudiobus.session.session.PATIENCE", 10_000)
    made = Stage(daemon, tmp_path)
    with made.stack:
        yield made
    with daemon.remote() as remote:
        remote.ask("clear-metadata", ClearMetadata(0))


def ask(raw: Raw, name: str, **wish: Any) -> int:
    """Ask for a playback stream, and do not wait."""
    wish.setdefault("shapes", (S16,))
    return raw.say("create-stream", CreateStream("playback", name, **wish))


def answered(raw: Raw, session: Session, asked: int) -> Message:
    """Let the session manager work until a request is answered."""
    while True:
        raw.socket.settimeout(0.01)
        try:
            return raw.answer(asked)
        except TimeoutError:
            session.wait()
        finally:
            raw.socket.settimeout(PATIENCE)
