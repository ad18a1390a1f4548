"""`audiobus player`: see what programs play, and pause, skip or seek them. What they are told goes over the bus."""

from __future__ import annotations

import argparse
import os
import re

from pyaudiobus.cli import choosing, loudness
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import clock_seconds
from pyaudiobus.cli.player_view import show_players
from pyaudiobus.client.mirror import look
from pyaudiobus.client.players import LATEST, command_player, latest
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.model.snapshot import Item, Snapshot

LOOKING = ("list", "status")
PLAIN = ("pause", "resume", "toggle", "stop", "next", "previous")
WITH_VALUE = ("seek", "volume", "open")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_ADVICE = "See: audiobus player --help"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser._negative_number_matcher = re.compile(r"-[\d.:]+\s*(%|d?b?|s)[+-]?$", re.IGNORECASE)  # no flags
    add_bus_arguments(parser, json_help="print JSON; with --follow one object a line")
    parser.add_argument("--follow", action="store_true", help="list, status: tell of every change too")
    verbs = (*LOOKING, *PLAIN, *WITH_VALUE)
    parser.add_argument("verb", metavar="VERB", choices=verbs, nargs="?", default="list", help=", ".join(verbs))
    parser.add_argument(
        "words",
        metavar="PLAYER",
        nargs="*",
        help="a player by name or number; default: the one that was active last. Before it, for seek: 1:30, or +10 "
        "and -10 seconds from where it is; for volume: 80%%, +5%%, -5%%, -6dB; for open: a file or an address",
    )


def command(arguments: argparse.Namespace) -> int:
    """Show players, or ask one for something."""
    verb, words = arguments.verb, list(arguments.words)
    if verb in WITH_VALUE and not words:
        raise UserError(f"audiobus player {verb} needs a value before the player's name", advice=_ADVICE)
    value = words.pop(0) if verb in WITH_VALUE else ""
    wanted = words.pop(0) if words else ""
    if words:
        raise UserError(f"{words[0]!r} is one word too many", advice=_ADVICE)
    with connect(arguments, "player") as remote:
        if verb in LOOKING:
            show_players(remote, wanted, arguments, only_one=verb == "status")
        else:
            done = _ask(remote, verb, value, wanted)
            if arguments.json:
                put_json({"player": done, "done": verb})
    return 0


def _ask(remote: Remote, verb: str, value: str, wanted: str) -> int:
    """Ask a player; return its serial once it has done so."""
    more: dict[str, object] = {}
    serial = LATEST
    if wanted or verb == "volume":
        found = chosen(look(remote), wanted)
        serial = found.serial
        if verb == "volume":
            more = {"value": _gain(found, value)}
    if verb == "seek":
        is_relative = value[:1] in "+-"
        sign = -1 if value.startswith("-") else 1
        more = {"seconds": sign * clock_seconds(value.lstrip("+-")), "is_relative": is_relative}
    elif verb == "open":
        more = {"place": value if _URL.match(value) else os.path.abspath(value)}
    return int(remote.do(command_player(serial, verb, **more)).serial)


def chosen(bus: Snapshot, wanted: str) -> Item:
    """Return the player that is meant; without a name the one that was active last. UserError."""
    players = bus.of_kind("player")
    if wanted:
        return choosing.choose(players, wanted, "player")
    found = latest(players)
    if found is None:
        raise UserError("there is no player on the bus", advice="One comes with: audiobus play FILE")
    return found


def _gain(player: Item, text: str) -> float:
    level = loudness.parse_level(text)
    now = player.facts.get("volume")
    if not isinstance(now, float | int):
        raise NotSupported(f"player {player.serial} ({player.name}) has no volume")
    return level.applied(float(now))
