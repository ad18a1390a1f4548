"""Streams that go on softer while something more important is heard."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.meetings import rival_by, told
from pyaudiobus.policy.offers import is_dsp
from pyaudiobus.policy.streams import place_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["cork_for_role"])
def duck_for_role(stream: Item, bus: Snapshot) -> Verdict:
    """Make a stream softer while a role plays that demands it; on a DSP do as role.on-dsp says."""
    rival = rival_by(Meeting.DUCK, stream, bus)
    if rival is None:
        return Pass("no role that ducks others plays")
    place = place_of(stream, bus)
    if "volume" in stream.facts and (place is None or not is_dsp(place, bus)):
        return Choice("duck", told(rival))
    instead = bus.settings.role_on_dsp
    why = f"{told(rival)}; a DSP plays it and makes nothing softer, so role.on-dsp counts ({instead.value})"
    return Choice("mix" if instead is Meeting.DUCK else instead.value, why)
