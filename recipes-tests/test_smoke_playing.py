"""Steps of play_to_the_last_byte.feature."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from pytest_bdd import parsers, scenarios, then, when

from qemu.guest import Background
from smoke.board import INSIDE, PLAY, Board, Outcome
from smoke.shelf import Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("play_to_the_last_byte.feature")

MILLISECONDS = 0.03
"""Between a player's reading of the position and ours of the driver's lies a switch of processes."""
Positions = list[dict[str, Any]]


@when(parsers.parse("audiobus plays {first} and then {second}"), target_fixture="outcome")
def _play_two(board: Board, shelf: Shelf, first: str, second: str) -> Outcome:
    return board.run(*PLAY, songs=[shelf.find(first), shelf.find(second)])


@when(
    parsers.parse("pyfcplay plays {name} with a buffer of {buffer} bytes in {fragments} fragments"),
    target_fixture="outcome",
)
def _fcplay(board: Board, shelf: Shelf, name: str, buffer: str, fragments: str) -> Outcome:
    flags = ["-c", "0", "-d", "0", "-b", buffer, "-f", fragments, "-v"]
    return board.run("pyfcplay", *flags, songs=[shelf.find(name)])


@when(
    parsers.parse("{name} plays and its position is compared with the driver's clock"),
    target_fixture="positions",
)
def _watch(board: Board, shelf: Shelf, name: str) -> Positions:
    song = shelf.find(name)
    outcome = board.run("python3", INSIDE / "watch_positions.py", *PLAY, songs=[song])
    assert outcome.status == 0, outcome.err
    positions = outcome.told("position")
    for position in positions:
        position["true"] = max(0, position["rendered_frames"] - song.delay) / song.rate  # type: ignore[operator]
    return positions


@when(parsers.parse("all of it was written and {seconds:d} seconds pass"))
def _half(board: Board, seconds: int) -> None:
    board.wait(seconds)


@when(parsers.parse("{name} is paused for 2 seconds on the way"), target_fixture="outcome")
def _pause(board: Board, shelf: Shelf, name: str) -> Outcome:
    outcome = board.run("python3", INSIDE / "pause_and_resume.py", songs=[shelf.find(name)])
    assert outcome.status == 0, outcome.err
    return outcome


@then(parsers.parse("the driver was told that it gets {codec} with {channels} channels at the song's rate"))
def _told(board: Board, outcome: Outcome, codec: str, channels: str) -> None:
    params = board.books("params")
    assert board.books()["codec"] == codec
    assert params["codec.ch_in"] == channels
    assert params["codec.sample_rate"] == str(outcome.songs[0].rate)


@then("it was told the sizes of the song's blocks")
def _told_blocks(board: Board, outcome: Outcome) -> None:
    info = outcome.songs[0].stream[8:]  # "fLaC", a block header, then STREAMINFO (RFC 9639, 8.2)
    params = board.books("params")
    assert int(params["flac_d.min_blk_size"]) == int.from_bytes(info[0:2], "big")
    assert int(params["flac_d.max_blk_size"]) == int.from_bytes(info[2:4], "big")
    assert int(params["flac_d.max_frame_size"]) == int.from_bytes(info[7:10], "big")


@then(parsers.parse("the driver's ring had {fragments} fragments of {size} bytes"))
def _ring(board: Board, fragments: str, size: str) -> None:
    books = board.books()
    assert (books["fragments"], books["fragment_size"]) == (fragments, size)


@then("each position is right within its own uncertainty")
def _right(positions: Positions) -> None:
    assert len(positions) > 30
    for position in positions:
        error = abs(position["seconds"] - position["true"])
        assert error <= position["uncertainty"] + MILLISECONDS, position


@then(parsers.parse("the uncertainty is at most {seconds:g} seconds"))
def _sure(positions: Positions, seconds: float) -> None:
    assert max(position["uncertainty"] for position in positions) <= seconds


@then("the position never went back")
def _forward(positions: Positions) -> None:
    assert all(before["seconds"] <= after["seconds"] for before, after in pairwise(positions))
    assert positions[-1]["seconds"] > 19


@then(parsers.parse("{seconds:d} seconds lay between start and end of the drain"))
def _drained(board: Board, outcome: Outcome, seconds: int) -> None:
    (start,), (end,) = board.log("start"), board.log("drained")
    assert end.at - start.at == pytest.approx(seconds, abs=0.1)
    assert int(end.facts["frame"]) == outcome.songs[0].frames


@then("the device was closed only after that")
def _closed(board: Board) -> None:
    assert [event.name for event in board.log()[-2:]] == ["drained", "close"]


@then("the player is still there and the driver is draining")
def _waits(board: Board, player: Background) -> None:
    assert player.is_running
    assert board.books()["state"] == "DRAINING"


@then("the driver stood still meanwhile")
def _stood_still(board: Board, outcome: Outcome) -> None:
    told = json.loads(outcome.out)
    assert told["held"][0] == told["held"][1] > 0
    (paused,), (resumed,) = board.log("pause"), board.log("resume")
    assert resumed.at - paused.at == pytest.approx(2, abs=0.1)
    assert int(resumed.facts["frame"]) == pytest.approx(int(paused.facts["frame"]), abs=1)  # the driver rounds
