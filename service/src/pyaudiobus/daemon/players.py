"""Players: what clients say of what they play, and commands on their way to them. What a player does is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.registry import NotFound
from pyaudiobus.errors import AudiobusError, NotSupported, UserError
from pyaudiobus.protocol.messages import Right
from pyaudiobus.protocol.player_messages import (
    COMMANDS,
    STATUSES,
    AnnouncePlayer,
    AnswerPlayer,
    CommandPlayer,
    PlayerAsked,
    PlayerObeyed,
    PlayerState,
)
from pyaudiobus.protocol.words import MAX_TEXT

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

PATIENCE = 5.0
"""Seconds in which a player has to answer."""
MOST_ASKED = 16
"""Commands that one player has not answered; more are refused."""
MOST_PLAYERS = 8
"""Players of one client."""
Later = Callable[[Answer | AudiobusError], None]


class NoAnswer(AudiobusError):
    """A player did not answer in time, or left."""


class TooMany(AudiobusError):
    """As many as there may be."""


class _Asked:
    """A command that waits for its answer."""

    def __init__(self, later: Later, timer: asyncio.TimerHandle) -> None:
        self.later = later
        self.timer = timer


class PlayerObject(BusObject):
    """A player as an object of the bus; all that is known of it stands in its facts."""

    kind = "player"

    def __init__(self, serial: int, client: Client, wish: AnnouncePlayer) -> None:
        super().__init__(serial, wish.name or client.name, client.serial, wish.properties)
        self.told = PlayerState(serial, "stopped", _checked(wish.abilities))
        self.active = 0
        """Higher: it played, or was asked for something, later."""
        self.asked: dict[int, _Asked] = {}

    @property
    def state(self) -> str:
        """What it does."""
        return self.told.status

    def facts(self) -> Facts:
        """Return what it says of itself. A position is that of the moment `measured_at` (CLOCK_MONOTONIC, ns)."""
        now = self.told
        return {
            "title": now.title,
            "artist": now.artist,
            "place": now.place,
            "position": now.position,
            "measured_at": now.measured_at,
            "length": now.length,
            "number": now.number,
            "queue_length": now.queue_length,
            "queue": "\n".join(title.replace("\n", " ") for title in now.queue)[:MAX_TEXT],
            "volume": now.volume if now.volume >= 0 else None,
            "abilities": " ".join(now.abilities),
            "active": self.active,
        }

    def gone(self) -> None:
        """Let nobody wait for it."""
        asked, self.asked = self.asked, {}
        for one in asked.values():
            one.timer.cancel()
            one.later(NoAnswer(f"player {self.serial} ({self.name}) left before it answered"))


class Players:
    """The players of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._last_token = 0
        self._last_activity = 0

    def announce(self, client: Client, wish: AnnouncePlayer) -> int:
        """Make a client's player known; return its serial. TooMany, UserError."""
        own = sum(isinstance(found, PlayerObject) for found in self._bus.registry.owned_by(client.serial))
        if own >= MOST_PLAYERS:
            raise TooMany(f"a client may have {MOST_PLAYERS} players; this one has as many")
        made = PlayerObject(self._bus.registry.new_serial(), client, wish)
        self._touch(made)
        return self._bus.registry.add(made).serial

    def tell(self, client: Client, told: PlayerState) -> None:
        """Take note of what a client's player does. Denied, NotFound, UserError."""
        player = self._own(client, told.serial)
        if told.status not in STATUSES:
            raise UserError(f"a player cannot be {told.status!r}: only {', '.join(STATUSES)}")
        _checked(told.abilities)
        before, known = player.facts(), player.state
        if told.status == "playing" and known != "playing":
            self._touch(player)
        player.told = told
        changes = {key: value for key, value in player.facts().items() if value != before[key]}
        if changes or known != told.status:
            self._bus.registry.changed(player, changes)

    def command(self, client: Client, wish: CommandPlayer, later: Later) -> None:
        """Ask a player; `later` is called with its answer, or with why there is none."""
        player = self._named(client, wish.serial) if wish.serial else self._latest(client)
        if wish.command not in COMMANDS:
            raise UserError(f"a player cannot be asked to {wish.command!r}: only {', '.join(COMMANDS)}")
        if wish.command not in player.told.abilities:
            raise NotSupported(f"player {player.serial} ({player.name}) cannot {wish.command} now")
        if len(player.asked) >= MOST_ASKED:
            raise TooMany(f"player {player.serial} ({player.name}) has {MOST_ASKED} commands to answer already")
        self._touch(player)
        self._last_token += 1
        token = self._last_token
        timer = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience, player, token)
        player.asked[token] = _Asked(later, timer)
        asked = PlayerAsked(
            player.serial, token, client.serial, wish.command, wish.seconds, wish.is_relative, wish.value, wish.place
        )
        self._bus.tell_owner(player, "player-asked", asked)

    def answer(self, client: Client, told: AnswerPlayer) -> None:
        """Hand a player's answer to whoever asked. An answer that nobody waits for any more is nothing."""
        player = self._own(client, told.serial)
        asked = player.asked.pop(told.token, None)
        if asked is None:
            return
        asked.timer.cancel()
        if told.refusal:
            asked.later(AudiobusError(told.refusal, advice=told.advice))
        else:
            asked.later(Answer(PlayerObeyed(player.serial)))

    def _lose_patience(self, player: PlayerObject, token: int) -> None:
        asked = player.asked.pop(token, None)
        if asked is not None:
            what = f"player {player.serial} ({player.name}) did not answer within {PATIENCE:g} s"
            asked.later(NoAnswer(what, advice="It hangs; see what it does with: audiobus inspect, audiobus kill."))

    def _touch(self, player: PlayerObject) -> None:
        if player.active == self._last_activity and player.active:
            return
        self._last_activity += 1
        player.active = self._last_activity
        self._bus.registry.changed(player, {"active": player.active})

    def _own(self, client: Client, serial: int) -> PlayerObject:
        player = self._bus.registry.get(serial)
        if not isinstance(player, PlayerObject):
            raise UserError(f"{player.kind} {serial} is no player")
        if player.owner != client.serial:
            raise Denied(f"player {serial} ({player.name}) is not yours")
        return player

    def _named(self, client: Client, serial: int) -> PlayerObject:
        found = self._bus.registry.get(serial) if serial in self._bus.registry else None
        if found is None or not client.sees(found):
            raise NotFound(f"there is no object {serial}")
        if not isinstance(found, PlayerObject):
            raise UserError(f"{found.kind} {serial} ({found.name}) is no player")
        if not client.rights(found) & Right.X:
            raise Denied(f"you may not command player {serial} ({found.name})", facts=["missing: X"])
        return found

    def _latest(self, client: Client) -> PlayerObject:
        """Return the one that was active last, of those that a client may command."""
        needed = Right.R | Right.X
        known = [found for found in self._bus.registry.of_kind(PlayerObject) if needed in client.rights(found)]
        if not known:
            raise NotFound("there is no player on the bus that you may command")
        return max(known, key=lambda one: one.active)


def _checked(abilities: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in abilities if name not in COMMANDS]
    if unknown:
        raise UserError(f"{unknown[0]!r} is nothing a player can do: only {', '.join(COMMANDS)}")
    return abilities
