"""Who asked to have a sink for himself keeps it."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import holder_of
from pyaudiobus.policy.streams import EXCLUSIVE, is_set
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def keep_exclusive_owner(sink: Item, bus: Snapshot) -> Verdict:
    """Leave a sink to a stream that plays there and wants it for itself (node.exclusive)."""
    holder = holder_of(sink, bus)
    if holder is not None and is_set(holder, EXCLUSIVE):
        return Choice(holder.serial, f"{holder.name} has it for itself alone (node.exclusive)")
    return Pass("nobody has it for himself alone")
