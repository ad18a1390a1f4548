"""Streams that go on softer while something more important is heard."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.meetings import rival_by, told
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["cork_for_role"])
def duck_for_role(stream: Item, bus: Snapshot) -> Verdict:
    """Make a stream softer while a role plays that demands it; what has no volume does as role.without-volume says."""
    rival = rival_by(Meeting.DUCK, stream, bus)
    if rival is None:
        return Pass("no role that ducks others plays")
    if "volume" in stream.facts:
        return Choice("duck", told(rival, bus))
    instead = bus.settings.role_without_volume
    why = f"{told(rival, bus)}; it has no volume, so it does as role.without-volume says"
    return Choice("mix" if instead is Meeting.DUCK else instead.value, why)
