"""`audiobus link`: link an output to an input. The link outlives the command unless it is told to hold it."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import link
from pyaudiobus.client.mirror import follow, look
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.snapshot import Item, Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("output", metavar="OUTPUT", help="a node or port that gives: a stream, a source, a sink heard")
    parser.add_argument("input", metavar="INPUT", help="a node or port that takes: a sink, a stream that records")
    parser.add_argument("--passive", action="store_true", help="let it keep no device awake")
    parser.add_argument("--hold", action="store_true", help="keep the link only until this command is interrupted")


def command(arguments: argparse.Namespace) -> int:
    """Link them, and tell the link's serial."""
    with connect(arguments, "link") as remote:
        bus = look(remote)
        output, input_ = end(bus, arguments.output), end(bus, arguments.input)
        wish = link(output.serial, input_.serial, linger=not arguments.hold, passive=arguments.passive)
        serial = remote.do(wish).serial
        if arguments.json:
            put_json({"serial": serial, "output": output.serial, "input": input_.serial})
        else:
            put_line(one_line(f"{serial}: {output.name} -> {input_.name}"))
        if arguments.hold:
            _hold(remote, serial)
    return 0


def end(bus: Snapshot, wanted: str) -> Item:
    """Return the node or port that is meant, a node before a port."""
    nodes, ports = bus.nodes(), bus.of_kind("port")
    if any(port.name == wanted or str(port.serial) == wanted for port in ports):
        return choosing.choose((*nodes, *ports), wanted, "node or port")
    return choosing.node(bus, wanted)


def _hold(remote: Remote, serial: int) -> None:
    """Wait until the link is gone."""
    mirror = follow(remote, ("link",))
    while serial in mirror.snapshot().items:
        remote.wait()
