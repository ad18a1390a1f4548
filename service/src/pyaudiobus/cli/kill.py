"""`audiobus kill`: disconnect a program from the bus; all it has there goes with it. The program itself lives on."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import destroy
from pyaudiobus.client.mirror import look


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("client", metavar="CLIENT", help="a client, by serial, name or its beginning")


def command(arguments: argparse.Namespace) -> int:
    """Disconnect it, and tell which it was."""
    with connect(arguments, "kill") as remote:
        bus = look(remote)
        own = remote.welcome.client
        others = [client for client in bus.of_kind("client") if client.serial != own]
        found = choosing.choose(others, arguments.client, "client")
        remote.do(destroy(found.serial))
    pid = found.number("pid")
    if arguments.json:
        put_json({"serial": found.serial, "name": found.name, "pid": pid})
    else:
        put_line(one_line(f"client {found.serial} ({found.name}, pid {pid}) was disconnected"))
    return 0
