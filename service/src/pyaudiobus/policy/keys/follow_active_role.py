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
    first = _most_important(bus)
    if first is None:
        return Pass("no stream with a role is heard")
    place = place_of(first, bus)
    told = f"{first.name} is heard, and its role is {role_of(first, bus).name}"
    if "volume" in first.facts:
        return Choice(first.serial, told)
    if place is not None and "volume" in place.facts:
        return Choice(place.serial, f"{told}; it has no volume, its sink has")
    return Pass(f"{told}, and neither it nor its sink has a volume")


def _most_important(bus: Snapshot) -> Item | None:
    """Return the latest stream of the most important role that is heard."""
    for priority in sorted({role.priority for role in bus.policy.roles}, reverse=True):
        names = [role.name.lower() for role in bus.policy.roles if role.priority == priority]
        known = [stream for name in names for stream in bus.items.among(("role", name))]
        for stream in sorted(known, key=lambda one: one.serial, reverse=True):
            if stream.media_class == PLAYBACK and is_active(stream, bus):
                return stream
    return None
