"""`audiobus unlink`: take out a link. A stream without one waits, silent, until it is linked again."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.link import end
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import destroy
from pyaudiobus.client.mirror import look
from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import Item, Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_bus_arguments(parser)
    parser.add_argument("output", metavar="LINK|OUTPUT", help="a link's serial, or the output it begins at")
    parser.add_argument("input", metavar="INPUT", nargs="?", help="the input it ends at")


def command(arguments: argparse.Namespace) -> int:
    """Take them out, and tell which."""
    with connect(arguments, "unlink") as remote:
        links = find(look(remote), arguments.output, arguments.input)
        for link in links:
            remote.do(destroy(link.serial))
    if arguments.json:
        put_json([{"serial": link.serial, "name": link.name} for link in links])
    else:
        for link in links:
            put_line(one_line(f"{link.serial}: {link.name}"))
    return 0


def find(bus: Snapshot, output: str, input_: str | None) -> list[Item]:
    """Return the links that are meant: one by its serial or name, or all from an output, or to an input. UserError."""
    links = bus.of_kind("link")
    if input_ is None:
        named = [link for link in links if output in (str(link.serial), link.name)]
        if named:
            return [choosing.choose(named, output, "link")]
    begin = end(bus, output)
    finish = None if input_ is None else end(bus, input_)
    found = [link for link in bus.links_from(begin.serial) if finish is None or link.facts["input"] == finish.serial]
    if not found:
        where = begin.name if finish is None else f"{begin.name} to {finish.name}"
        facts = [f"{link.serial:>4}  {link.name}" for link in links]
        raise UserError(
            f"there is no link from {where}; the links are:" if facts else f"there is no link from {where}", facts=facts
        )
    return found
