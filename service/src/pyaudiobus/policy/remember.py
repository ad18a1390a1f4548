"""How what people choose becomes what is remembered: a memory, a change, a new memory. Bounded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from pyaudiobus.model.items import Item
from pyaudiobus.model.memory import Memory, RememberedVolume
from pyaudiobus.model.snapshot import BUS, Entry, Snapshot
from pyaudiobus.policy.defaults import BY_POLICY
from pyaudiobus.policy.identity import node_key, stream_key
from pyaudiobus.policy.loudness import gains_of
from pyaudiobus.policy.streams import DEFAULT_KEYS, NO_TARGET, find_target, is_device, is_stream

MOST_DEFAULTS = 16
"""Earlier choices of one default; the oldest is forgotten."""
MOST_KEYS = 512
"""Streams and sinks of which something is remembered; what was changed longest ago is forgotten."""
V = TypeVar("V")


def remembered(memory: Memory, before: Item | Entry | None, after: Item | Entry | None, bus: Snapshot) -> Memory:
    """Return the memory after a change that people made; the same one where there is nothing to be remembered.

    Whoever calls this leaves out what a plan has done: volumes it set, defaults and targets it wrote.
    """
    if isinstance(after, Entry):
        return _of_entry(memory, after, bus)
    if isinstance(before, Entry):
        return _of_cleared(memory, before)
    if isinstance(before, Item) and isinstance(after, Item):
        return _of_choices(_of_item(memory, before, after), before, after)
    return memory


def _of_entry(memory: Memory, entry: Entry, bus: Snapshot) -> Memory:
    if entry.subject == BUS and entry.key in DEFAULT_KEYS and entry.type != BY_POLICY:
        earlier = [name for name in memory.defaults.get(entry.key, ()) if name != entry.value]
        names = (entry.value, *earlier)[:MOST_DEFAULTS]
        return memory.replace(defaults=_with(memory.defaults, entry.key, names))
    stream = bus.items.get(entry.subject)
    if entry.key != "target.object" or stream is None or not is_stream(stream):
        return memory
    if entry.value in NO_TARGET:
        return memory.replace(targets=_without(memory.targets, stream_key(stream)))
    found = find_target(stream, entry.value, bus)
    return memory if found is None else memory.replace(targets=_with(memory.targets, stream_key(stream), found.name))


def _of_cleared(memory: Memory, entry: Entry) -> Memory:
    """Somebody lets the bus choose again: earlier choices are forgotten as well."""
    if entry.subject == BUS and entry.key in DEFAULT_KEYS and entry.type != BY_POLICY:
        return memory.replace(defaults=_without(memory.defaults, entry.key))
    return memory


def _of_item(memory: Memory, before: Item, after: Item) -> Memory:
    if not (is_device(after) or is_stream(after)) or "volume" not in after.facts:
        return memory
    volume = RememberedVolume(gains_of(after), after.facts.get("muted") is True)
    if volume == RememberedVolume(gains_of(before), before.facts.get("muted") is True):
        return memory
    return memory.replace(volumes=_with(memory.volumes, node_key(after), volume))


def _of_choices(memory: Memory, before: Item, after: Item) -> Memory:
    """Remember a profile or route that somebody chose and wants to be remembered, as SPA's `save` says."""
    for what, field in (("profile", "profiles"), ("route", "routes")):
        name, is_saved = after.facts.get(what), after.facts.get(f"{what}.save")
        is_news = (name, is_saved) != (before.facts.get(what), before.facts.get(f"{what}.save"))
        if is_news and is_saved is True and isinstance(name, str):
            memory = memory.replace(**{field: _with(getattr(memory, field), after.name, name)})
    return memory


def _with(known: Mapping[str, V], key: str, value: V) -> Mapping[str, V]:
    """Put an entry last; where there are too many, the first goes."""
    kept = {name: kept for name, kept in known.items() if name != key}
    kept[key] = value
    while len(kept) > MOST_KEYS:
        del kept[next(iter(kept))]
    return MappingProxyType(kept)


def _without(known: Mapping[str, V], key: str) -> Mapping[str, V]:
    return MappingProxyType({name: value for name, value in known.items() if name != key})
