"""Steps of ask_the_session_manager.feature."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from tests.daemon.bench import PATIENCE, Daemon, Player
from tests.session.program import PROGRAM, Program, audiobus

scenarios("ask_the_session_manager.feature")
SINKS = """
sinks:
  second: {kind: null}
  first: {kind: null}
defaults: {sink: first}
"""
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("bus")
    with Daemon(folder, SINKS) as made, Program(made, folder):
        yield made


@pytest.fixture(scope="module")
def song(daemon: Daemon) -> Iterator[Remote]:
    with daemon.remote("player") as remote:
        Player(remote, "song")
        yield remote


@given("a bus with a session manager, and a song on it")
def _(song: Remote) -> None:
    assert song.is_open


@when(parsers.re('somebody types "audiobus (?P<words>.*)"'), target_fixture="done")
def _(daemon: Daemon, words: str) -> Done:
    return audiobus(daemon, *words.split())


@when("somebody explains the decision that stands on the song's link", target_fixture="done")
def _(daemon: Daemon, song: Remote) -> Done:
    (link,) = look(song).of_kind("link")
    return audiobus(daemon, "explain", str(link.facts["decision"]))


@then(parsers.re('it says "(?P<sentence>.*)"'))
def _(done: Done, sentence: str) -> None:
    assert sentence in done.stdout + done.stderr


@then(parsers.re('it fails with (?P<code>.*) and says "(?P<sentence>.*)"'))
def _(done: Done, code: str, sentence: str) -> None:
    assert done.returncode == int(code)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@when("settings are watched while role.ramp is set to 123", target_fixture="watched")
def _(daemon: Daemon) -> Iterator[str]:
    command = [sys.executable, "-c", PROGRAM.format("audiobus"), "settings", "watch", "role.ramp"]
    with subprocess.Popen([*command, "--remote", daemon.path], stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        watching.stdout.readline()
        audiobus(daemon, "settings", "set", "role.ramp", "123")
        yield watching.stdout.readline()
        watching.terminate()
        watching.wait(PATIENCE)


@then(parsers.parse('the watcher is told "{line}"'))
def _(watched: str, line: str) -> None:
    assert watched == f"{line}\n"
