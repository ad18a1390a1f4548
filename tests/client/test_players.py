"""Players on a real bus: what they say of themselves, who may ask them for what; every question is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from pyaudiobus.client import aio, aio_players
from pyaudiobus.client.mirror import follow
from pyaudiobus.client.players import LATEST, AnnouncedPlayer, announce, command_player, position_now
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError, NotSupported
from pyaudiobus.model.snapshot import Item
from pyaudiobus.protocol.messages import Code
from pyaudiobus.protocol.player_messages import PlayerAsked
from pyaudiobus.protocol.wire import Refused
from tests.client.live_bus import LiveBus


class Jukebox:
    """A program that plays, and what it was asked for."""

    def __init__(self, bus: LiveBus, name: str, abilities: tuple[str, ...] = ("pause", "resume", "seek")) -> None:
        self.remote = Remote(name, bus.path)
        self.asked: list[PlayerAsked] = []
        self.player: AnnouncedPlayer = announce(self.remote, name, self.obey, abilities=abilities)

    def obey(self, asked: PlayerAsked) -> None:
        if asked.command == "seek" and asked.seconds > 100:
            raise NotSupported("it ends at 1:40", advice="Seek less far.")
        self.asked.append(asked)

    def hear(self) -> None:
        """Wait for one thing to arrive, and do it."""
        self.remote.wait(timeout=10)

    def settle(self) -> None:
        """Wait until the bus has taken what was said."""
        self.remote.ask("sync")


@pytest.fixture
def jukebox(bus: LiveBus) -> Iterator[Jukebox]:
    made = Jukebox(bus, "jukebox")
    yield made
    made.remote.close()


def players(remote: Remote) -> list[Item]:
    remote.ask("sync")
    mirror = follow(remote, ("player",))
    return list(mirror.snapshot().of_kind("player"))


def ask(remote: Remote, jukebox: Jukebox, player: int, name: str, **more: object) -> object:
    """Ask over one connection while the player, in the same thread, hears it on another."""
    answers: list[object] = []
    request = command_player(player, name, **more)
    remote.ask_later(request.name, request.body, answers.append)
    remote.ask("sync")
    if not answers:
        jukebox.hear()
        jukebox.settle()
    while not answers:
        remote.wait(timeout=10)
    return answers[0]


def test_a_player_is_seen_with_what_it_says_of_itself(remote: Remote, jukebox: Jukebox) -> None:
    jukebox.player.tell(
        status="playing",
        title="Song",
        artist="Band",
        position=2.0,
        measured_at=5,
        length=60.0,
        queue=("a", "b"),
        number=1,
    )
    jukebox.settle()
    [seen] = players(remote)
    assert (seen.name, seen.state, seen.owner) == ("jukebox", "playing", jukebox.remote.welcome.client)
    told = {key: seen.facts[key] for key in ("title", "artist", "position", "length", "queue", "number", "abilities")}
    assert told == {
        "title": "Song",
        "artist": "Band",
        "position": 2.0,
        "length": 60.0,
        "queue": "a\nb",
        "number": 1,
        "abilities": "pause resume seek",
    }
    assert position_now(seen.state, seen.facts, 1_500_000_005) == 3.5
    assert position_now("paused", seen.facts, 1_500_000_005) == 2.0
    assert position_now("playing", seen.facts, 10**12) == 60.0


def test_a_command_reaches_the_player_and_is_answered_when_it_has_obeyed(remote: Remote, jukebox: Jukebox) -> None:
    done = ask(remote, jukebox, jukebox.player.serial, "seek", seconds=-5.0, is_relative=True)
    assert getattr(done, "serial", None) == jukebox.player.serial
    [asked] = jukebox.asked
    assert (asked.command, asked.seconds, asked.is_relative) == ("seek", -5.0, True)
    assert asked.client == remote.welcome.client


def test_what_the_player_refuses_is_refused_in_its_words(remote: Remote, jukebox: Jukebox) -> None:
    error = ask(remote, jukebox, jukebox.player.serial, "seek", seconds=101.0)
    assert isinstance(error, Refused)
    assert (error.what, error.advice) == ("it ends at 1:40", "Seek less far.")


@pytest.mark.parametrize(
    ("name", "code"), [("next", Code.NOT_SUPPORTED), ("dance", Code.INVALID)], ids=["it cannot", "nobody can"]
)
def test_what_a_player_cannot_do_is_refused_at_once(remote: Remote, jukebox: Jukebox, name: str, code: Code) -> None:
    error = ask(remote, jukebox, jukebox.player.serial, name)
    assert isinstance(error, Refused)
    assert error.code is code
    assert not jukebox.asked


def test_without_a_name_the_player_that_was_active_last_is_asked(
    bus: LiveBus, remote: Remote, jukebox: Jukebox
) -> None:
    other = Jukebox(bus, "other")
    try:
        ask(remote, other, LATEST, "pause")
        ask(remote, jukebox, jukebox.player.serial, "pause")
        ask(remote, jukebox, LATEST, "resume")
        other.player.tell(status="playing")
        other.settle()
        ask(remote, other, LATEST, "pause")
        assert [asked.command for asked in jukebox.asked] == ["pause", "resume"]
        assert [asked.command for asked in other.asked] == ["pause", "pause"]
    finally:
        other.remote.close()


def test_a_player_that_leaves_before_it_answers_leaves_nobody_waiting(remote: Remote, jukebox: Jukebox) -> None:
    answers: list[object] = []
    remote.ask_later("command-player", command_player(jukebox.player.serial, "pause").body, answers.append)
    remote.ask("sync")
    jukebox.remote.close()
    while not answers:
        remote.wait(timeout=10)
    assert "left before it answered" in str(answers[0])


def test_without_any_player_that_is_the_answer(remote: Remote) -> None:
    with pytest.raises(Refused, match="no player on the bus"):
        remote.do(command_player(LATEST, "pause"))


def test_nobody_speaks_for_the_player_of_another(remote: Remote, jukebox: Jukebox) -> None:
    stranger = AnnouncedPlayer(remote, jukebox.player.serial, jukebox.obey, ())
    with pytest.raises(Refused, match="is not yours"):
        remote.ask("player-state", stranger._told)


def test_a_client_has_a_bounded_number_of_players_and_may_give_them_up(remote: Remote) -> None:
    own = [announce(remote, f"player {number}", lambda _: None) for number in range(8)]
    with pytest.raises(Refused, match="may have 8 players"):
        announce(remote, "one more", lambda _: None)
    for player in own:
        player.close()
    remote.ask("sync")
    announce(remote, "again", lambda _: None).close()


def test_a_program_of_asyncio_is_a_player_in_the_same_words(bus: LiveBus, remote: Remote) -> None:
    asked: list[str] = []

    async def obey(one: PlayerAsked) -> None:
        if one.command == "stop":
            raise AudiobusError("it goes on")
        asked.append(one.command)

    async def main() -> Refused:
        async with await aio.connect("player", bus.path) as own, await aio.connect("asker", bus.path) as other:
            player = await aio_players.announce(own, "async", obey, abilities=("pause", "stop"))
            await player.tell(status="playing", title="Song")
            await other.do(command_player(player.serial, "pause"))
            with pytest.raises(Refused) as refused:
                await other.do(command_player(LATEST, "stop"))
            await player.close()
            return refused.value

    assert asyncio.run(main()).what == "it goes on"
    assert asked == ["pause"]
    assert players(remote) == []
