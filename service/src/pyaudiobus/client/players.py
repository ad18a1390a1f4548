"""Being a player on the bus, and commanding others. With asyncio: aio_players.py.

    player = announce(remote, "jukebox", obey, abilities=("pause", "resume"))
    player.tell(status="playing", title="A song", position=1.5)

`obey` is called with each command while the remote waits for something, and raises AudiobusError to refuse.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.snapshot import Item
from pyaudiobus.protocol.messages import Named
from pyaudiobus.protocol.player_messages import (
    COMMANDS,
    AnnouncePlayer,
    AnswerPlayer,
    CommandPlayer,
    PlayerAsked,
    PlayerState,
)
from pyaudiobus.protocol.words import MAX_TEXT

LATEST = 0
"""Instead of a serial: the player that was active last."""
Obey = Callable[[PlayerAsked], None]


def command_player(player: int, name: str, **more: Any) -> Request:  # noqa: ANN401
    """Ask a player (or LATEST) for something: one of COMMANDS. Answer: PlayerObeyed, once it has done so.

    `more` are the fields of CommandPlayer: `seconds` and `is_relative` for seek, `value` for volume, `place` for open.
    """
    return Request("command-player", CommandPlayer(player, name, **more))


class AnnouncedPlayer:
    """A player of this program, over a connection that blocks."""

    def __init__(self, remote: Remote, serial: int, obey: Obey, abilities: tuple[str, ...]) -> None:
        self.serial = serial
        self._remote = remote
        self._obey = obey
        self._told = PlayerState(serial, "stopped", abilities)
        remote.listen(serial, self._hear)

    def tell(self, **changes: Any) -> None:  # noqa: ANN401
        """Say what is different: fields of PlayerState. A position is measured now unless `measured_at` says when."""
        told = changed(self._told, changes)
        if told != self._told and self._remote.is_open:
            self._told = told
            self._remote.ask_later("player-state", told, lambda _: None)

    def close(self) -> None:
        """Be no player any more; legal twice."""
        if self._remote.is_open:
            self._remote.unlisten(self.serial)
            self._remote.ask_later("destroy", Named(self.serial), lambda _: None)

    def _hear(self, happening: Happening) -> None:
        asked = happening.body
        if isinstance(asked, PlayerAsked):
            try:
                self._obey(asked)
            except AudiobusError as error:
                answer = refused(asked, error)
            else:
                answer = AnswerPlayer(asked.serial, asked.token)
            self._remote.ask_later("answer-player", answer, lambda _: None)


def announce(
    remote: Remote,
    name: str,
    obey: Obey,
    *,
    abilities: tuple[str, ...] = COMMANDS,
    properties: dict[str, str] | None = None,
) -> AnnouncedPlayer:
    """Be a player from now on. Refused where the bus says no."""
    made = remote.ask("announce-player", AnnouncePlayer(name, abilities, properties or {}))
    return AnnouncedPlayer(remote, made.serial, obey, abilities)


def changed(told: PlayerState, changes: dict[str, Any]) -> PlayerState:
    """Return a state with changes; a new position is one of this moment, unless it is said when it was measured."""
    if "position" in changes and "measured_at" not in changes:
        changes = {**changes, "measured_at": time.monotonic_ns()}
    return replace(told, **changes)


def refused(asked: PlayerAsked, error: AudiobusError) -> AnswerPlayer:
    """Return the answer to a command that is not obeyed."""
    return AnswerPlayer(asked.serial, asked.token, (error.what or "it was refused")[:MAX_TEXT], error.advice[:MAX_TEXT])


def latest(players: Iterable[Item]) -> Item | None:
    """Return the player that was active last, as the bus chooses where nobody is named."""
    return max(players, key=lambda item: int(item.facts.get("active") or 0), default=None)


def position_now(state: str, facts: Mapping[str, Any], now: int) -> float:
    """Return the seconds that a player has got to at `now` (CLOCK_MONOTONIC, ns), by what it has told last."""
    position = float(facts.get("position") or 0.0)
    if state != "playing":
        return position
    gone = max(0, now - int(facts.get("measured_at") or now)) / 1e9
    length = float(facts.get("length") or 0.0)
    return min(position + gone, length) if length else position + gone
