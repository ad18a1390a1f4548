"""Filters that put themselves between streams and a sink."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import SINK, Snapshot
from pyaudiobus.policy.filters import TARGETABLE, filter_of, filters_for, is_filter
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import is_playback, is_set
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict

NAMED_BY = ("find_named_target", "find_ruled_target", "find_remembered_target")


@hook()
def insert_smart_filter(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the first smart filter before the stream's target. Roles, groups and filters themselves have none."""
    target, by = _decided(stream, bus)
    if target is None:
        return Pass("it has no target")
    if why_none := _why_none(stream, target, by, bus):
        return Pass(why_none)
    rejected: list[Rejected] = []
    for found in filters_for(target, bus, is_named=by in NAMED_BY):
        reason = refusal(stream, found, bus)
        if not reason:
            return Choice(found.serial, f"{found.name} stands before {target.name}", tuple(rejected))
        rejected.append(Rejected(found.serial, found.name, reason))
    return Pass("; ".join(one.reason for one in rejected) or f"no filter is for {target.name}", tuple(rejected))


def _why_none(stream: Item, target: Item, by: str, bus: Snapshot) -> str:
    """Return why nothing is put before a target; empty where a filter may be."""
    if not is_playback(stream) and target.media_class == SINK:
        return f"it hears what {target.name} plays, behind all filters"
    if filter_of(stream, bus) is not None:
        return "it is a filter's stream"
    if by in ("find_role_target", "find_group_target"):
        return f"what {by} chooses is used as it is"
    if by in NAMED_BY and is_filter(target) and is_set(target, TARGETABLE):
        return f"{target.name} is a filter, and was named"
    return ""


def _decided(stream: Item, bus: Snapshot) -> tuple[Item | None, str]:
    serial = bus.decided.get(("target", stream.serial))
    found = bus.items.get(serial) if isinstance(serial, int) else None
    return found, str(bus.decided.get(("target by", stream.serial), ""))
