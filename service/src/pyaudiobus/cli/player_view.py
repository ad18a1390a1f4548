"""How `audiobus player list` and `status` show players."""

from __future__ import annotations

import argparse
import time

from pyaudiobus.cli import choosing, loudness
from pyaudiobus.cli.bus_arguments import put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.report import clock_time
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.mirror import Change, follow
from pyaudiobus.client.players import latest, position_now
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import Item, Snapshot


def show_players(remote: Remote, wanted: str, arguments: argparse.Namespace, *, only_one: bool) -> None:
    """Print all players, or the one that is meant; with --follow again at every change, until interrupted."""
    changes: list[Change] = []
    mirror = follow(remote, ("player",), changes.append)
    shown = _meant(mirror.snapshot(), wanted, only_one=only_one or bool(wanted))
    is_followed = arguments.follow
    if arguments.json and not only_one and not is_followed:
        put_json([as_words(player) for player in shown])
    else:
        for player in shown:
            _put(player, is_json=arguments.json)
    if not shown and not arguments.json:
        put_line("no players")
    changes.clear()
    while is_followed:
        remote.wait()
        for change in changes:
            _put_change(change, wanted, is_json=arguments.json)
        changes.clear()


def as_words(player: Item) -> dict[str, object]:
    """Return a player as --json prints it; the position is that of this moment."""
    facts = player.facts
    volume = facts.get("volume")
    return {
        "serial": player.serial,
        "name": player.name,
        "owner": player.owner,
        "status": player.state,
        "title": facts.get("title", ""),
        "artist": facts.get("artist", ""),
        "place": facts.get("place", ""),
        "position": round(position_now(player.state, facts, time.monotonic_ns()), 3),
        "length": facts.get("length", 0.0),
        "number": facts.get("number", 0),
        "queue_length": facts.get("queue_length", 0),
        "queue": str(facts.get("queue", "")).split("\n") if facts.get("queue") else [],
        "volume": volume,
        "abilities": str(facts.get("abilities", "")).split(),
        "properties": dict(player.properties),
    }


def line(player: Item) -> str:
    """Return a player on one line."""
    words = as_words(player)
    title = " - ".join(str(words[key]) for key in ("artist", "title") if words[key]) or str(words["place"])
    length = float(str(words["length"] or 0))
    times = clock_time(float(str(words["position"]))) + (f" / {clock_time(length)}" if length else "")
    parts = [f"{player.serial:>4}  {player.name}: {player.state}", title]
    if player.state != "stopped":
        parts.append(times)
    if words["queue_length"]:
        parts.append(f"{words['number']} of {words['queue_length']}")
    if isinstance(words["volume"], float | int):
        parts.append(f"volume {loudness.percent(float(words['volume'])):.0f}%")
    return one_line("  ".join(part for part in parts if part))


def _meant(bus: Snapshot, wanted: str, *, only_one: bool) -> list[Item]:
    players = bus.of_kind("player")
    if wanted:
        return [choosing.choose(players, wanted, "player")]
    if not only_one:
        return list(players)
    found = latest(players)
    if found is None:
        raise UserError("there is no player on the bus", advice="One comes with: audiobus play FILE")
    return [found]


def _put(player: Item, *, is_json: bool) -> None:
    if is_json:
        put_json(as_words(player))
    else:
        put_line(line(player))


def _put_change(change: Change, wanted: str, *, is_json: bool) -> None:
    for item in (change.after, change.before):
        if isinstance(item, Item):
            break
    else:
        return
    if wanted not in ("", item.name, str(item.serial)):
        return
    if change.after is not None:
        _put(item, is_json=is_json)
    elif is_json:
        put_json({"serial": item.serial, "name": item.name, "status": "gone"})
    else:
        put_line(one_line(f"{item.serial:>4}  {item.name}: gone"))
