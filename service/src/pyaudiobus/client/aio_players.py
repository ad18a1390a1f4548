"""Being a player on the bus in a program of asyncio, in the same words as the blocking one (players.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pyaudiobus.client.aio import AsyncRemote
from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.players import changed, refused
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import Named
from pyaudiobus.protocol.player_messages import COMMANDS, AnnouncePlayer, AnswerPlayer, PlayerAsked, PlayerState

ObeyLater = Callable[[PlayerAsked], Awaitable[None]]


class AsyncPlayer:
    """A player of this program."""

    def __init__(self, remote: AsyncRemote, serial: int, obey: ObeyLater, abilities: tuple[str, ...]) -> None:
        self.serial = serial
        self._remote = remote
        self._obey = obey
        self._told = PlayerState(serial, "stopped", abilities)
        self._answers: set[asyncio.Task[None]] = set()
        remote.listen(serial, self._hear)

    async def tell(self, **changes: Any) -> None:  # noqa: ANN401
        """Say what is different: fields of PlayerState. A position is measured now unless `measured_at` says when."""
        told = changed(self._told, changes)
        if told != self._told:
            self._told = told
            await self._remote.do(Request("player-state", told))

    async def close(self) -> None:
        """Be no player any more."""
        self._remote.unlisten(self.serial)
        await self._remote.do(Request("destroy", Named(self.serial)))

    def _hear(self, happening: Happening) -> None:
        if isinstance(happening.body, PlayerAsked):
            task = asyncio.get_running_loop().create_task(self._answer(happening.body))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, asked: PlayerAsked) -> None:
        try:
            await self._obey(asked)
        except AudiobusError as error:
            answer = refused(asked, error)
        else:
            answer = AnswerPlayer(asked.serial, asked.token)
        if self._remote.is_open:
            await self._remote.do(Request("answer-player", answer))


async def announce(
    remote: AsyncRemote,
    name: str,
    obey: ObeyLater,
    *,
    abilities: tuple[str, ...] = COMMANDS,
    properties: dict[str, str] | None = None,
) -> AsyncPlayer:
    """Be a player from now on; `obey` is awaited for each command, and raises AudiobusError to refuse."""
    made = await remote.do(Request("announce-player", AnnouncePlayer(name, abilities, properties or {})))
    return AsyncPlayer(remote, made.serial, obey, abilities)
