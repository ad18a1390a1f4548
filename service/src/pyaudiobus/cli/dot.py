"""`audiobus dot`: the bus as a graph in Graphviz's language, or as a picture where Graphviz is installed."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys

from pyaudiobus.cli import loudness
from pyaudiobus.cli.bus_arguments import View, add_view_arguments, put_json, view
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.table import one_line
from pyaudiobus.errors import AudiobusError, UserError
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, SINK, SOURCE, Item, Snapshot

SHAPES = {SINK: "box", SOURCE: "box", PLAYBACK: "ellipse", RECORD: "ellipse"}
COLOURS = {"running": "palegreen", "error": "salmon", "suspended": "lightgrey"}
ADVICE = "Install it (apt install graphviz), or draw the output of `audiobus dot` on another machine."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_view_arguments(parser)
    parser.add_argument("--svg", action="store_true", help="print a picture; needs Graphviz's dot")


def command(arguments: argparse.Namespace) -> int:
    """Print it."""
    seen = view(arguments, "dot")
    if arguments.json:
        put_json(_words(seen.bus))
    else:
        graph = "\n".join(draw(seen)) + "\n"
        put(_drawn(graph) if arguments.svg else graph)
    return 0


def draw(seen: View) -> list[str]:
    """Return the lines of the graph: sound flows from left to right; each program has a box."""
    bus = seen.bus
    lines = ["digraph audiobus {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10, style=filled];']
    lines.append('  edge [fontname="sans-serif", fontsize=8];')
    for client in bus.of_kind("client"):
        own = [node for node in bus.nodes() if node.owner == client.serial]
        if own:
            lines.append(f"  subgraph cluster_{client.serial} {{")
            told = f"client {client.serial}, pid {client.number('pid')}"
            lines.append(f"    label={_quoted(client.name, told)};")
            lines += [f"    {_node(bus, node)}" for node in own]
            lines.append("  }")
    known = {client.serial for client in bus.of_kind("client")}
    lines += [f"  {_node(bus, node)}" for node in bus.nodes() if node.owner not in known]
    lines += [f"  {line}" for link in bus.of_kind("link") if (line := _link(bus, link))]
    return [*lines, "}"]


def _node(bus: Snapshot, node: Item) -> str:
    default = {item.serial for item in (bus.default_sink, bus.default_source) if item is not None}
    words = [node.name + (" (default)" if node.serial in default else ""), f"{node.serial}, {node.state}"]
    words += [text for text in (str(node.facts.get("format", "")), loudness.describe(node)) if text]
    shape, colour = SHAPES.get(node.media_class, "hexagon"), COLOURS.get(node.state, "white")
    return f"n{node.serial} [label={_quoted(*words)}, shape={shape}, fillcolor={colour}];"


def _link(bus: Snapshot, link: Item) -> str:
    ends = [_node_of(bus, link.number(end)) for end in ("output", "input")]
    if None in ends:
        return ""
    label = _quoted(str(link.serial))
    style = ", style=dashed" if link.facts.get("passive") else ""
    return f"n{ends[0]} -> n{ends[1]} [label={label}{style}];"


def _node_of(bus: Snapshot, serial: int) -> int | None:
    item = bus.items.get(serial)
    if item is not None and item.kind == "port":
        item = bus.items.get(item.number("node"))
    return item.serial if item is not None and item.kind == "node" else None


def _quoted(*lines: str) -> str:
    safe = (one_line(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(safe) + '"'


def _words(bus: Snapshot) -> dict[str, object]:
    nodes = [
        {"serial": node.serial, "name": node.name, "class": node.media_class, "state": node.state, "owner": node.owner}
        for node in bus.nodes()
    ]
    links = [
        {"serial": link.serial, "output": link.facts.get("output"), "input": link.facts.get("input")}
        for link in bus.of_kind("link")
    ]
    return {"nodes": nodes, "links": links}


def _drawn(graph: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise UserError("a picture needs Graphviz's dot, which is not installed", advice=ADVICE)
    done = subprocess.run([program, "-Tsvg"], input=graph, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise AudiobusError("Graphviz could not draw the bus", advice="Report it with the output of: audiobus dot")
    return done.stdout
