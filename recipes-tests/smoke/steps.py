"""What several smoke features say, and the board they say it about. A feature's own words stand beside it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, then, when

from qemu.guest import Background, Guest
from qemu.kernels import debian_kernel
from qemu.modules import built_module
from qemu.options import CHECKOUT, DRIVER_SOURCES
from smoke.board import PLAY, Board, Outcome
from smoke.machine import ARCH, KERNEL
from smoke.shelf import LONG, Shelf


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that host and guest see under the same path."""
    folder = tmp_path_factory.mktemp("share")
    module = built_module(debian_kernel(ARCH, KERNEL), DRIVER_SOURCES)
    (folder / "driver.ko").write_bytes(module.read_bytes())
    return folder


@pytest.fixture(scope="session")
def booted(share: Path) -> Iterator[Guest]:
    """One guest for all features that need no sound card."""
    with Guest(arch=ARCH, kernel=KERNEL, virtual_time=True, share=share) as guest:
        guest.load_to_memory([CHECKOUT / "service/src"])
        guest.run(["audiobus", "devices"]).check()  # what it loads is in the guest's memory from now on
        yield guest


@pytest.fixture(scope="session")
def shelf(booted: Guest, share: Path) -> Shelf:
    return Shelf(booted, share)


@pytest.fixture(scope="session")
def used_board(booted: Guest, share: Path) -> Board:
    return Board(booted, share / "driver.ko")


@given("a board with the virtual DSP", target_fixture="board")
def _board(used_board: Board) -> Board:
    used_board.start_over()
    return used_board


@given(parsers.parse('its driver is loaded with "{settings}"'))
@given(parsers.re(r'its driver is loaded with "(?P<settings>)"'))
def _load_driver(board: Board, settings: str) -> None:
    board.load_driver(settings)


@given(parsers.parse("the driver's next {call} fails with {errno}"))
def _fail_next(board: Board, call: str, errno: str) -> None:
    board.order(f"fail-next {call} {errno}")


@given("a song is playing", target_fixture="player")
@given("a long song is playing", target_fixture="player")
def _long_song_plays(board: Board, shelf: Shelf) -> Background:
    player = board.start(*PLAY, shelf.find(LONG).path)
    return board.in_mid_song(player, "RUNNING")


@given("a song is draining", target_fixture="player")
@given("a song of 20 seconds is playing", target_fixture="player")
def _short_song_plays(board: Board, shelf: Shelf) -> Background:
    player = board.start(*PLAY, shelf.find("a song of 20 seconds").path)
    return board.in_mid_song(player, "DRAINING")


@when(parsers.re(r"audiobus plays (?P<name>(an?|the) [^,]*?)( on (?P<device>hw:\S+))?$"), target_fixture="outcome")
def _play(board: Board, shelf: Shelf, name: str, device: str | None) -> Outcome:
    words = ["--device", device] if device else []
    return board.run(*PLAY, *words, songs=[shelf.find(name)])


@when(parsers.parse("the player gets {name}"), target_fixture="outcome")
def _signal(board: Board, player: Background, name: str) -> Outcome:
    player.kill(signal.Signals[name])
    return board.end_of(player)


@then(parsers.parse("it ended with {status:d}"))
def _status(outcome: Outcome, status: int) -> None:
    assert outcome.status == status, outcome.err or outcome.out


@then("it played to the end")
def _played(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.err
    assert outcome.err == ""
    assert [event["mode"] for event in outcome.told("summary")] == ["offload"] * len(outcome.songs)


@then(parsers.parse('it said "{words}"'))
def _said(outcome: Outcome, words: str) -> None:
    assert words in outcome.err
    assert "Traceback" not in outcome.err


@then("the DSP consumed the song's frames byte for byte")
@then("the DSP consumed the frames of both, one after the other")
def _consumed(board: Board, outcome: Outcome) -> None:
    assert board.consumed() == outcome.stream
    assert outcome.stream


@then("every frame of it was heard")
def _heard(board: Board, outcome: Outcome) -> None:
    assert int(board.books()["rendered_frames"]) == outcome.songs[-1].frames


@then("the device is free at once")
def _free(board: Board) -> None:
    assert board.books()["open"] == "0"


@then("the demo MP3 can be played")
def _plays_again(board: Board, shelf: Shelf) -> None:
    board.order("reset")
    again = shelf.find("the demo MP3")
    assert board.run(*PLAY, songs=[again]).status == 0
    assert board.consumed() == again.stream
