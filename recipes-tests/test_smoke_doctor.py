"""Steps of ask_the_doctor.feature."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from qemu.guest import Background
from qemu.options import CHECKOUT
from smoke.board import BUSYBOX, Board, Outcome

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("ask_the_doctor.feature")

BOARD_FILE = CHECKOUT / "meta-pyaudiobus/recipes-pyaudiobus/pyaudiobus-board/files/qemuall/board.yaml"
SAID = "/tmp/doctor-said"
"""Where the doctor's standard error goes in the guest."""
DOCTOR = ("audiobus", "doctor", "--json", "--board", BOARD_FILE)


def _check(outcome: Outcome, topic: str) -> dict[str, Any]:
    """Return what the doctor said of one thing."""
    return next(check for check in outcome.told("check") if check["check"] == topic)


@given("the card is unplugged")
def _unplug(board: Board) -> None:
    board.order("unplug")


@given("the doctor waits for it", target_fixture="doctor")
def _wait(board: Board) -> Background:
    doctor = board.start(BUSYBOX, "sh", "-c", f'exec "$@" 2> {SAID}', "sh", *DOCTOR, "--wait", "120")
    board.until_said(SAID, "not yet well")
    return doctor


@when("its owner asks the doctor", target_fixture="outcome")
def _ask(board: Board) -> Outcome:
    return board.run(*DOCTOR)


@when("its driver is loaded anew")
def _reload(board: Board) -> None:
    board.load_driver("")


@then(parsers.parse('the doctor says of "{topic}": "{line}"'))
def _says(outcome: Outcome, topic: str, line: str) -> None:
    check = _check(outcome, topic)
    assert (check["standing"], check["line"]) == ("ok", line)


@then(parsers.parse('the doctor did not look at "{topic}" because "{reason}"'))
def _skipped(outcome: Outcome, topic: str, reason: str) -> None:
    check = _check(outcome, topic)
    assert (check["standing"], check["line"]) == ("not checked", reason)


@then("the song still plays")
def _plays(board: Board) -> None:
    assert board.books()["state"] == "RUNNING"


@then(parsers.parse("the doctor ends with {status:d}"))
def _ends(board: Board, doctor: Background, status: int) -> None:
    outcome = board.end_of(doctor)
    assert outcome.status == status, outcome.out
    assert "not yet well (there is no card VirtualDSP)" in board.guest.read(SAID).decode()
