"""Steps of every_codec.feature."""

from __future__ import annotations

import errno
import json
import platform

import pytest
from pytest_bdd import scenarios, then, when

from smoke.board import INSIDE, PLAY, Board, Outcome
from smoke.codecs import EVERY, LIES
from smoke.machine import ARCH
from smoke.shelf import Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = [
    pytest.mark.guest,
    pytest.mark.skipif(platform.machine() != ARCH, reason="the small Debian of another architecture has no PyAV"),
]
scenarios("every_codec.feature")


@when("audiobus plays a file of every codec, one after the other", target_fixture="outcome")
def _play_all(board: Board, shelf: Shelf) -> Outcome:
    return board.run(*PLAY, songs=[shelf.find(name) for name in EVERY])


@then("none of them was decoded")
def _all_offloaded(outcome: Outcome) -> None:
    assert [event["mode"] for event in outcome.told("negotiated")] == ["offload"] * len(EVERY)


@then("the DSP consumed the packets of all, framed as it wants them")
def _consumed(board: Board, outcome: Outcome) -> None:
    assert board.consumed() == outcome.stream


@then("the driver had nothing to say against their options")
def _nothing_wrong(board: Board) -> None:
    assert board.log("bad_options") == []


@when("files are played with options that are not theirs", target_fixture="answers")
def _lie(board: Board, shelf: Shelf) -> list[int]:
    lies = [(str(shelf.find(f"the file {name}").path), changed) for name, changed, _ in LIES]
    outcome = board.run("python3", INSIDE / "lie_about_options.py", json.dumps(lies))
    assert outcome.status == 0, outcome.err
    answers: list[int] = json.loads(outcome.out)
    return answers


@then("the driver refuses each as an invalid argument, and logs what was wrong")
def _refused(board: Board, answers: list[int]) -> None:
    assert answers == [errno.EINVAL] * len(LIES)
    assert [event.facts["field"] for event in board.log("bad_options")] == [field for _, _, field in LIES]


@then("the next file plays")
def _next_plays(board: Board, shelf: Shelf) -> None:
    outcome = board.run(*PLAY, songs=[shelf.find("the file alac.m4a")])
    assert outcome.status == 0, outcome.err
    assert [event["mode"] for event in outcome.told("negotiated")] == ["offload"]
