"""Steps of driver_appears.feature."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from smoke.board import Board

pytest_plugins = ["smoke.steps"]
pytestmark = pytest.mark.guest
scenarios("driver_appears.feature")

Findings = dict[str, dict[str, Any]]


@given("the card is unplugged")
def _unplug(board: Board) -> None:
    board.order("unplug")


@when("the owner asks audiobus for the devices", target_fixture="findings")
def _ask(board: Board) -> Findings:
    outcome = board.run("audiobus", "devices", "--json")
    assert outcome.status == 0, outcome.err
    found = [json.loads(line) for line in outcome.out.splitlines()]
    return {finding["name"]: finding for finding in found}


@then(parsers.parse('the kernel lists the card "{card}" of the driver "{driver}"'))
def _card(board: Board, card: str, driver: str) -> None:
    listed = board.guest.read("/proc/asound/cards").decode()
    assert f"[{card:15}]: {driver} - " in listed


@then(parsers.parse('it has a node for compressed playback, "{node}"'))
def _node(board: Board, node: str) -> None:
    board.guest.run(["test", "-c", f"/dev/snd/{node}"]).check()
    assert "playback" in board.guest.read("/proc/asound/card0/compr0/info").decode().lower()


@then(parsers.parse("{device} is usable"), target_fixture="finding")
def _usable(findings: Findings, device: str) -> dict[str, Any]:
    finding = findings[device]
    assert (finding["usable"], finding["reason"]) == (True, "")
    assert finding["driver"] == "snd-virtual-dsp"
    return finding


@then(parsers.parse('{device} is unusable because it is "{reason}"'))
def _unusable(findings: Findings, device: str, reason: str) -> None:
    assert not findings[device]["usable"]
    assert reason in findings[device]["reason"]


@then(parsers.parse("{device} is not among them"))
def _missing(findings: Findings, device: str) -> None:
    assert device not in findings


@then(parsers.parse("it takes the codecs {codecs}"))
def _codecs(finding: dict[str, Any], codecs: str) -> None:
    assert sorted(finding["codecs"]) == sorted(codecs.split(", "))


@then(parsers.parse("it takes {fragments} fragments of {sizes} bytes"))
def _ring(finding: dict[str, Any], fragments: str, sizes: str) -> None:
    assert "{min}..{max}".format(**finding["fragments"]) == fragments
    assert "{min}..{max}".format(**finding["fragment_size"]) == sizes
