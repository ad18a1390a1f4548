"""Players that do not answer, and clients that may not ask."""

from __future__ import annotations

import asyncio

import pytest

from pyaudiobus.client.players import announce, command_player
from pyaudiobus.daemon import players
from pyaudiobus.daemon.client import Answer
from pyaudiobus.daemon.players import Players
from pyaudiobus.daemon.registry import Registry
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import Right, SetPermissions
from pyaudiobus.protocol.player_messages import AnnouncePlayer, CommandPlayer
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Permission
from tests.daemon.bench import Daemon


class DeafBus:
    """A bus whose players never hear what they are asked for."""

    def __init__(self) -> None:
        self.registry = Registry()

    def tell_owner(self, *_: object) -> None:
        """Lose it."""


class Asker:
    """A client that may everything."""

    serial = 1
    name = "asker"

    def rights(self, _: object) -> Right:
        return Right.R | Right.X

    def sees(self, _: object) -> bool:
        return True


def test_a_player_that_never_answers_is_answered_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(players, "PATIENCE", 0)

    async def main() -> list[Answer | AudiobusError]:
        known = Players(DeafBus())  # type: ignore[arg-type]
        asker = Asker()
        serial = known.announce(asker, AnnouncePlayer("deaf", ("pause",)))  # type: ignore[arg-type]
        answers: list[Answer | AudiobusError] = []
        is_answered = asyncio.Event()

        def later(answer: Answer | AudiobusError) -> None:
            answers.append(answer)
            is_answered.set()

        known.command(asker, CommandPlayer(serial, "pause"), later)  # type: ignore[arg-type]
        await is_answered.wait()
        return answers

    [answer] = asyncio.run(main())
    assert "did not answer within" in str(answer)


def test_commands_to_a_player_that_does_not_hear_them_are_bounded() -> None:
    async def main() -> None:
        known = Players(DeafBus())  # type: ignore[arg-type]
        asker = Asker()
        serial = known.announce(asker, AnnouncePlayer("deaf", ("pause",)))  # type: ignore[arg-type]
        for _ in range(players.MOST_ASKED):
            known.command(asker, CommandPlayer(serial, "pause"), lambda _: None)  # type: ignore[arg-type]
        with pytest.raises(players.TooMany):
            known.command(asker, CommandPlayer(serial, "pause"), lambda _: None)  # type: ignore[arg-type]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("rights", "words"),
    [(Right.R, "may not command"), (Right(0), "there is no object")],
    ids=["without x", "without r"],
)
def test_a_client_without_the_right_cannot_command_and_without_sight_does_not_know(
    shared: Daemon, rights: Right, words: str
) -> None:
    with shared.remote("manager") as manager, shared.remote("player") as own, shared.remote("visitor") as visitor:
        player = announce(own, "jukebox", lambda _: None)
        entry = Permission(player.serial, int(rights))
        manager.ask("set-permissions", SetPermissions(visitor.welcome.client, (entry,)))
        with pytest.raises(Refused, match=words):
            visitor.do(command_player(player.serial, "pause"))
        with pytest.raises(Refused, match="no player on the bus that you may command"):
            visitor.do(command_player(0, "pause"))
