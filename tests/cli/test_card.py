"""`audiobus card`, on a bus whose card is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.bus_desk import BusDesk
from tests.daemon.card_bus import CardBus


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[CardBus]:
    with CardBus(tmp_path) as made:
        yield made


@pytest.fixture
def desk(bus: CardBus) -> BusDesk:
    return BusDesk(bus)


def test_cards_are_listed_with_what_they_can_be_and_their_sinks_with_their_routes(desk: BusDesk) -> None:
    [card] = desk.told("card")
    assert (card["name"], card["profile"], card["profiles"]) == ("Board", "hifi", ["hifi", "voice", "off"])
    assert {sink["name"]: sink["routes"] for sink in card["sinks"]}["speaker"] == ["speaker", "headphones"]
    lines = desk.run("card", "list").out.splitlines()
    assert lines[0] == f"Board ({card['serial']}) ready  profiles: *hifi voice off"
    assert any("routes: *speaker headphones" in line for line in lines)


def test_a_profile_is_chosen_and_remembered_unless_that_is_not_wanted(desk: BusDesk) -> None:
    told = desk.told("card", "profile", "Board", "voice")
    assert (told["profile"], told["remembered"]) == ("voice", True)
    assert [sink["name"] for sink in desk.told("card")[0]["sinks"]] == ["hdmi"]
    assert desk.told("card", "profile", "Boa", "hifi", "--forget")["remembered"] is False


def test_a_route_is_chosen_by_its_sink(desk: BusDesk) -> None:
    assert desk.run("card", "route", "speaker").out.rstrip().endswith("routes: *speaker headphones")
    assert desk.told("card", "route", "speaker", "headphones")["route"] == "headphones"


def test_a_card_that_is_away_says_why(desk: BusDesk, bus: CardBus) -> None:
    bus.unplug()
    assert "lost" in desk.run("card").out
    done = desk.run("card", "profile", "Board", "voice")
    assert (done.code, done.err.splitlines()[0]) == (1, "audiobus: card Board is not there")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("profile",), "say which: audiobus card profile NAME"),
        (("profile", "Piano"), "there is no card 'Piano'"),
        (("profile", "Board", "surround"), "card Board has no profile 'surround'"),
        (("route", "hdmi"), "hdmi has no routes"),
        (("route", "speaker", "antenna"), "speaker has no route 'antenna'"),
        (("list", "Board"), "write: audiobus card list"),
    ],
)
def test_what_is_not_there_is_named(desk: BusDesk, words: tuple[str, ...], said: str) -> None:
    done = desk.run("card", *words)
    assert done.code in (1, 2)
    assert said in done.err
    assert "Traceback" not in done.err
