"""Streams that are linked once."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import DONT_RECONNECT, is_set
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["stay_if_unmovable"])
def stay_if_dont_reconnect(stream: Item, bus: Snapshot) -> Verdict:
    """Leave a stream where it is that wants one link only (node.dont-reconnect), unless somebody moved it by name."""
    if not is_set(stream, DONT_RECONNECT):
        return Pass("it may be linked again")
    if bus.decided.get(("target by", stream.serial)) == "find_named_target":
        return Pass("it was moved by name")
    return Choice("stay", "it is linked once and not again (node.dont-reconnect)")
