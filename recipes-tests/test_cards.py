"""The daemon on sound cards of a real kernel: snd-aloop gives back what it is played, and can be pulled out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from qemu.guest import Guest

pytestmark = pytest.mark.guest
ROOT = Path(__file__).parents[1]
PROGRAM = Path(__file__).parent / "cards" / "inside" / "scene.py"
NEVER = [0, 0, 0]


@pytest.fixture(scope="module")
def said(virtual_guest: Guest) -> dict[str, Any]:
    env = {"PYTHONPATH": f"{ROOT}/recipes-tests:{ROOT}/service/src"}
    result: dict[str, Any] = json.loads(virtual_guest.run([sys.executable, PROGRAM], env=env).check().text)
    return result


def test_what_streams_play_on_a_card_is_recorded_from_it_bit_for_bit_in_every_format(said: dict[str, Any]) -> None:
    for card, form in (("A", "s16/48000/2"), ("B", "s24/44100/2"), ("C", "s32/48000/2")):
        assert said[card] == {"format": form, "exact": True, "late": NEVER}


def test_a_card_gets_the_sum_of_its_streams(said: dict[str, Any]) -> None:
    assert said["mix"] == {"exact": True, "late": NEVER}


def test_a_card_runs_at_the_quantum_that_a_stream_needs_while_it_is_there(said: dict[str, Any]) -> None:
    assert said["quantum"] == {"quanta": [2400, 48, 2400], "exact": True, "xruns": 0}


def test_a_card_that_comes_late_does_what_is_nearest_to_what_it_is_asked_for(said: dict[str, Any]) -> None:
    assert said["missing"] == "there is no sound card 'Steady'"
    assert said["odd"] == "s16/48000/2"


def test_streams_leave_a_card_that_is_pulled_out_and_come_back_as_they_wish(said: dict[str, Any]) -> None:
    told = said["plug"]
    assert told["follows"] == 2 * [["moved", "steady", False], ["moved", "toA", False]]
    assert told["waits"] == told["recorder"] == 2 * [["suspended", True], ["suspended", False]]
    assert "toA is lost" in told["killed"]
    assert told["state"] == "running"


def test_nobody_loses_a_sample_when_a_card_is_pulled_out_and_nothing_stays_open(said: dict[str, Any]) -> None:
    told = said["plug"]
    assert told["whole"] == [True, True]
    assert (told["far"], told["late"]) == ([["started"]], NEVER)
    once, twice = told["descriptors"]
    assert once == twice
