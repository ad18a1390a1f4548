"""Steps of use_a_board_file.feature."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from qemu.guest import Background
from qemu.options import CHECKOUT
from smoke.board import BUSYBOX, Board, Outcome
from smoke.shelf import Shelf

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("use_a_board_file.feature")

OF_QEMU = CHECKOUT / "meta-pyaudiobus/recipes-pyaudiobus/pyaudiobus-board/files/qemuall/board.yaml"
SPEAKER_ON = "cards: {VirtualDSP: {controls: {SLIMBUS_0_RX Audio Mixer MultiMedia4: on}}}\n"
FLAC_ALONE = "sinks: {dsp: {kind: compress, card: VirtualDSP, device: 0, codecs: [flac]}}\ndefaults: {encoded: dsp}\n"


@pytest.fixture
def board_file(share: Path) -> Path:
    """Where a scenario's own board file lies, for host and guest."""
    return share / "board.yaml"


def apply(board: Board, path: Path) -> Outcome:
    return board.run("audiobus", "board", "apply", "--card", "VirtualDSP", "--board", path)


@when(
    parsers.re(
        r"audiobus on (?P<device>any device|\S+?)(, route (?P<route>\w+),)? plays the demo MP3 by the board file"
    ),
    target_fixture="outcome",
)
def _play(board: Board, shelf: Shelf, device: str, route: str | None) -> Outcome:
    name = "auto" if device == "any device" else device
    routed = ("--route", route) if route else ()
    words = ("audiobus", "play", "--json", "--device", name, *routed, "--board", OF_QEMU)
    return board.run(*words, songs=[shelf.find("the demo MP3")])


@when("pyfcplay plays the demo MP3 by the board file", target_fixture="outcome")
def _fcplay(board: Board, shelf: Shelf) -> Outcome:
    words = (BUSYBOX, "env", f"AUDIOBUS_BOARD={OF_QEMU}", "pyfcplay", "-c", "0", "-d", "0")
    return board.run(*words, songs=[shelf.find("the demo MP3")])


@when("audiobus plays the demo MP3 by a board file that leaves the DSP only FLAC", target_fixture="outcome")
def _play_decoded(board: Board, shelf: Shelf, board_file: Path) -> Outcome:
    board_file.write_text(FLAC_ALONE)
    words = ("audiobus", "play", "--json", "--pcm", "null", "--board", board_file)
    return board.run(*words, songs=[shelf.find("the demo MP3")])


@when("its controls are set", target_fixture="outcome")
def _apply(board: Board, board_file: Path, docstring: str) -> Outcome:
    board_file.write_text(docstring)
    return apply(board, board_file)


@when("its controls are set again", target_fixture="outcome")
def _apply_again(board: Board, board_file: Path) -> Outcome:
    return apply(board, board_file)


@given("the card is gone")
def _unplug(board: Board) -> None:
    board.order("unplug")


@given("somebody waits to set its controls", target_fixture="waiting")
def _wait(board: Board, board_file: Path) -> Background:
    board_file.write_text(SPEAKER_ON)
    waiting = board.start("audiobus", "board", "apply", "--card", "VirtualDSP", "--wait", "120", "--board", board_file)
    board.wait(20)
    return waiting


@when("its driver is loaded anew")
def _reload(board: Board) -> None:
    board.load_driver("")


@then(parsers.parse("it is done and ended with {status:d}"), target_fixture="outcome")
def _done(board: Board, waiting: Background, status: int) -> Outcome:
    outcome = board.end_of(waiting)
    assert outcome.status == status, outcome.err
    return outcome


@then(parsers.parse("only {route} was on, and it is off again"))
def _only(board: Board, route: str) -> None:
    assert board.books()["routed"] == "0"
    assert [event.facts["on"] for event in board.log("route")] == ["1", "0"]
    lines = board.guest.read("/sys/kernel/debug/snd_virtual_dsp/events").decode().splitlines()
    assert sum(f'control="{route}"' in line for line in lines) == 2


@then("no route was ever on")
def _never(board: Board) -> None:
    assert board.log("route") == []


@then(parsers.parse('it printed "{words}"'))
def _printed(outcome: Outcome, words: str) -> None:
    assert words in outcome.out


@then(parsers.parse('it was decoded, for the DSP is to have "{codecs}"'))
def _decoded(outcome: Outcome, codecs: str) -> None:
    (negotiated,) = outcome.told("negotiated")
    assert negotiated["mode"] == "pcm"
    assert codecs in str(negotiated["reason"])
