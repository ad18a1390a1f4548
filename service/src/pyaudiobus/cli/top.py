"""`audiobus top`: what the bus's devices and streams cost and how they fare, again and again."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from typing import Any

from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.dump import ask_if_there
from pyaudiobus.cli.numbers import seconds, whole
from pyaudiobus.cli.printing import put
from pyaudiobus.cli.profile import rate_of
from pyaudiobus.cli.table import BOLD, RED, WIDTH, cell, paint, short
from pyaudiobus.client.commands import get
from pyaudiobus.client.mirror import Mirror, follow
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, Item

HEADER = (
    f"{'ID':>4} {'NAME':15} {'STATE':9} {'QUANT':>6} {'WAIT':>7} {'BUSY':>7} {'LOAD':>6} {'XRUN':>5} {'WAKE/s':>7} DSP"
)
MOST_USEC = 10_000
"""Shown as such; longer times are shown in ms."""
Words = dict[str, Any]
Sample = tuple[float, dict[int, Item]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print one JSON object for each look")
    parser.add_argument("--batch", action="store_true", help="print one table after the other, for logs")
    parser.add_argument("-n", "--count", type=whole, metavar="N", help="end after so many; default: when interrupted")
    parser.add_argument("-d", "--delay", type=seconds, default=1.0, metavar="S", help="seconds between two; default: 1")


def command(arguments: argparse.Namespace) -> int:
    """Show it until interrupted."""
    is_live = sys.stdout.isatty() and not (arguments.batch or arguments.json)
    left = arguments.count
    with connect(arguments, "top") as remote:
        mirror = follow(remote, ("node", "link", "client", "metadata"))
        before = _sample(remote, mirror)
        while left is None or left > 0:
            _pass(remote, arguments.delay)
            now = _sample(remote, mirror)
            words = as_words(mirror, before, now)
            before, left = now, None if left is None else left - 1
            _show(words, is_live=is_live, is_json=arguments.json)
    return 0


def _pass(remote: Remote, delay: float) -> None:
    """Let time pass, and hear of what happens meanwhile."""
    end = time.monotonic() + delay
    while (rest := end - time.monotonic()) > 0:
        remote.wait(timeout=rest)


def _sample(remote: Remote, mirror: Mirror) -> Sample:
    """Return what every node tells now, and when that was."""
    found = {}
    for node in mirror.snapshot().nodes():
        info = ask_if_there(remote, get(node.serial))
        if info is not None:
            found[node.serial] = node.replace(state=info.state, facts=info.facts)
    return time.monotonic(), found


# ---- what is told ----


def as_words(mirror: Mirror, before: Sample, now: Sample) -> Words:
    """Return one look as --json prints it. Times are in ns, rates by second since the look before."""
    passed = max(1e-9, now[0] - before[0])
    bus = mirror.snapshot()
    nodes = [_node(item, before[1].get(item.serial), passed) for item in now[1].values()]
    where = {}
    for link in bus.of_kind("link"):
        output, input_ = link.number("output"), link.number("input")
        is_recorder = input_ in now[1] and now[1][input_].media_class == RECORD
        where[input_ if is_recorder else output] = output if is_recorder else input_
    for node in nodes:
        node["at"] = where.get(node["serial"], 0)
    return {"time": round(time.time(), 3), "interval": round(passed, 6), "nodes": nodes}


def _node(item: Item, before: Item | None, passed: float) -> Words:
    facts = item.facts
    rate, quantum = rate_of(item), item.number("quantum")
    has_cycle = "wakeups" in facts
    earlier = before if before is not None and item.number("wakeups") >= before.number("wakeups") else None
    busy = item.number("total_busy") - (earlier.number("total_busy") if earlier else 0)
    queued = facts.get("queued_seconds", facts.get("seconds_queued"))
    return {
        "serial": item.serial,
        "name": item.name,
        "class": item.media_class,
        "state": item.state,
        "quantum": quantum,
        "rate": rate,
        "wait": item.number("wait"),
        "busy": item.number("busy"),
        "longest_busy": item.number("longest_busy"),
        "load": round(max(0, busy) / passed / 1e9, 6) if has_cycle else 0,
        "xruns": sum(item.number(name) for name in ("xruns", "overruns", "missed")),
        "xrun_kinds": {name: item.number(name) for name in ("xruns", "overruns", "missed", "late_streams")},
        "underruns": item.number("underruns"),
        "wakeups": item.number("wakeups"),
        "wakeups_per_second": round(_rate(item, earlier, "wakeups", passed), 2),
        "cycles_per_second": round(_rate(item, earlier, "cycles", passed), 2),
        "realtime": bool(facts.get("is_realtime")),
        "dsp_seconds": queued if isinstance(queued, int | float) else None,
    }


def _rate(item: Item, before: Item | None, fact: str, passed: float) -> float:
    return max(0, item.number(fact) - (before.number(fact) if before else 0)) / passed


# ---- as people read it ----


def _show(words: Words, *, is_live: bool, is_json: bool) -> None:
    if is_json:
        put_json(words)
        return
    drawn = lines(words)
    if is_live:
        most = shutil.get_terminal_size().lines - 1
        put("\x1b[H\x1b[J" + "".join(f"{line}\n" for line in drawn[: max(1, most)]))
    else:
        put("".join(f"{line}\n" for line in (*drawn, "")))


def lines(words: Words) -> list[str]:
    """Draw one look: devices, and below each what plays and records there."""
    drawn = [paint(HEADER, BOLD)]
    nodes = words["nodes"]
    devices = [node for node in nodes if node["class"] not in (PLAYBACK, RECORD)]
    for device in devices:
        drawn += [_device_line(device), *(_stream_line(node) for node in nodes if node["at"] == device["serial"])]
    told = {device["serial"] for device in devices}
    drawn += [_stream_line(node) for node in nodes if node not in devices and node["at"] not in told]
    return drawn


def _device_line(node: Words) -> str:
    xruns = f"{node['xruns']:5}"
    shown = cell(f"{node['serial']:>4} {cell(node['name'], 15)} {cell(node['state'], 9)} {node['quantum']:6}", 37)
    costs = f"{_time(node['wait']):>7} {_time(node['busy']):>7} {node['load']:6.1%}"
    line = f"{shown} {costs} {paint(xruns, RED) if node['xruns'] else xruns} {node['wakeups_per_second']:7.1f}"
    return line + _ahead(node)


def _stream_line(node: Words) -> str:
    name = cell(("<- " if node["class"] == PLAYBACK else "-> ") + short(node["name"]), 15)
    shown = f"{node['serial']:>4} {name} {cell(node['state'], 9)}"
    wakeups = f" {node['wakeups_per_second']:7.1f}" if node["wakeups"] else ""
    line = cell(f"{shown} {'':>6} {'':>7} {'':>7} {'':>6} {node['underruns']:5}{wakeups}", WIDTH).rstrip()
    return line + _ahead(node)


def _ahead(node: Words) -> str:
    return "" if node["dsp_seconds"] is None else f" {node['dsp_seconds']:.0f}s"


def _time(ns: int) -> str:
    """Put ns into seven columns."""
    usec = ns / 1000
    return f"{usec:.1f}us" if usec < MOST_USEC else f"{usec / 1000:.0f}ms"
