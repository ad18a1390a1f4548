"""Steps of look_after_the_bus.feature."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.client.playback import play
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk, Told
from tests.client.live_bus import LiveBus

scenarios("look_after_the_bus.feature")


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


class Owner:
    """Who types, and what was read last."""

    def __init__(self, bus: LiveBus) -> None:
        self.desk = BusDesk(bus)
        self.path = bus.path
        self.last = Told(0, "", "")
        self.programs: list[Remote] = []

    def where(self, stream: str) -> list[str]:
        """The sinks on which a stream plays."""
        sinks = self.desk.told("status")["sinks"]
        return [sink["name"] for sink in sinks if stream in [one["name"] for one in sink["playing"]]]


@pytest.fixture
def owner(bus: LiveBus) -> Iterator[Owner]:
    owner = Owner(bus)
    yield owner
    for program in owner.programs:
        program.close()


@given(parsers.parse('a bus where "{program}" plays "{song}" on "{sink}"'))
def _(owner: Owner, program: str, song: str, sink: str) -> None:
    remote = Remote(program, owner.path)
    owner.programs.append(remote)
    stream = play(remote, PcmFormat(Encoding.S16, 48_000, 2), song)
    assert stream.device == sink


@when(parsers.parse('I type "{line}"'))
@then(parsers.parse('I type "{line}"'))
def _(owner: Owner, line: str) -> None:
    owner.last = owner.desk.run(*shlex.split(line))


@then(parsers.parse('"{song}" is at {percent:d}% of its volume'))
def _(owner: Owner, song: str, percent: int) -> None:
    assert owner.desk.told("volume", song)["percent"] == [percent]


@then(parsers.parse('I read "{line}"'))
def _(owner: Owner, line: str) -> None:
    assert owner.last.out == f"{line}\n"


@then(parsers.parse('I am told "{words}"'))
def _(owner: Owner, words: str) -> None:
    assert owner.last.code == 2
    assert words in owner.last.err


@then(parsers.parse('"{song}" plays on "{sink}"'))
def _(owner: Owner, song: str, sink: str) -> None:
    assert owner.where(song) == [sink]


@then("nothing plays")
def _(owner: Owner) -> None:
    status = owner.desk.told("status")
    assert [sink["playing"] for sink in status["sinks"]] == [[] for _ in status["sinks"]]
    assert status["clients"] == []
