"""Steps of survive_failures.feature."""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from qemu.guest import Background
from smoke.board import PLAY, Board, Outcome
from smoke.shelf import LONG, Shelf
from smoke.songs import Song

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("survive_failures.feature")


@given(parsers.parse("a long song is playing, and {name} is to follow"), target_fixture="player")
def _two_songs(board: Board, shelf: Shelf, name: str) -> Background:
    player = board.start(*PLAY, shelf.find(LONG).path, shelf.find(name).path)
    return board.in_mid_song(player, "RUNNING")


@given(
    parsers.parse("a long song is playing on {device} or else on nothing, and {name} is to follow"),
    target_fixture="player",
)
def _two_songs_on(board: Board, shelf: Shelf, device: str, name: str) -> Background:
    words = ("audiobus", "play", "--device", device, "--pcm", "null", "--json")
    player = board.start(*words, shelf.find(LONG).path, shelf.find(name).path)
    return board.in_mid_song(player, "RUNNING")


@pytest.fixture
def second(shelf: Shelf) -> Song:
    """The song that follows."""
    return shelf.find("the demo MP3")


@when("the driver has an xrun", target_fixture="outcome")
def _xrun(board: Board, player: Background) -> Outcome:
    board.order("xrun")
    return board.end_of(player)


@when("the DSP hangs until the player gives it up", target_fixture="outcome")
def _stall(board: Board, player: Background) -> Outcome:
    board.order("stall 1")
    board.until(".* stop .*", book="events")
    board.order("stall 0")
    return board.end_of(player)


@when("the card is unplugged", target_fixture="outcome")
def _unplug(board: Board, player: Background) -> Outcome:
    board.order("unplug")
    return board.end_of(player)


@when("it is plugged in again")
def _plug(board: Board) -> None:
    board.order("plug")


@then(parsers.parse('it was in trouble once: "{words}"'))
def _trouble(outcome: Outcome, words: str) -> None:
    (told,) = outcome.told("stalled")
    assert words in str(told["reason"])


@then(parsers.parse('the DSP went on after one trouble: "{words}"'))
def _went_on(outcome: Outcome, words: str) -> None:
    _trouble(outcome, words)
    (told,) = outcome.told("recovered")
    assert outcome.told("moved") == []
    assert told["attempts"] == 1


@then("the rest of the first song was decoded")
def _rest_decoded(outcome: Outcome) -> None:
    (told,) = outcome.told("moved")
    assert told["mode"] == "pcm"


@then("the second song reached the DSP whole")
def _second_whole(board: Board, outcome: Outcome, second: Song) -> None:
    assert len(outcome.told("summary")) == 2
    assert board.consumed().endswith(second.stream)


@then(parsers.parse('the second song was decoded because "{reason}"'))
def _second_decoded(outcome: Outcome, reason: str) -> None:
    negotiated = outcome.told("negotiated")[1]
    assert negotiated["mode"] == "pcm"
    assert reason in str(negotiated["reason"])
    assert len(outcome.told("summary")) == 2
