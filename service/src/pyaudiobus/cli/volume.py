"""`audiobus volume`: show or set how loud a sink or stream is."""

from __future__ import annotations

import argparse

from pyaudiobus.cli import choosing, loudness
from pyaudiobus.cli.bus_arguments import add_bus_arguments, connect, put_json
from pyaudiobus.cli.numbers import whole
from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.table import one_line
from pyaudiobus.client.commands import get, set_volume
from pyaudiobus.client.mirror import look
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import NotSupported, UserError
from pyaudiobus.model.snapshot import Item
from pyaudiobus.protocol.words import ObjectInfo

RAMP = 10
"""Milliseconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser._negative_number_matcher = loudness.NEGATIVE  # else -5% is taken for a flag
    add_bus_arguments(parser)
    parser.add_argument("node", metavar="NODE", nargs="?", default="@DEFAULT@", help="a sink or stream; @DEFAULT@")
    parser.add_argument(
        "levels",
        metavar="LEVEL",
        nargs="*",
        help="80%% or -6dB; a change: +5%%, -5%%, +3dB, 3dB-; one for all channels, or one each",
    )
    parser.add_argument("--limit", type=_limit, metavar="PERCENT", help="get no louder than this")
    parser.add_argument("--ramp", type=whole, default=RAMP, metavar="MS", help=f"take so long; default: {RAMP}")


def command(arguments: argparse.Namespace) -> int:
    """Set it, if asked to, and tell it."""
    words = list(arguments.levels)
    name = arguments.node
    if loudness.is_level(name):
        name, words = "@DEFAULT@", [name, *words]
    levels = [loudness.parse_level(text) for text in words]
    with connect(arguments, "volume") as remote:
        node = choosing.node(look(remote), name)
        if levels:
            gains = [min(gain, arguments.limit or loudness.MOST) for gain in changed(node, levels)]
            remote.do(set_volume(node.serial, *gains, ramp=arguments.ramp))
            node = fresh(remote, node)
    tell(node, is_json=arguments.json)
    return 0


def changed(node: Item, levels: list[loudness.Level]) -> list[float]:
    """Return the gains that a node has after a change: one level for all channels, or one each. UserError."""
    gains = loudness.gains_of(node)
    if not gains:
        raise NotSupported(f"{node.name} has no volume")
    if len(levels) == 1:
        return [levels[0].applied(gain) for gain in gains]
    channels = loudness.channels_of(node) or len(gains)
    if len(levels) != channels:
        raise UserError(f"{node.name} has {channels} channels, and {len(levels)} levels were given")
    each = gains * channels if len(gains) == 1 else gains
    return [level.applied(gain) for level, gain in zip(levels, each, strict=True)]


def fresh(remote: Remote, node: Item) -> Item:
    """Return a node with the facts it has now."""
    info: ObjectInfo = remote.do(get(node.serial))
    return node.replace(state=info.state, facts=dict(info.facts))


def tell(node: Item, *, is_json: bool) -> None:
    """Print a node's volume."""
    if is_json:
        put_json({"serial": node.serial, "name": node.name, **loudness.as_words(node)})
    else:
        put_line(one_line(f"{node.name}: {loudness.describe(node) or 'no volume'}"))


def _limit(text: str) -> float:
    try:
        level = loudness.parse_level(text if "%" in text or "db" in text.lower() else f"{text}%")
        return level.applied(0) if not level.is_change else _refuse(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(error.what) from None


def _refuse(text: str) -> float:
    raise UserError(f"{text!r} is no limit")
