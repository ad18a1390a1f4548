"""The report as it is read on a serial console, and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pyaudiobus.cli.doctor_report import WIDTH, describe, objects
from tests.doctor.bench import Dragonboard
from tests.doctor.failures import FAILURES, spoil

COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def board(tmp_path: Path) -> Dragonboard:
    return Dragonboard(tmp_path)


@pytest.mark.parametrize("failure", FAILURES)
def test_no_line_but_a_command_or_a_path_is_wider_than_a_serial_console(board: Dragonboard, failure: str) -> None:
    spoil(board, failure)
    text = describe(board.examine(), colour=False).replace(str(board.folder), "")
    wide = [line for line in text.splitlines() if len(line) > WIDTH]
    assert all("next: " in line for line in wide)


def test_colours_change_nothing_but_colours(board: Dragonboard) -> None:
    spoil(board, "the DSP has crashed")
    found = board.examine()
    coloured = describe(found, colour=True)
    assert "\x1b[1;31mBROKEN\x1b[0m" in coloured
    assert COLOUR.sub("", coloured) == describe(found, colour=False)


def test_the_kernels_words_cannot_move_the_cursor(board: Dragonboard) -> None:
    board.log("remoteproc remoteproc0: \x1b[2J\x07 powering up")
    board.lose_dsp()
    text = describe(board.examine(), colour=False)
    assert "\x1b" not in text
    assert "\\x1b[2J\\x07" in text


def test_consequences_do_not_tell_what_to_do(board: Dragonboard) -> None:
    spoil(board, "the DSP's firmware is not installed")
    text = describe(board.examine(), colour=False)
    assert [line.strip() for line in text.splitlines() if "next: " in line] == [
        "next: scp adsp.mbn root@qcom-armv8a:/lib/firmware/qcom/sdm845/"
    ] * 2
    assert "follows from: firmware" in text


def test_json_has_an_object_for_each_check_and_one_for_all(board: Dragonboard) -> None:
    spoil(board, "the DSP has crashed")
    *checks, diagnosis = [json.loads(line) for line in objects(board.examine())]
    dsp = next(check for check in checks if check["check"] == "dsp")
    assert (dsp["standing"], dsp["line"], dsp["follows_from"]) == ("broken", "adsp (remoteproc0) has crashed", [])
    assert dsp["command"] == "echo recover > /sys/class/remoteproc/remoteproc0/recovery"
    assert (diagnosis["event"], diagnosis["well"], diagnosis["cause"]) == ("diagnosis", False, "dsp")
    assert diagnosis["story"].startswith("there is no card DB845c, because")
    assert diagnosis["command"] == dsp["command"]
