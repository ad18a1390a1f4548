"""Steps of share_the_device.feature."""

from __future__ import annotations

import pytest
from pytest_bdd import parsers, scenarios, then, when

from qemu.guest import Background
from smoke.board import PLAY, Board, Outcome
from smoke.shelf import Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("share_the_device.feature")


@when(parsers.parse("audiobus plays {name} on any device and otherwise on nothing"), target_fixture="outcome")
def _play_anywhere(board: Board, shelf: Shelf, name: str) -> Outcome:
    words = ("audiobus", "play", "--device", "auto", "--pcm", "null", "--json")
    return board.run(*words, songs=[shelf.find(name)])


@when(parsers.parse('audiobus plays {name} with the route "{route}"'), target_fixture="outcome")
def _play_routed(board: Board, shelf: Shelf, name: str, route: str) -> Outcome:
    return board.run(*PLAY, "--route", route, songs=[shelf.find(name)])


@then("the first player plays on")
def _plays_on(board: Board, player: Background) -> None:
    before = int(board.books()["rendered_frames"])
    board.wait(1)
    assert player.is_running
    assert int(board.books()["rendered_frames"]) > before


@then(parsers.parse('it was decoded because "{reason}"'))
def _decoded(outcome: Outcome, reason: str) -> None:
    (negotiated,) = outcome.told("negotiated")
    assert negotiated["mode"] == "pcm"
    assert reason in str(negotiated["reason"])


@then("the route is off again")
def _off(board: Board) -> None:
    assert board.books()["routed"] == "0"
    assert [event.facts["on"] for event in board.log("route")] == ["1", "0"]
