"""`audiobus inspect`: everything about one object. Called with its serial, its name, or the beginning of one."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.dump import ask_if_there, params_of
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.table import BOLD, one_line, paint
from pyaudiobus.client.commands import permissions
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.snapshot import Item, Snapshot

RIGHTS = "rwxml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("object", metavar="OBJECT", help="serial, name, or the beginning of a name; @DEFAULT@")


def command(arguments: argparse.Namespace) -> int:
    """Tell it."""
    with connect(arguments, "inspect") as remote:
        bus = look(remote)
        words = as_words(remote, bus, choosing.anything(bus, arguments.object))
    if arguments.json:
        put_json(words)
    else:
        put("".join(f"{line}\n" for line in _lines(words)))
    return 0


def as_words(remote: Remote, bus: Snapshot, item: Item) -> dict[str, Any]:
    """Return what --json prints."""
    owner = bus.items.get(item.owner)
    found: dict[str, Any] = {
        "serial": item.serial,
        "kind": item.kind,
        "name": item.name,
        "state": item.state,
        "owner": {"serial": item.owner, "name": owner.name if owner else "the daemon"},
        "facts": dict(item.facts),
        "properties": dict(item.properties),
        "metadata": {entry.key: entry.value for entry in bus.entries.values() if entry.subject == item.serial},
        "ports": [_told(port) for port in bus.ports_of(item.serial)],
        "links": [_told(link) for link in (*bus.links_into(item.serial), *bus.links_from(item.serial))],
        "objects": [_told(one) for one in bus.owned_by(item.serial)] if item.kind == "client" else [],
        "params": params_of(remote, item.serial) if item.kind in ("node", "port") else {},
    }
    if item.kind == "client":
        answer = ask_if_there(remote, permissions(item.serial))
        allowed = answer.permissions if answer is not None else ()
        found["permissions"] = {str(one.object or "all others"): _letters(one.bits) for one in allowed}
    return found


def _told(item: Item) -> dict[str, Any]:
    return {"serial": item.serial, "kind": item.kind, "name": item.name, "state": item.state}


def _letters(bits: int) -> str:
    return "".join(letter if bits >> place & 1 else "-" for place, letter in enumerate(RIGHTS))


def _lines(words: dict[str, Any]) -> list[str]:
    owner = words["owner"]
    drawn = [paint(one_line(f"{words['kind']} {words['serial']}: {words['name']}"), BOLD)]
    drawn.append(one_line(f"    state: {words['state']}"))
    drawn.append(one_line(f"    owner: {owner['serial']} {owner['name']}"))
    for title in ("facts", "properties", "metadata", "permissions"):
        drawn += _section(title, words.get(title, {}))
    for title, values in words["params"].items():
        drawn += [f"  param {title}", *(one_line(f"    {_param(value)}") for value in values)]
    for title in ("ports", "links", "objects"):
        named = {f"{one['kind']} {one['serial']}": f"{one['name']} ({one['state']})" for one in words[title]}
        drawn += _section(title, named)
    return drawn


def _section(title: str, values: Mapping[str, object]) -> list[str]:
    if not values:
        return []
    return [f"  {title}", *(one_line(f"    {key}: {_word(value)}") for key, value in sorted(values.items()))]


def _param(value: dict[str, object]) -> str:
    return ", ".join(f"{key}: {_word(one)}" for key, one in value.items())


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
