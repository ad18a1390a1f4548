"""Streams are heard together where no role says otherwise."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Verdict


@hook(after=["duck_for_role"])
def mix_otherwise(stream: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Let a stream be heard as it is."""
    return Choice("mix", "no role demands anything else")
