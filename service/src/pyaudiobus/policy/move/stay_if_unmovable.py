"""Streams that do not want to be moved."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import DONT_MOVE, is_set
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["stay_in_group"])
def stay_if_unmovable(stream: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Leave a stream where it is that does not want to be moved (node.dont-move)."""
    if is_set(stream, DONT_MOVE):
        return Choice("stay", "it does not want to be moved (node.dont-move)")
    return Pass("it may be moved")
