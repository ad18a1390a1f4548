"""`audiobus player`: what is shown of players, and what they hear."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pyaudiobus.cli.numbers import clock_seconds
from pyaudiobus.client.players import announce
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.protocol.player_messages import PlayerAsked
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus


class Jukebox(threading.Thread):
    """A player in a thread: it hears until it is told to leave."""

    def __init__(self, bus: LiveBus) -> None:
        super().__init__()
        self.remote = Remote("jukebox", bus.path)
        self.asked: list[PlayerAsked] = []
        self.player = announce(self.remote, "jukebox", self.asked.append)
        self.player.tell(
            status="paused",
            title="Dust",
            artist="Band",
            position=62.0,
            length=200.0,
            number=3,
            queue_length=12,
            volume=0.125,
        )
        self.remote.ask("sync")
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            self.remote.wait(timeout=0.05)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def jukebox(bus: LiveBus) -> Iterator[Jukebox]:
    made = Jukebox(bus)
    made.start()
    yield made
    made.is_over = True
    made.join()
    made.remote.close()


@pytest.fixture
def desk(bus: LiveBus) -> BusDesk:
    return BusDesk(bus)


def test_a_player_is_listed_on_one_line(desk: BusDesk, jukebox: Jukebox) -> None:
    expected = f"{jukebox.player.serial:>4}  jukebox: paused  Band - Dust  1:02.0 / 3:20.0  3 of 12  volume 50%\n"
    assert desk.run("player").out == expected
    assert desk.run("player", "status").out == expected
    assert desk.run("player", "status", "juke").out == expected


def test_json_has_every_field(desk: BusDesk, jukebox: Jukebox) -> None:
    [listed] = desk.told("player", "list")
    assert listed == desk.told("player", "status")
    assert (listed["status"], listed["position"], listed["length"], listed["volume"]) == ("paused", 62.0, 200.0, 0.125)
    assert "seek" in listed["abilities"]
    assert listed["serial"] == jukebox.player.serial


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        (("pause",), ("pause", 0.0, False, 0.0, "")),
        (("toggle", "jukebox"), ("toggle", 0.0, False, 0.0, "")),
        (("seek", "1:30"), ("seek", 90.0, False, 0.0, "")),
        (("seek", "-10"), ("seek", -10.0, True, 0.0, "")),
        (("seek", "+1:00", "jukebox"), ("seek", 60.0, True, 0.0, "")),
        (("seek", "-1:30"), ("seek", -90.0, True, 0.0, "")),
        (("volume", "100%"), ("volume", 0.0, False, 1.0, "")),
        (("volume", "-50%"), ("volume", 0.0, False, 0.0, "")),
        (("open", "http://h/x"), ("open", 0.0, False, 0.0, "http://h/x")),
        (("open", "/music/a.mp3"), ("open", 0.0, False, 0.0, "/music/a.mp3")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value[0], str) and len(value) < 4 else "",
)
def test_a_command_is_heard_as_it_was_meant(
    desk: BusDesk, jukebox: Jukebox, words: tuple[str, ...], heard: tuple[object, ...]
) -> None:
    done = desk.told("player", *words)
    assert done == {"player": jukebox.player.serial, "done": words[0]}
    [asked] = jukebox.asked
    found = (asked.command, asked.seconds, asked.is_relative, asked.value, asked.place)
    assert found == pytest.approx(heard) if words[0] == "volume" else found == heard


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("status",), "there is no player on the bus"),
        (("pause",), "there is no player on the bus that you may command"),
        (("pause", "nobody"), "there is no player 'nobody': the bus has no player"),
        (("seek",), "needs a value"),
        (("seek", "soon"), "'soon' is no time"),
        (("pause", "a", "b"), "one word too many"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(desk: BusDesk, words: tuple[str, ...], sentence: str) -> None:
    told = desk.run("player", *words)
    assert told.code != 0
    assert sentence in told.err
    assert "Traceback" not in told.err


def test_without_players_the_list_is_empty(desk: BusDesk) -> None:
    assert desk.run("player", "list").out == "no players\n"
    assert desk.told("player", "list") == []


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90.0), ("1:30", 90.0), ("1:02:03.5", 3723.5), ("90s", 90.0), ("0", 0.0)]
)
def test_times_are_read_as_people_write_them(text: str, expected: float) -> None:
    assert clock_seconds(text) == expected


@pytest.mark.parametrize("text", ["", "x", "1:2:3:4", "-5", "nan", "1e9", ":30", "inf"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        clock_seconds(text)
