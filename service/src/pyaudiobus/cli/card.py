"""`audiobus card`: what the sound cards are used for, and the ways out of their sinks; choose others."""

from __future__ import annotations

import argparse
import json

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.cli.volume import fresh
from pyaudiobus.client.commands import set_param
from pyaudiobus.client.mirror import look
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import SINK, Item, Snapshot

ACTIONS = ("list", "profile", "route")
Words = dict[str, object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("action", choices=ACTIONS, nargs="?", default="list", metavar="|".join(ACTIONS))
    parser.add_argument("subject", metavar="CARD|SINK", nargs="?", help="a card for a profile, a sink for a route")
    parser.add_argument("chosen", metavar="NAME", nargs="?", help="the new profile or route; without it: tell it")
    parser.add_argument("--forget", action="store_true", help="do not remember it for the next start")


def command(arguments: argparse.Namespace) -> int:
    """Tell, or choose and tell."""
    if arguments.action == "list":
        return _list(arguments)
    if not arguments.subject:
        raise UserError(f"say which: audiobus card {arguments.action} NAME")
    with connect(arguments, "card") as remote:
        bus = look(remote)
        find = _card if arguments.action == "profile" else _routed
        found = find(bus, arguments.subject)
        if arguments.chosen:
            wish = json.dumps({"name": arguments.chosen, "save": not arguments.forget})
            remote.do(set_param(found.serial, arguments.action.capitalize(), wish))
            found = fresh(remote, found)
    words = _of(found, arguments.action)
    if arguments.json:
        put_json(words)
    else:
        put_line(_line(words, arguments.action))
    return 0


def _card(bus: Snapshot, wanted: str) -> Item:
    return choosing.choose(bus.of_kind("device"), wanted, "card")


def _routed(bus: Snapshot, wanted: str) -> Item:
    sink = choosing.sink(bus, wanted)
    if "routes" not in sink.facts:
        raise UserError(f"{sink.name} has no routes", advice="The board file names them: sinks.NAME.outputs.")
    return sink


def _list(arguments: argparse.Namespace) -> int:
    if arguments.subject:
        raise UserError("write: audiobus card list")
    with connect(arguments, "card") as remote:
        bus = look(remote)
    cards = [{**_of(card, "profile"), "sinks": _sinks(bus, card)} for card in bus.of_kind("device")]
    if arguments.json:
        put_json(cards)
        return 0
    for card in cards:
        put_line(_line(card, "profile"))
        for sink in card["sinks"]:  # type: ignore[attr-defined]  # a list of words
            put_line("    " + _line(sink, "route"))
    if not cards:
        put_line("there is no sound card")
    return 0


def _sinks(bus: Snapshot, card: Item) -> list[Words]:
    own = str(card.serial)
    return [_of(sink, "route") for sink in bus.nodes(SINK) if sink.properties.get("device.id") == own]


def _of(item: Item, what: str) -> Words:
    """Return a card with its profiles, or a sink with its routes."""
    gone = str(item.facts.get(f"{what}s.unavailable") or "").split()
    return {
        "serial": item.serial,
        "name": item.name,
        "state": item.state,
        what: item.facts.get(what),
        f"{what}s": str(item.facts.get(f"{what}s") or "").split(),
        "unavailable": gone,
        "remembered": item.facts.get(f"{what}.save") is True,
        "error": item.facts.get("error") or "",
    }


def _line(words: Words, what: str) -> str:
    """Write it as people read it: the name, its state, and what it can be with a star at what it is."""
    known = [str(name) for name in words[f"{what}s"]]  # type: ignore[attr-defined]  # a list of names
    marked = [f"*{name}" if name == words[what] else name for name in known]
    told = f"{words['name']} ({words['serial']}) {words['state']}"
    told += f"  {what}s: {' '.join(marked)}" if marked else ""
    return one_line(f"{told}  {words['error']}".rstrip())
