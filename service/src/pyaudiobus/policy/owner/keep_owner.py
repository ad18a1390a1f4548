"""Who plays goes on playing."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import holder_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["preempt_by_role"])
def keep_owner(sink: Item, bus: Snapshot) -> Verdict:
    """Leave a sink to the stream that plays there."""
    holder = holder_of(sink, bus)
    return Pass("nobody plays there") if holder is None else Choice(holder.serial, f"{holder.name} plays there")
