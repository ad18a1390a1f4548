"""`audiobus mute`: silence a sink or stream, or let it be heard."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect
from pyaudiobus.cli.volume import fresh, tell
from pyaudiobus.client.commands import set_mute
from pyaudiobus.client.mirror import look

WORDS = {"on": True, "off": False, "yes": True, "no": False, "1": True, "0": False}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("node", metavar="NODE", nargs="?", default="@DEFAULT@", help="a sink or stream; @DEFAULT@")
    parser.add_argument("state", nargs="?", choices=("on", "off", "toggle", *list(WORDS)[2:]), metavar="on|off|toggle")


def command(arguments: argparse.Namespace) -> int:
    """Set it, if asked to, and tell it."""
    name, state = arguments.node, arguments.state
    if state is None and name in ("on", "off", "toggle"):
        name, state = "@DEFAULT@", name
    with connect(arguments, "mute") as remote:
        node = choosing.node(look(remote), name)
        if state:
            is_muted = WORDS.get(state, not node.facts.get("muted"))
            remote.do(set_mute(node.serial, is_muted=is_muted))
            node = fresh(remote, node)
    tell(node, is_json=arguments.json)
    return 0
