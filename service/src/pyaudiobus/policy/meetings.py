"""Which streams sound at the same time, and what their roles say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import Meeting, StreamRole
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import PLAYBACK, Snapshot
from pyaudiobus.policy.streams import place_of, role_of

SILENT = ("corked", "held", "unlinked", "waiting", "drained", "error", "lost")
"""States of a stream that is not heard."""


class Rival(Record):
    """A stream before whose role others have to give way."""

    stream: Item
    role: StreamRole

    def level(self, bus: Snapshot) -> float:
        """Return the gain of who is ducked."""
        return bus.settings.role_duck_level if self.role.duck_to is None else self.role.duck_to


class Rivals(Record):
    """All of them, the most important and then the latest first, by what they demand."""

    lower: Mapping[Meeting, tuple[Rival, ...]]
    """Of streams of lower priority."""
    same: Mapping[Meeting, tuple[Rival, ...]]
    """Of earlier streams of the same priority."""


def is_active(stream: Item, bus: Snapshot) -> bool:
    """Tell whether a stream is heard: linked and not held."""
    if True in (stream.facts.get("corked"), stream.facts.get("held")) or stream.state in SILENT:
        return False
    return place_of(stream, bus) is not None


def rivals(bus: Snapshot) -> Rivals:
    """List the streams that are heard and before whose role others may have to give way."""
    return bus.items.derived(rivals, bus.policy, lambda: _rivals(bus))


def _rivals(bus: Snapshot) -> Rivals:
    heard = [
        Rival(stream, role)
        for role in bus.policy.roles
        if {role.lower, role.same} != {Meeting.MIX}
        for stream in bus.items.among(("role", role.name.lower()))
        if stream.media_class == PLAYBACK and is_active(stream, bus)
    ]
    heard.sort(key=lambda rival: (-rival.role.priority, -rival.stream.serial))
    return Rivals(
        {meeting: tuple(rival for rival in heard if rival.role.lower is meeting) for meeting in Meeting},
        {meeting: tuple(rival for rival in heard if rival.role.same is meeting) for meeting in Meeting},
    )


def rival_by(meeting: Meeting, stream: Item, bus: Snapshot) -> Rival | None:
    """Return the most important rival that demands something of a stream."""
    return next(_demanding(meeting, stream, bus), None)


def has_rival(stream: Item, bus: Snapshot) -> bool:
    """Tell whether anything is demanded of a stream."""
    return any(rival_by(meeting, stream, bus) for meeting in (Meeting.PAUSE, Meeting.CORK, Meeting.DUCK))


def duck_level(stream: Item, bus: Snapshot) -> float:
    """Return the gain a stream is ducked to: the lowest that any rival demands; 1 where none does."""
    return min((rival.level(bus) for rival in _demanding(Meeting.DUCK, stream, bus)), default=1.0)


def _demanding(meeting: Meeting, stream: Item, bus: Snapshot) -> Iterator[Rival]:
    if stream.media_class != PLAYBACK:
        return
    known, priority = rivals(bus), role_of(stream, bus).priority
    for rival in known.lower[meeting]:
        if rival.role.priority <= priority:
            break
        yield rival
    for rival in known.same[meeting]:
        if rival.role.priority == priority and rival.stream.serial > stream.serial:
            yield rival


def told(rival: Rival) -> str:
    """Say who the rival is."""
    return f"{rival.stream.name} plays, and its role is {rival.role.name}"
