"""Streams that are held while something more important is heard."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.meetings import rival_by, told
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["pause_for_role"])
def cork_for_role(stream: Item, bus: Snapshot) -> Verdict:
    """Hold a stream while a role plays that demands it; it goes on afterwards."""
    rival = rival_by(Meeting.CORK, stream, bus)
    return Pass("no role that holds others plays") if rival is None else Choice("cork", told(rival))
