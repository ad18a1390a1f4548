"""`audiobus play` under remote control: what it says of itself on a bus, and what `audiobus player` does to it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.client.mirror import Mirror, follow
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.snapshot import Item
from tests.cli.conftest import PROGRAMS, Desk
from tests.client.studio import write_song
from tests.daemon.bench import Daemon

SINKS = """
sinks:
  "null":
    kind: "null"
    format: s16/48000/2
defaults:
  sink: "null"
"""


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    folder = tmp_path / "daemon"
    folder.mkdir()
    with Daemon(folder, SINKS) as running:
        yield running


class Jukebox:
    """audiobus play in a process of its own, watched over the bus."""

    def __init__(self, desk: Desk, daemon: Daemon, *files: str) -> None:
        self._desk = desk
        self._path = daemon.path
        self.remote = daemon.remote("watcher")
        self._mirror: Mirror = follow(self.remote, ("player",))
        environment = {**os.environ, "AUDIOBUS_REMOTE": daemon.path}
        command = [str(PROGRAMS / "audiobus"), "play", *files]
        self.process = subprocess.Popen(command, cwd=desk.folder, env=environment, stdout=subprocess.DEVNULL)

    def until(self, is_so: Callable[[Item], object]) -> Item:
        """Wait until the player is as it should be."""
        while True:
            found = [item for item in self._mirror.snapshot().of_kind("player") if is_so(item)]
            if found:
                return found[0]
            assert self.remote.wait(timeout=30), self._mirror.snapshot()

    def ask(self, *words: str) -> Any:
        told = self._desk.run("audiobus", "player", *words, "--json", AUDIOBUS_REMOTE=self._path)
        assert told.code == 0, told.err
        return json.loads(told.out)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.remote.close()


@pytest.fixture
def jukebox(desk: Desk, daemon: Daemon, tmp_path: Path) -> Iterator[Jukebox]:
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        write_song(tmp_path / name, 120)
    desk.put("list.m3u", b"#EXTM3U\n#EXTINF:1,First\na.mp3\nb.mp3\n")
    made = Jukebox(desk, daemon, "list.m3u")
    yield made
    made.close()


def test_it_says_what_plays_and_is_paused_skipped_and_stopped_from_elsewhere(jukebox: Jukebox) -> None:
    playing = jukebox.until(lambda item: item.state == "playing" and item.facts["number"] == 1)
    told = {key: playing.facts[key] for key in ("title", "place", "queue", "queue_length")}
    assert told == {"title": "First", "place": "a.mp3", "queue": "First\nb.mp3", "queue_length": 2}
    assert float(str(playing.facts["length"])) == pytest.approx(120, abs=1)
    jukebox.ask("pause")
    paused = jukebox.until(lambda item: item.state == "paused")
    status = jukebox.ask("status")
    assert status["position"] == pytest.approx(paused.facts["position"], abs=0.001)
    jukebox.ask("toggle")
    jukebox.until(lambda item: item.state == "playing")
    jukebox.ask("next")
    jukebox.until(lambda item: item.facts["number"] == 2 and item.state == "playing")
    jukebox.ask("open", "c.mp3")
    jukebox.until(lambda item: item.facts["number"] == 3 and str(item.facts["place"]).endswith("/c.mp3"))
    jukebox.ask("stop")
    assert jukebox.process.wait(30) == 0


def test_its_volume_is_changed_from_elsewhere(jukebox: Jukebox) -> None:
    jukebox.until(lambda item: item.state == "playing")
    jukebox.ask("volume", "50%")
    jukebox.until(lambda item: item.facts.get("volume") == pytest.approx(0.125))


def test_a_player_that_is_gone_is_gone_from_the_bus(jukebox: Jukebox, daemon: Daemon) -> None:
    jukebox.until(lambda item: item.state == "playing")
    jukebox.process.kill()
    jukebox.process.wait(30)
    with Remote("looker", daemon.path) as other:
        mirror = follow(other, ("player",))
        while mirror.snapshot().of_kind("player"):
            assert other.wait(timeout=30)
