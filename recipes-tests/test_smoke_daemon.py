"""Steps of play_through_the_daemon.feature."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, scenarios, when

from qemu.guest import Background
from smoke.board import BUSYBOX, Board, Outcome
from smoke.shelf import Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("play_through_the_daemon.feature")

SOCKET = "/tmp/bus"
DAEMON = ("audiobusd", "--socket", SOCKET, "--config", "", "--board", "")
PLAY = (BUSYBOX, "env", f"AUDIOBUS_REMOTE={SOCKET}", "audiobus", "play", "--json")


@given("the daemon runs", target_fixture="daemon")
def _daemon(board: Board) -> Iterator[Background]:
    board.guest.run([BUSYBOX, "rm", "-f", SOCKET]).check()
    daemon = board.start(*DAEMON)
    script = f"n=600; until [ -S {SOCKET} ]; do n=$((n-1)); [ $n -gt 0 ] || exit 1; {BUSYBOX} sleep 0.1; done"
    board.guest.run([BUSYBOX, "sh", "-c", script]).check()
    board.wait(1)
    yield daemon
    if daemon.is_running:
        daemon.kill(signal.SIGKILL)


@when(parsers.parse("a program plays {name} through the daemon"), target_fixture="outcome")
def _play(board: Board, shelf: Shelf, name: str) -> Outcome:
    return board.run(*PLAY, songs=[shelf.find(name)])
