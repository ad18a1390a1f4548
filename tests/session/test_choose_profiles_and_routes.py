"""Steps of choose_profiles_and_routes.feature: a bus with a card, and a session manager beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.items import Item
from pyaudiobus.protocol.messages import SetParam
from pyaudiobus.session.configuration import Places, read
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from tests.daemon.card_bus import CardBus

scenarios("choose_profiles_and_routes.feature")


class Board:
    """A bus with one card, whoever governs it, and a person."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.policy: str | None = None
        self.bus: CardBus
        self.person: Remote
        self.session: Session
        self._boots = 0

    def boot(self, *, is_plugged: bool = True) -> None:
        self._boots += 1
        folder = self.folder / f"boot{self._boots}"
        folder.mkdir()
        self.bus = CardBus(folder, is_plugged=is_plugged)
        self.person = self.bus.remote("person")

    def govern(self) -> None:
        state = StateFile(str(self.folder / "state.json"))
        state.load()
        path = None
        if self.policy is not None:
            path = str(self.folder / "policy.yaml")
            Path(path).write_text(self.policy)
        remote = self.bus.remote("session")
        self.session = Session(remote, read(Places(policy=path)), state, clock=lambda: self.now)
        self.session.start()

    def wait_for(self, name: str, fact: str, value: object) -> None:
        """Let the session manager work until a fact is so."""
        while self.item(name).facts.get(fact) != value:
            self.session.wait()

    def item(self, name: str) -> Item:
        bus = look(self.person)
        found = bus.find(name, "device") or bus.find(name, "node")
        assert found is not None, name
        return found

    def choose(self, subject: str, param: str, **words: object) -> None:
        self.person.ask("set-param", SetParam(self.item(subject).serial, param, json.dumps(words)))

    def leave(self) -> None:
        if hasattr(self, "session"):
            self.session.save()
            self.session._remote.close()
        self.person.close()
        self.bus.close()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    made = Board(tmp_path)
    yield made
    made.leave()


@given("a card with the profiles hifi, voice and off")
def _(board: Board) -> None:
    board.boot()


@given("a card with the profiles hifi, voice and off, which is away")
def _(board: Board) -> None:
    board.boot(is_plugged=False)


@given("a policy file that wants the profile voice")
def _(board: Board) -> None:
    board.policy = "devices:\n  Board: {profiles: [voice]}\n"


@given("a policy file that wants speaker to be heard by headphones")
def _(board: Board) -> None:
    board.policy = "devices:\n  speaker: {routes: [headphones, speaker]}\n"


@given(parsers.parse("the control {name} cannot be set"))
def _(board: Board, name: str) -> None:
    board.bus.mixers.broken.add(name)


@when(parsers.parse("the control {name} can be set"))
def _(board: Board, name: str) -> None:
    board.bus.mixers.broken.remove(name)


@given("the session manager has started")
@when("the session manager starts")
def _(board: Board) -> None:
    board.govern()


@when(parsers.parse("somebody chooses the profile {name}"))
def _(board: Board, name: str) -> None:
    word, *for_now = name.split()
    board.choose("Board", "Profile", name=word, save=not for_now)
    board.wait_for("Board", "profile", word)
    board.session.wait()


@when(parsers.parse("somebody chooses the route {name} of {sink}"))
def _(board: Board, name: str, sink: str) -> None:
    board.choose(sink, "Route", name=name, save=True)
    board.session.wait()


@then("the bus and the session manager start again")
def _(board: Board) -> None:
    board.leave()
    board.boot()
    board.govern()


@then(parsers.parse("the card is in the profile {name}"))
def _(board: Board, name: str) -> None:
    assert board.item("Board").facts["profile"] == name


@then(parsers.parse("{sink} is heard by {name}"))
def _(board: Board, sink: str, name: str) -> None:
    assert board.item(sink).facts["route"] == name


@then(parsers.parse("{sink} says that {name} is not available"))
def _(board: Board, sink: str, name: str) -> None:
    assert board.item(sink).facts["routes.unavailable"] == name


@then(parsers.parse('the card says "{words}"'))
def _(board: Board, words: str) -> None:
    assert board.item("Board").facts["error"] == words
    assert words in board.session.history.about(board.item("Board").serial)[-1].verdict.reason


@then("the card says nothing")
def _(board: Board) -> None:
    assert not board.item("Board").facts.get("error")


@then(parsers.parse("it is tried again after {seconds:g} seconds, and says so"))
def _(board: Board, seconds: float) -> None:
    board.now = seconds
    board.session.settle()
    assert board.item("Board").properties["policy.attempt"] == "1"
    assert "Mode" in board.item("Board").properties["policy.reason"]


@then("it is looked for after 0.5, 1.5, 3.5 and 7.5 seconds")
def _(board: Board) -> None:
    made: list[tuple[str | None, float]] = []
    for tenths in range(1, 80):
        board.now = tenths / 10
        board.session.settle()
        attempt = board.item("Board").properties.get("policy.attempt")
        if attempt not in (None, *(known for known, _ in made)):
            made.append((attempt, board.now))
    assert made == [("1", 0.5), ("2", 1.5), ("3", 3.5), ("4", 7.5)]


@when("the card is there and nobody tells")
def _(board: Board) -> None:
    board.bus.list_cards(Board=0)


@when(parsers.parse("{seconds:g} seconds have passed"))
def _(board: Board, seconds: float) -> None:
    board.now += seconds
    board.session.settle()
    board.session.settle()
