"""Which streams sound at the same time, and what their roles say of each other."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import PLAYBACK, Snapshot
from pyaudiobus.policy.streams import place_of, role_of

SILENT = ("corked", "held", "unlinked", "waiting", "drained", "error", "lost")
"""States of a stream that is not heard."""


class Rival(Record):
    """A stream that a stream has to give way to."""

    stream: Item
    meeting: Meeting
    level: float
    """Gain of who is ducked."""


def is_active(stream: Item, bus: Snapshot) -> bool:
    """Tell whether a stream is heard: linked and not held."""
    if True in (stream.facts.get("corked"), stream.facts.get("held")) or stream.state in SILENT:
        return False
    return place_of(stream, bus) is not None


def rivals(stream: Item, bus: Snapshot) -> list[Rival]:
    """List the streams with whose roles a stream meets as anything but an equal, the most important first."""
    if stream.media_class != PLAYBACK:
        return []
    mine = role_of(stream, bus)
    found = []
    for other in bus.items.derived(acting, bus.policy, lambda: acting(bus)):
        theirs = role_of(other, bus)
        is_later = theirs.priority == mine.priority and other.serial > stream.serial
        meeting = theirs.lower if theirs.priority > mine.priority else theirs.same if is_later else Meeting.MIX
        if meeting is not Meeting.MIX:
            level = bus.settings.role_duck_level if theirs.duck_to is None else theirs.duck_to
            found.append(Rival(other, meeting, level))
    return sorted(found, key=lambda rival: (-role_of(rival.stream, bus).priority, -rival.stream.serial))


def acting(bus: Snapshot) -> tuple[Item, ...]:
    """List the streams that are heard and before whose role others may have to give way."""
    roles = {role.name.lower() for role in bus.policy.roles if _acts(role.lower, role.same)}
    mine = (stream for stream in bus.nodes(PLAYBACK) if stream.properties.get("media.role", "").lower() in roles)
    return tuple(stream for stream in mine if is_active(stream, bus))


def rival_by(meeting: Meeting, stream: Item, bus: Snapshot) -> Rival | None:
    """Return the most important rival that demands something of a stream."""
    return next((rival for rival in rivals(stream, bus) if rival.meeting is meeting), None)


def duck_level(stream: Item, bus: Snapshot) -> float:
    """Return the gain a stream is ducked to: the lowest that any rival demands; 1 where none does."""
    return min((rival.level for rival in rivals(stream, bus) if rival.meeting is Meeting.DUCK), default=1.0)


def told(rival: Rival, bus: Snapshot) -> str:
    """Say who the rival is."""
    return f"{rival.stream.name} plays, and its role is {role_of(rival.stream, bus).name}"


def _acts(*meetings: Meeting) -> bool:
    return any(meeting is not Meeting.MIX for meeting in meetings)
