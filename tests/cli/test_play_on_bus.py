"""`audiobus play` through a daemon: the contract of --json and of exit codes is the same as without one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAMS, Desk, Outcome
from tests.daemon.bench import Daemon

SINKS = """
sinks:
  dsp:
    kind: compress
    virtual: generic
  null:
    kind: "null"
    format: s16/44100/2
defaults:
  sink: "null"
"""
PATIENCE = 60


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    folder = tmp_path / "daemon"
    folder.mkdir()
    with Daemon(folder, SINKS) as running:
        yield running


def play(desk: Desk, daemon: Daemon, *words: str) -> Outcome:
    return desk.run("audiobus", "play", *words, AUDIOBUS_REMOTE=daemon.path)


def start(desk: Desk, daemon: Daemon, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "AUDIOBUS_REMOTE": daemon.path}
    return subprocess.Popen(
        [str(PROGRAMS / "audiobus"), "play", *words],
        cwd=desk.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def next_event(player: subprocess.Popen[str], kind: str) -> dict[str, object]:
    assert player.stdout is not None
    for line in player.stdout:
        event: dict[str, object] = json.loads(line)
        if event["event"] == kind:
            return event
    raise AssertionError(f"no {kind}")


def test_it_plays_on_the_daemons_dsp_with_the_same_events(desk: Desk, daemon: Daemon, short_flac: Path) -> None:
    told = play(desk, daemon, str(short_flac), "--json")
    alone = desk.run("audiobus", "play", str(short_flac), "--json", "--device", "virtual:generic", "--speed", "inf")
    assert (told.code, told.err) == (0, "")
    assert told.last("negotiated")["sink"] == "dsp"
    for kind in ("started", "drained"):
        assert told.last(kind) == alone.last(kind)
    mine, other = told.last("summary"), alone.last("summary")
    assert {**mine, "wakeups": 0} == {**other, "wakeups": 0}
    assert [sorted(event) for event in told.events[:3]] == [sorted(event) for event in alone.events[:3]]


def test_a_bad_file_does_not_keep_the_next_from_playing(desk: Desk, daemon: Daemon, short_flac: Path) -> None:
    outcome = play(desk, daemon, "absent.mp3", str(short_flac), "--json")
    assert outcome.code == 2
    assert outcome.last("summary")["file"] == str(short_flac)


@pytest.mark.parametrize("words", [("--private",), ("--device", "virtual"), ("--speed", "inf")])
def test_what_only_a_bus_of_its_own_can_do_needs_no_daemon(
    desk: Desk, daemon: Daemon, short_flac: Path, words: tuple[str, ...]
) -> None:
    told = play(desk, daemon, str(short_flac), "--json", *words)
    assert told.code == 0, told.err
    assert told.last("negotiated")["sink"] != "dsp"


def test_a_sink_can_be_named_and_a_wrong_name_is_told(desk: Desk, daemon: Daemon, short_flac: Path) -> None:
    told = play(desk, daemon, str(short_flac), "--to", "null", "--json")
    assert told.last("negotiated")["sink"] == "null"
    wrong = play(desk, daemon, str(short_flac), "--to", "nul")
    assert wrong.code == 1
    assert "there is no sink 'nul'" in wrong.err


def test_wishes_that_exclude_each_other_are_the_users_mistake(desk: Desk, daemon: Daemon, short_flac: Path) -> None:
    outcome = play(desk, daemon, str(short_flac), "--to", "dsp", "--private")
    assert outcome.code == 2
    assert "--private was given" in outcome.err


def test_a_daemon_that_was_named_and_is_not_there_is_told(desk: Desk, short_flac: Path) -> None:
    outcome = desk.run("audiobus", "play", str(short_flac), AUDIOBUS_REMOTE="/nowhere/bus")
    assert outcome.code == 2
    assert "cannot connect to the audio bus at /nowhere/bus" in outcome.err
    assert "Traceback" not in outcome.err


def test_ctrl_c_frees_the_dsp_at_once(desk: Desk, daemon: Daemon, mp3: Path, short_flac: Path) -> None:
    player = start(desk, daemon, str(mp3), "--json")
    next_event(player, "position")
    player.send_signal(signal.SIGINT)
    out, err = player.communicate(timeout=PATIENCE)
    assert player.returncode == 130
    assert "Traceback" not in err
    assert '"interrupted"' in out
    assert play(desk, daemon, str(short_flac), "--json").last("negotiated")["sink"] == "dsp"


def test_a_daemon_that_is_killed_ends_the_player_with_a_sentence(desk: Desk, daemon: Daemon, mp3: Path) -> None:
    player = start(desk, daemon, str(mp3), "--json")
    next_event(player, "position")
    daemon.process.kill()
    daemon.process.wait()
    _, err = player.communicate(timeout=PATIENCE)
    assert player.returncode == 1
    assert "the audio bus is gone" in err
    assert "Traceback" not in err


def test_the_second_player_is_decoded_beside_the_first(desk: Desk, daemon: Daemon, mp3: Path, short_flac: Path) -> None:
    first = start(desk, daemon, str(mp3), "--json")
    assert next_event(first, "negotiated")["sink"] == "dsp"
    told = play(desk, daemon, str(short_flac), "--json")
    assert told.code == 0, told.err
    assert told.last("negotiated")["mode"] == "pcm"
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 143
