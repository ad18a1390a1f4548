"""Whom a change concerns: the subjects about which to ask again. A change of a thousand things concerns few."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import MARKS
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE, SINK, Entry, Snapshot
from pyaudiobus.policy.offers import has_encoded, is_dsp
from pyaudiobus.policy.streams import is_device, is_stream, streams

QUIET_FACTS = frozenset(
    ("taken", "wakeups", "underruns", "queued_seconds", "quantum", "latency", "xruns", "waiting", "tlength", "fragsize")
)
"""What changes all the time, and decides nothing."""
QUIET_STATES = frozenset(("idle", "running", "suspended", "paused"))
"""Between these a stream changes as its client is in time or late; it is the same to policy."""
TARGETS = ("target.object", "target.node")


def concerned(before: Item | Entry | None, after: Item | Entry | None, bus: Snapshot) -> frozenset[int]:
    """Return the serials that plan() is to be asked about after a change; none where it decides nothing.

    `bus` is the bus after it. None before: it is new; after: it is gone.
    """
    now = after or before
    if isinstance(now, Entry):
        return _of_entry(now, bus)
    if not isinstance(now, Item) or not _is_news(before, after):
        return frozenset()
    if now.kind == "link":
        return frozenset((now.number("output"), now.number("input")))
    if now.kind == "node" and is_device(now):
        return _of_device(now, bus)
    if after is None and is_stream(now) and has_encoded(now, bus):
        return frozenset((now.serial, *(sink.serial for sink in bus.nodes(SINK) if is_dsp(sink, bus))))
    return frozenset((now.serial,)) if now.kind in ("client", "device", "node") else frozenset()


def _of_entry(entry: Entry, bus: Snapshot) -> frozenset[int]:
    if entry.subject == BUS and entry.key in (DEFAULT_SINK, DEFAULT_SOURCE):
        return frozenset((BUS, *(stream.serial for stream in streams(bus))))
    return frozenset((entry.subject,)) if entry.key in TARGETS else frozenset()


def _of_device(device: Item, bus: Snapshot) -> frozenset[int]:
    """Name a sink or source, the streams that could go there, and the defaults."""
    return frozenset((BUS, device.serial, *(stream.serial for stream in streams(bus))))


def _is_news(before: Item | Entry | None, after: Item | Entry | None) -> bool:
    if not isinstance(before, Item) or not isinstance(after, Item):
        return True
    if before.state != after.state and not {before.state, after.state} <= QUIET_STATES:
        return True
    if before.state != after.state and is_device(after):
        return True
    return _telling(before) != _telling(after)


def _telling(item: Item) -> tuple[object, ...]:
    properties = {key: value for key, value in item.properties.items() if not key.startswith(MARKS)}
    facts = {key: value for key, value in item.facts.items() if key not in QUIET_FACTS}
    return item.name, properties, facts
