"""`audiobus explain`: why a stream plays where it does, as it was decided, and what would change that."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.asking import ask_session
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect
from pyaudiobus.cli.printing import put_line
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.questions import BY_NAME


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser, json_help="print each decision as one JSON object a line")
    parser.add_argument("stream", metavar="STREAM", help="a stream, sink or client by name or serial, or a decision")
    parser.add_argument("--why-not", metavar="SINK", help="say why it is not there")
    parser.add_argument("--question", choices=tuple(BY_NAME), help="this one only; default: all that were asked")


def command(arguments: argparse.Namespace) -> int:
    """Tell it."""
    if arguments.why_not and (arguments.question or arguments.json):
        raise UserError("--why-not is about one sink; leave --question and --json out")
    with connect(arguments, "explain") as remote:
        bus = look(remote)
        lines = _asked(remote, arguments) if _is_governed(bus) else _by_the_bus(bus, arguments.stream)
    for line in lines:
        put_line(line)
    return 0


def _is_governed(bus: Snapshot) -> bool:
    return any(core.facts.get("session_state") == "governs" for core in bus.of_kind("core"))


def _asked(remote: Remote, arguments: argparse.Namespace) -> tuple[str, ...]:
    if arguments.why_not:
        return ask_session(remote, "why-not", subject=arguments.stream, target=arguments.why_not)
    json = "yes" if arguments.json else ""
    return ask_session(remote, "explain", subject=arguments.stream, question=arguments.question or "", json=json)


def _by_the_bus(bus: Snapshot, wanted: str) -> tuple[str, ...]:
    """Say what the bus itself knows, where there is no session manager to ask."""
    stream = choosing.stream(bus, wanted)
    away = "There is no session manager, or it does not answer: the bus decides by itself."
    links = [*bus.links_from(stream.serial), *bus.links_into(stream.serial)]
    told = [f"{stream.name}: {link.name} because {link.facts.get('reason', 'nobody said why')}" for link in links]
    waits = f"{stream.name}: {stream.state}" + (f", {stream.facts['waits']}" if "waits" in stream.facts else "")
    return (*(told or [waits]), away)
