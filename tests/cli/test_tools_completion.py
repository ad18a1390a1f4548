"""Completion scripts: as printed, as shipped, and as a shell uses them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.cli.audiobus import COMMANDS, make_parser
from pyaudiobus.cli.completion import commands, script
from pyaudiobus.client.playback import play
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus

SHIPPED = Path(__file__).parents[2] / "service" / "share" / "completions"
ASK = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _audiobus; printf "%s\\n" "${COMPREPLY[@]}"'
Complete = Callable[..., list[str]]
WICKED = "$(touch evil) `touch evil`"


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def complete(bus: LiveBus, tmp_path: Path) -> Complete:
    """Types words in a bash that knows the script, and returns what it offers."""
    program = tmp_path / "audiobus"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m pyaudiobus.cli "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def offered(*words: str) -> list[str]:
        command = ["bash", "-c", "compopt() { :; }; " + ASK, str(SHIPPED / "audiobus.bash"), str(program), *words]
        environment = {**os.environ, "AUDIOBUS_REMOTE": bus.path}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

    return offered


@pytest.mark.parametrize(("shell", "name"), [("bash", "audiobus.bash"), ("zsh", "_audiobus")])
def test_what_is_shipped_is_what_the_parsers_take(shell: str, name: str) -> None:
    written = (SHIPPED / name).read_text()
    assert written == script(shell), f"print it anew: audiobus completion {shell} > service/share/completions/{name}"


def test_the_shells_that_are_here_can_read_it() -> None:
    for shell, name in (("bash", "audiobus.bash"), ("zsh", "_audiobus")):
        if shutil.which(shell) is not None:
            subprocess.run([shell, "-n", str(SHIPPED / name)], check=True)


def test_every_command_takes_json() -> None:
    without = [one.name for one in commands() if not any("--json" in flag.flags for flag in one.flags)]
    assert without == ["board", "policy"]  # which take it after what they are to do: audiobus board show --json


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser, _ = make_parser((command,), loaded=(command,))
    with pytest.raises(SystemExit) as ending:
        parser.parse_args([command, "--help"])
    assert ending.value.code == 0
    assert f"usage: audiobus {command}" in capsys.readouterr().out


def test_commands_flags_and_fixed_words_are_offered(complete: Complete) -> None:
    assert complete("mo") == ["monitor", "move"]
    assert complete("status", "--j") == ["--json"]
    assert complete("mute", "null", "to") == ["toggle"]
    assert complete("monitor", "--kind", "li") == ["link"]
    assert complete("metadata", "w") == ["watch"]


def test_names_are_those_on_the_bus_now(complete: Complete, bus: LiveBus) -> None:
    assert complete("default", "") == ["null", "other", "slow"]
    assert complete("cat", "--to", "o") == ["other"]
    with Remote("jukebox", bus.path) as remote, play(remote, PcmFormat(Encoding.S16, 48_000, 2), "a song"):
        assert complete("move", "") == ["a\\ song"]
        assert complete("move", "--json", "a song", "n") == ["null"]
        assert complete("kill", "j") == ["jukebox"]


def test_a_name_is_never_run(complete: Complete, bus: LiveBus, tmp_path: Path) -> None:
    with Remote("jukebox", bus.path) as remote, play(remote, PcmFormat(Encoding.S16, 48_000, 2), WICKED):
        assert len(complete("move", "")) == 1
    assert not (tmp_path / "evil").exists()


def test_without_a_bus_there_are_no_names(tmp_path: Path) -> None:
    class Nowhere:
        path = str(tmp_path / "absent")

    done = BusDesk(Nowhere()).run("completion", "sinks")  # type: ignore[arg-type]
    assert (done.code, done.out, done.err) == (1, "", "")


def test_the_commands_are_told_as_json_too(bus: LiveBus) -> None:
    words = json.loads(BusDesk(bus).run("completion", "bash", "--json").out)
    assert "status" in [one["name"] for one in words]
