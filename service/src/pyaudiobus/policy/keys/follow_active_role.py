"""The volume keys belong to what is most important of all that is heard."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import PLAYBACK, Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.meetings import is_active
from pyaudiobus.policy.streams import place_of, role_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def follow_active_role(subject: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Choose the stream with the most important role that is heard, or its sink where the stream has no volume."""
    active = [stream for stream in bus.nodes(PLAYBACK) if role_of(stream, bus).name and is_active(stream, bus)]
    if not active:
        return Pass("no stream with a role is heard")
    first = max(active, key=lambda stream: (role_of(stream, bus).priority, stream.serial))
    place = place_of(first, bus)
    told = f"{first.name} is heard, and its role is {role_of(first, bus).name}"
    if "volume" in first.facts:
        return Choice(first.serial, told)
    if place is not None and "volume" in place.facts:
        return Choice(place.serial, f"{told}; it has no volume, its sink has")
    return Pass(f"{told}, and neither it nor its sink has a volume")
