"""`audiobus profile`: when a sink's or source's last cycles ran: a table, JSON, or a picture that is made here."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.cycle_picture import draw
from pyaudiobus.cli.dump import cycles_of
from pyaudiobus.cli.numbers import whole
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.mirror import look
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import Item

MOST = 256
"""Cycles that a device remembers."""
Cycle = dict[str, int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("node", metavar="NODE", nargs="?", default="@DEFAULT@", help="a sink or source; @DEFAULT@")
    parser.add_argument("-n", "--count", type=whole, default=MOST, metavar="N", help=f"cycles; default: {MOST}")
    parser.add_argument("--svg", metavar="FILE", help="draw them into a file; -: print the picture")


def command(arguments: argparse.Namespace) -> int:
    """Tell of them."""
    with connect(arguments, "profile") as remote:
        node = choosing.device(look(remote), arguments.node)
        cycles = cycles_of(remote, node.serial, min(arguments.count, MOST))
    rate = rate_of(node)
    if arguments.svg:
        _write(arguments.svg, draw(node.name, rate, cycles))
    if arguments.json:
        put_json({"serial": node.serial, "name": node.name, "rate": rate, "cycles": cycles, "summary": summary(cycles)})
    elif not arguments.svg:
        put("".join(f"{line}\n" for line in _lines(node, cycles)))
    return 0


def rate_of(node: Item) -> int:
    """Return a device's frames a second; 0 where it does not say."""
    parts = str(node.facts.get("format", "")).split("/")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0


def summary(cycles: list[Cycle]) -> dict[str, int]:
    """Return the extremes and middles of waits and works, in ns."""
    if not cycles:
        return {}
    waits = sorted(cycle["awake"] - cycle["due"] for cycle in cycles)
    works = sorted(cycle["finished"] - cycle["awake"] for cycle in cycles)
    middle = len(cycles) // 2
    return {
        "wait_median": waits[middle],
        "wait_longest": waits[-1],
        "busy_median": works[middle],
        "busy_longest": works[-1],
    }


def _lines(node: Item, cycles: list[Cycle]) -> list[str]:
    drawn = [one_line(f"{node.name}: {len(cycles)} cycles; times in microseconds")]
    if not cycles:
        return [one_line(f"{node.name}: no cycles; it is {node.state}")]
    drawn.append(f"{'due':>12} {'wait':>9} {'busy':>9} {'frames':>8} {'queued':>8}")
    for cycle in cycles:
        due = (cycle["due"] - cycles[0]["due"]) / 1000
        wait, busy = (cycle["awake"] - cycle["due"]) / 1000, (cycle["finished"] - cycle["awake"]) / 1000
        drawn.append(f"{due:12.1f} {wait:9.1f} {busy:9.1f} {cycle['frames']:8} {cycle['queued']:8}")
    found = {name: value / 1000 for name, value in summary(cycles).items()}
    drawn.append(f"wait: median {found['wait_median']:.1f}, longest {found['wait_longest']:.1f}")
    drawn.append(f"busy: median {found['busy_median']:.1f}, longest {found['busy_longest']:.1f}")
    return drawn


def _write(path: str, picture: str) -> None:
    if path == "-":
        put(picture)
        return
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(picture)
    except OSError as error:
        raise UserError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
