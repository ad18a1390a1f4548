"""Steps of play_through_the_daemon.feature."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from qemu.guest import Background
from smoke.board import BUSYBOX, Board, Outcome
from smoke.shelf import LONG, Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("play_through_the_daemon.feature")

SOCKET = "/tmp/bus"
DAEMON = ("audiobusd", "--socket", SOCKET, "--config", "", "--board", "")
ASK = (BUSYBOX, "env", f"AUDIOBUS_REMOTE={SOCKET}", "audiobus", "player")
PLAY = (BUSYBOX, "env", f"AUDIOBUS_REMOTE={SOCKET}", "audiobus", "play", "--json")


def _ask(board: Board, verb: str) -> None:
    outcome = board.run(*ASK, verb)
    assert outcome.status == 0, outcome.err


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


@when("a long song is played through the daemon", target_fixture="player")
def _long(board: Board, shelf: Shelf) -> Background:
    return board.in_mid_song(board.start(*PLAY, shelf.find(LONG).path), "RUNNING")


@when("its player is asked to pause")
def _pause(board: Board) -> None:
    _ask(board, "pause")


@then("the DSP holds, and goes on when that is asked for")
def _resume(board: Board) -> None:
    board.until("state PAUSED")
    board.wait(2)
    _ask(board, "resume")
    board.until("state RUNNING")


@when("the player is killed")
def _kill(board: Board, player: Background) -> None:
    player.kill(signal.SIGKILL)
    board.end_of(player)


@then("the device is free soon")
def _free(board: Board) -> None:
    board.until("open 0")
    board.order("reset")


@when("an album is played through the daemon", target_fixture="outcome")
def _album(board: Board, shelf: Shelf) -> Outcome:
    return board.run(*PLAY, songs=[shelf.find(f"track {number}") for number in (1, 2, 3)])


@then("its tracks followed each other in one opening of the device")
def _joined(board: Board, outcome: Outcome) -> None:
    assert [event["gapless"] for event in outcome.told("track-changed")] == [True, True], outcome.out
    assert len(board.log("open")) == 1


@when("the card is unplugged", target_fixture="outcome")
def _unplug(board: Board, player: Background) -> Outcome:
    board.order("unplug")
    return board.end_of(player)


@then("the rest of the song is decoded, because the DSP is gone")
def _decoded(outcome: Outcome) -> None:
    (moved,) = outcome.told("moved")
    assert moved["mode"] == "pcm"
    assert "hw:0,0" in str(moved["reason"])
    assert outcome.status == 0, outcome.err


@then("the daemon lives")
def _lives(daemon: Background) -> None:
    assert daemon.is_running
