"""The daemon as a service: its sockets, what it tells, what it reads again, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import PeerError
from pyaudiobus.protocol.messages import Named
from pyaudiobus.protocol.wire import Refused
from tests.daemon.bench import PATIENCE, PROGRAM, Daemon, Observer, Player, Recorder, attributes, noise

ONE_SINK = "sinks:\n  first: {kind: null}\n"


def check(tmp_path: Path, yaml: str, *words: str) -> subprocess.CompletedProcess[str]:
    config = tmp_path / "audiobusd.yaml"
    config.write_text(yaml)
    command = [sys.executable, "-c", PROGRAM, "--config", str(config), "--board", "", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_configuration_is_checked_without_a_daemon(tmp_path: Path) -> None:
    done = check(tmp_path, ONE_SINK, "--check")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/audiobusd.yaml: good\n")
    done = check(tmp_path, "sinks:\n  first: {kind: nul}\n", "--check")
    assert done.returncode == 2
    assert done.stderr.startswith(f'audiobusd: {tmp_path}/audiobusd.yaml:2:17: "nul" is not known here; did you mean')


def test_a_second_daemon_finds_the_place_taken(launch: Callable[[str], Daemon], tmp_path: Path) -> None:
    daemon = launch(ONE_SINK)
    done = check(tmp_path, ONE_SINK, "--socket", daemon.path)
    assert done.returncode == 2
    assert "listens at" in done.stderr
    with daemon.remote() as remote:
        remote.ask("sync")


def test_a_socket_that_nobody_listens_at_is_replaced(launch: Callable[[str], Daemon], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "bus"))
    launch(ONE_SINK).remote().close()


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bus").write_text("mine")
    done = check(tmp_path, ONE_SINK, "--socket", str(tmp_path / "bus"))
    assert done.returncode == 2
    assert "no socket is there" in done.stderr
    assert (tmp_path / "bus").read_text() == "mine"


def test_it_ends_cleanly_and_says_so_to_its_clients(launch: Callable[[str], Daemon]) -> None:
    daemon = launch(ONE_SINK)
    with daemon.remote() as remote:
        Player(remote)
        assert daemon.stop() == 0
        with pytest.raises(PeerError, match="the daemon stops"):
            remote.ask("sync")
    assert not os.path.exists(daemon.path)


def test_a_socket_that_is_handed_over_is_used_and_left(tmp_path: Path) -> None:
    """As systemd does it: descriptor 3, $LISTEN_FDS, $LISTEN_PID."""
    path = str(tmp_path / "handed")
    activate = (
        "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.dup2(int(sys.argv[1]), 3);"
        "os.execv(sys.executable, [sys.executable, '-c', sys.argv[2], '--config', '', '--board', ''])"
    )
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        command = [sys.executable, "-c", activate, str(listener.fileno()), PROGRAM]
        environment = {**os.environ, "LISTEN_FDS": "1", "AUDIOBUSD_CONFIG": ""}
        process = subprocess.Popen(command, pass_fds=(listener.fileno(),), env=environment, stderr=subprocess.DEVNULL)
        with Remote("early", path) as remote:
            remote.ask("sync")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert stat.S_ISSOCK(os.stat(path).st_mode)


def test_the_service_manager_hears_that_it_lives(tmp_path: Path) -> None:
    told = tmp_path / "notify"
    environment = {**os.environ, "NOTIFY_SOCKET": str(told), "WATCHDOG_USEC": "20000", "AUDIOBUSD_CONFIG": ""}
    command = [sys.executable, "-c", PROGRAM, "--board", "", "--socket", str(tmp_path / "bus")]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(told))
        ear.settimeout(PATIENCE)
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        heard = [ear.recv(100) for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        assert process.wait(PATIENCE) == 0


def test_access_is_read_again_and_a_mistake_leaves_it_as_it_was(launch: Callable[[str], Daemon]) -> None:
    daemon = launch(ONE_SINK)

    def reload(yaml: str) -> None:
        daemon.config.write_text(yaml)
        with daemon.reloading():
            daemon.process.send_signal(signal.SIGHUP)

    with daemon.remote("before") as before:
        seen = Observer(before)
        reload(ONE_SINK + "access: {users: {root: restricted}}\n")
        with daemon.remote("after") as after, pytest.raises(Refused):
            after.ask("get", Named(before.welcome.client))
        reload("nonsense: on\n")
        with daemon.remote("after that") as after, pytest.raises(Refused):
            after.ask("get", Named(before.welcome.client))
        assert 'unknown key "nonsense"' in daemon.log()
        seen.sync()


def test_what_a_file_sink_plays_is_in_the_file_to_the_byte(launch: Callable[[str], Daemon], tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    daemon = launch(f"sinks:\n  disk: {{kind: file, path: {path}}}\n")
    sound = noise(9600)
    with daemon.remote() as remote:
        player = Player(remote, attributes=attributes(50))
        player.write(sound)
        remote.ask("drain", Named(player.serial))
    assert daemon.stop() == 0
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
    at = frames.find(sound[:4])
    assert frames[at : at + len(sound)] == sound


def test_a_dithered_sink_keeps_what_is_smaller_than_its_steps(launch: Callable[[str], Daemon], tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    daemon = launch(f"sinks:\n  disk: {{kind: file, path: {path}, dither: on}}\n")
    with daemon.remote() as remote:
        player = Player(remote, attributes=attributes(50), volume=(0.25,))
        player.write(b"\x05\x00" * 19_200)
        remote.ask("drain", Named(player.serial))
    assert daemon.stop() == 0
    with wave.open(str(path)) as file:
        samples = memoryview(file.readframes(file.getnframes())).cast("h").tolist()
    heard = samples[len(samples) - len(samples) % 2 - 19_200 :]
    assert set(heard) > {0, 1, 2}
    assert abs(sum(samples) - 1.25 * 19_200) < 200


def test_a_null_source_gives_its_tone(launch: Callable[[str], Daemon]) -> None:
    daemon = launch(ONE_SINK + "sources:\n  beep: {kind: null, tone: 12000}\n")
    with daemon.remote() as remote:
        heard = Recorder(remote).read(64)
        samples = memoryview(heard).cast("h").tolist()[::2]
        assert set(samples) <= {0, 16384, 16383, -16384, -16383}
        assert any(samples)
