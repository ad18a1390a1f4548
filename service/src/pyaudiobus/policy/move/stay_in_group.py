"""Streams that begin together stay together."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def stay_in_group(stream: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001  # every hook has these arguments
    """Leave the streams of a synchronised group where they are."""
    if stream.number("sync_group"):
        return Choice("stay", "it belongs to a group of streams that sound together")
    return Pass("it sounds alone")
