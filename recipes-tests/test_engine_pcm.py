"""The cycle on PCMs of a real kernel: snd-aloop gives back what it is played. In virtual time nothing is late."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from qemu.guest import Guest

pytestmark = pytest.mark.guest
ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).parent / "engine" / "inside" / "loop_back.py"


@pytest.fixture(scope="module")
def board(virtual_guest: Guest) -> Guest:
    virtual_guest.run(["modprobe", "snd-aloop"]).check()
    return virtual_guest


def said(board: Guest, *words: str) -> dict[str, Any]:
    env = {"PYTHONPATH": f"{ROOT}:{ROOT}/service/src"}
    result: dict[str, Any] = json.loads(board.run([sys.executable, PROGRAM, *words], env=env).check().text)
    return result


@pytest.mark.parametrize(("encoding", "quantum"), [("S16", "480"), ("S24", "9600"), ("F32", "960")])
def test_what_is_played_is_recorded_bit_for_bit(board: Guest, encoding: str, quantum: str) -> None:
    heard = said(board, encoding, quantum)
    assert heard["granted"] == encoding
    assert heard["exact"]
    assert heard["xruns"] == [0, 0]
    assert heard["told"] == ["RUNNING", "STARTED", "ENDED", "IDLE"]


def test_a_cycle_wakes_once_a_quantum(board: Guest) -> None:
    quanta = 48_000 // 9600
    assert said(board, "S16", "9600")["wakeups"] <= quanta + 5  # and to begin, to end, to rest


def test_a_card_that_is_taken_away_is_told_and_its_stream_can_leave(board: Guest) -> None:
    lost = said(board, "unplug")
    assert lost["errno"] == errno.ENODEV
    assert lost["taken"] > 0
