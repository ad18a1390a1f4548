"""`audiobus completion`: prints a shell's completion script, and the names on the bus that such a script asks for."""

from __future__ import annotations

import argparse
import json

from pyaudiobus.cli.audiobus import COMMANDS, make_parser
from pyaudiobus.cli.completion_scripts import bash, zsh
from pyaudiobus.cli.completion_words import Command, command_of
from pyaudiobus.cli.printing import put
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, SINK, SOURCE, Item, Snapshot

SHELLS = {"bash": bash, "zsh": zsh}
NAMES = ("sinks", "sources", "streams", "nodes", "clients", "objects", "players")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="print the commands and their flags as JSON instead")
    parser.add_argument("--remote", metavar="PATH", help="the daemon's socket, for names")
    parser.add_argument(
        "what",
        metavar="bash|zsh",
        choices=(*SHELLS, *NAMES),
        help="the script for a shell; or the names there are now: " + ", ".join(NAMES),
    )


def command(arguments: argparse.Namespace) -> int:
    """Print it. Names of a bus that is not there: none, and exit code 1, without a word."""
    if arguments.what in SHELLS:
        put(_as_json() if arguments.json else script(arguments.what))
        return 0
    try:
        with Remote("audiobus completion", arguments.remote) as remote:
            bus = look(remote)
            names = sorted({item.name for item in _named(bus, arguments.what) if item.serial != remote.welcome.client})
    except AudiobusError:
        return 1
    put("".join(f"{name}\n" for name in names if name.isprintable() and name))
    return 0


def script(shell: str) -> str:
    """Return a shell's completion script, as the parsers are now."""
    return SHELLS[shell](commands())


def commands() -> list[Command]:
    """List the commands with what may be typed behind each."""
    parser, _ = make_parser(tuple(COMMANDS), loaded=tuple(COMMANDS))
    [subs] = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [command_of(name, COMMANDS[name], sub) for name, sub in subs.choices.items()]


def _as_json() -> str:
    return json.dumps([command.as_words() for command in commands()]) + "\n"


def _named(bus: Snapshot, what: str) -> tuple[Item, ...]:
    if what == "streams":
        return (*bus.nodes(PLAYBACK), *bus.nodes(RECORD))
    if what in ("sinks", "sources"):
        return bus.nodes(SINK if what == "sinks" else SOURCE)
    if what == "objects":
        return (*bus.nodes(), *bus.of_kind("client"), *bus.of_kind("device"))
    kinds = {"nodes": "node", "players": "player"}
    return bus.of_kind(kinds.get(what, "client"))
