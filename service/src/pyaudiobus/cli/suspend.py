"""`audiobus suspend`: close a sink's or source's device, so that another program can have it. What plays waits."""

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("node", metavar="NODE", nargs="?", default="@DEFAULT@", help="a sink or source; @DEFAULT@")


def command(arguments: argparse.Namespace) -> int:
    """Close it, and tell how it is."""
    return be_suspended(arguments, is_suspended=True)


def be_suspended(arguments: argparse.Namespace, *, is_suspended: bool) -> int:
    """Close or open a device, and tell how it is."""
    with connect(arguments, "suspend" if is_suspended else "resume") as remote:
        node = choosing.device(look(remote), arguments.node)
        remote.do(set_param(node.serial, "Props", json.dumps({"suspended": is_suspended})))
        node = fresh(remote, node)
    if arguments.json:
        put_json({"serial": node.serial, "name": node.name, "state": node.state})
    else:
        put_line(one_line(f"{node.name}: {node.state}"))
    return 0
