"""Steps of outlive_the_session_manager.feature."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.client.mirror import look
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.protocol.messages import Named
from tests.daemon.bench import FRAME, Daemon, Observer, Player, Recorder, noise
from tests.session.program import Program, audiobus

scenarios("outlive_the_session_manager.feature")
SONG = noise(24_000)
POLICY = "roles:\n  music: {priority: 10}\n"
MISTAKE = "roles:\n  music: {priority: 10}\n  alert: {prioritty: 50}\n"


class Song:
    """A song, who plays it, and what is heard of it."""

    def __init__(self, daemon: Daemon) -> None:
        self.remote = daemon.remote("player")
        self.player = Player(self.remote, "song", corked=False, target="speaker")
        self.recorder = Recorder(self.remote, "speaker.monitor")
        self.heard = b""

    def play(self) -> None:
        self.player.write(SONG)
        self.remote.ask("trigger", Named(self.player.serial))

    def hear(self, size: int) -> None:
        self.heard += self.recorder.read_sound(size) if not self.heard else self.recorder.read(size)


@given("a bus with a session manager", target_fixture="program")
def _(daemon: Daemon, tmp_path: Path) -> Iterator[Program]:
    with Program(daemon, tmp_path, POLICY) as made:
        yield made


@given("a song that plays and is recorded", target_fixture="song")
@pytest.mark.usefixtures("program")
def _(daemon: Daemon) -> Iterator[Song]:
    song = Song(daemon)
    yield song
    song.remote.close()


@when("the session manager is killed and started again, five times while the song plays")
def _(program: Program, song: Song) -> None:
    dice = random.Random(7)
    song.play()
    for _ in range(5):
        song.hear(dice.randrange(100, 2000) * FRAME)
        program.kill()
        song.hear(dice.randrange(100, 2000) * FRAME)
        program.start()


@then("every sample of the song was heard, in order")
def _(song: Song) -> None:
    song.hear(len(SONG) - len(song.heard))
    assert song.heard == SONG


@then("the song has never left its sink")
def _(song: Song) -> None:
    song.remote.ask("sync")
    told = [event.name for event in song.remote.happenings() if event.name in ("moved", "killed")]
    assert told == []


@when("the session manager hangs")
def _(program: Program) -> None:
    program.process.send_signal(signal.SIGSTOP)


@when("the session manager goes on")
def _(program: Program) -> None:
    program.process.send_signal(signal.SIGCONT)


@when("the session manager is killed")
def _(program: Program, song: Song) -> None:
    picture = Observer(song.remote)
    program.kill()
    picture.until(lambda: core(picture) == "none")
    song.remote.watchers.remove(picture)


def core(picture: Observer) -> object:
    return next(one for one in picture.objects.values() if one.kind == "core").facts["session_state"]


@when("another song begins", target_fixture="other")
def _(song: Song) -> Player:
    return Player(song.remote, "other song")


@then(parsers.parse('that song is served, because "{reason}"'))
def _(other: Player, reason: str) -> None:
    assert other.created.reason.endswith(f"({reason})")
    assert other.created.device_name


@then("that song is served by the bus itself")
def _(other: Player) -> None:
    assert other.created.device_name
    assert "(" not in other.created.reason


@then("it governs again")
def _(song: Song) -> None:
    picture = Observer(song.remote)
    picture.until(lambda: core(picture) == "governs")
    song.remote.watchers.remove(picture)


@then("people are told that there is none")
def _(daemon: Daemon) -> None:
    told = audiobus(daemon, "explain", "song")
    assert told.returncode == 0, told.stderr
    assert "There is no session manager" in told.stdout
    assert audiobus(daemon, "session").returncode == 1


@when("nothing happens for a while", target_fixture="slept")
def _(program: Program, song: Song) -> int:
    """A while is what others need to hear half a second of sound."""
    settle(song)
    before = program.wakeups()
    song.recorder.read(24_000 * FRAME)
    return program.wakeups() - before


def settle(song: Song) -> Snapshot:
    """Wait until nothing is on its way to the session manager: it has slept through two rounds of questions."""
    song.recorder.read(24_000 * FRAME)
    return look(song.remote)


@then("the session manager has not been woken once")
def _(slept: int) -> None:
    assert slept == 0


@when("its policy file gets a mistake and is read again")
def _(program: Program) -> None:
    program.policy.write_text(MISTAKE)
    program.reload()


@when("the mistake is mended and the file is read again")
def _(program: Program) -> None:
    program.policy.write_text(MISTAKE.replace("prioritty", "priority") + "settings: {role.ramp: 77}\n")
    program.reload()


@then("nothing has changed, and the log names file, line and column")
def _(daemon: Daemon, program: Program) -> None:
    assert f"{program.policy}:3:11" in program.log()
    assert "priority" in program.log()
    assert audiobus(daemon, "settings", "get", "role.ramp").stdout == "200\n"


@then("the new policy counts")
def _(daemon: Daemon) -> None:
    assert audiobus(daemon, "settings", "get", "role.ramp").stdout == "77\n"
