"""`audiobus status`: the bus as a tree. Sinks and sources, what plays and records there, whose it is, and why there."""

from __future__ import annotations

import argparse
from typing import Any

from pyaudiobus.cli import loudness
from pyaudiobus.cli.bus_arguments import View, add_view_arguments, put_json, view
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.table import BOLD, GREEN, RED, WIDTH, cell, milliseconds, one_line, paint, short
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, SINK, SOURCE, Item

_COLOURS = {"running": GREEN, "error": RED}
Words = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_view_arguments(parser)


def command(arguments: argparse.Namespace) -> int:
    """Show it."""
    seen = view(arguments, "status")
    words = as_words(seen)
    if arguments.json:
        put_json(words)
    else:
        put("".join(f"{line}\n" for line in lines(words)))
    return 0


# ---- what there is ----


def as_words(seen: View) -> Words:
    """Return the tree as --json prints it."""
    bus = seen.bus
    known = (SINK, SOURCE, PLAYBACK, RECORD)
    clients = [client for client in bus.of_kind("client") if client.serial != seen.own]
    streams = (*bus.nodes(PLAYBACK), *bus.nodes(RECORD))
    return {
        "daemon": {"version": seen.version, "host": seen.host},
        "sinks": [_device(seen, node, bus.default_sink) for node in bus.nodes(SINK)],
        "sources": [_device(seen, node, bus.default_source) for node in bus.nodes(SOURCE)],
        "unlinked": [_stream(seen, one, str(one.facts.get("waits", ""))) for one in streams if not _links(seen, one)],
        "others": [_named(node) for node in bus.nodes() if node.media_class not in known],
        "samples": [_named(sample) for sample in bus.of_kind("sample")],
        "clients": [{**_named(client), "pid": client.number("pid")} for client in clients],
    }


def _named(item: Item) -> Words:
    return {"serial": item.serial, "name": item.name, "state": item.state}


def _node(node: Item) -> Words:
    return {
        **_named(node),
        "format": node.facts.get("format", ""),
        "volume": loudness.as_words(node),
        "volume_words": loudness.describe(node),
        "latency": node.number("latency"),
    }


def _device(seen: View, node: Item, default: Item | None) -> Words:
    return {
        **_node(node),
        "default": default is not None and node.serial == default.serial,
        "description": node.properties.get("node.description", node.properties.get("device.description", "")),
        "quantum": node.number("quantum"),
        "error": node.facts.get("error", ""),
        "playing": _at(seen, node, PLAYBACK),
        "recording": _at(seen, node, RECORD),
    }


def _stream(seen: View, node: Item, reason: str) -> Words:
    owner = seen.bus.items.get(node.owner)
    return {
        **_node(node),
        "client": {
            "serial": node.owner,
            "name": owner.name if owner else "",
            "pid": owner.number("pid") if owner else 0,
        },
        "reason": reason,
        "recording": _at(seen, node, RECORD),
    }


def _at(seen: View, node: Item, media_class: str) -> list[Words]:
    """List the streams of a class that are linked to a node."""
    found = []
    for link in _links(seen, node):
        other = link.number("input") if link.number("output") == node.serial else link.number("output")
        item = seen.bus.items.get(other)
        is_fed_back = media_class == RECORD and link.number("input") == node.serial
        if item is not None and item.media_class == media_class and not is_fed_back:
            found.append(_stream(seen, item, str(link.facts.get("reason", ""))))
    return found


def _links(seen: View, node: Item) -> tuple[Item, ...]:
    return (*seen.bus.links_into(node.serial), *seen.bus.links_from(node.serial))


# ---- as people read it ----


def lines(words: Words) -> list[str]:
    """Draw the tree."""
    daemon, clients = words["daemon"], words["clients"]
    count = f"{len(clients)} client{'' if len(clients) == 1 else 's'}"
    drawn = [one_line(f"audiobus {daemon['version']} on {daemon['host']}, {count}")]
    for title, key in (("Sinks", "sinks"), ("Sources", "sources")):
        drawn += ["", paint(title, BOLD), *(_device_lines(words[key]) or ["    none"])]
    for title, key in (("Streams that are linked to nothing", "unlinked"),):
        if words[key]:
            drawn += ["", paint(title, BOLD)]
            drawn += [line for stream in words[key] for line in _stream_lines(stream, 1, "--")]
    for title, key in (("Other nodes", "others"), ("Samples", "samples"), ("Clients", "clients")):
        if words[key]:
            drawn += ["", paint(title, BOLD), *(_short_line(one) for one in words[key])]
    return [line.rstrip() for line in drawn]


def _device_lines(devices: list[Words]) -> list[str]:
    drawn = []
    for device in devices:
        drawn.append(_row("* " if device["default"] else "  ", device))
        if device["error"]:
            drawn.append(cell(f"       cannot be used: {device['error']}", WIDTH))
        for stream in device["playing"]:
            drawn += _stream_lines(stream, 1, "<-")
        for stream in device["recording"]:
            drawn += _stream_lines(stream, 1, "->")
    return drawn


def _stream_lines(stream: Words, depth: int, arrow: str) -> list[str]:
    indent = "   " * depth
    client = stream["client"]
    who = f"by {client['name'] or 'client ' + str(client['serial'])}"
    who += f", pid {client['pid']}" if client["pid"] else ""
    why = f"; {stream['reason']}" if stream["reason"] else ""
    drawn = [_row(f"{indent}{arrow} ", stream), cell(f"{indent}        {who}{why}", WIDTH)]
    for listener in stream["recording"]:
        drawn += _stream_lines(listener, depth + 1, "->")
    return drawn


def _row(mark: str, node: Words) -> str:
    state = cell(node["state"], 9)
    named = cell(f"{mark}{node['serial']:>3} {short(node['name'])}", 27)
    shape, volume = cell(str(node["format"]), 15), cell(node["volume_words"], 15)
    latency = milliseconds(node["latency"]) if node["latency"] else ""
    colour = _COLOURS.get(node["state"])
    named = paint(named, BOLD) if mark.startswith("*") else named
    return f"{named} {paint(state, colour) if colour else state} {shape} {volume} {latency:>8}"


def _short_line(one: Words) -> str:
    pid = f"pid {one['pid']}" if one.get("pid") else one["state"]
    return cell(f"  {one['serial']:>3} {cell(one['name'], 40)} {pid}", WIDTH)
