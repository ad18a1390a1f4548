"""Smart filters: a sink and a stream of one link-group, put between streams and what they are for. Their order."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import PLAYBACK, SINK, SOURCE, Snapshot
from pyaudiobus.policy.streams import LINK_GROUP, SMART, is_set

NAME = "filter.name"
BEFORE = "filter.smart.before"
AFTER = "filter.smart.after"
TARGET = "filter.smart.target"
DISABLED = "filter.smart.disabled"
TARGETABLE = "filter.smart.targetable"


def is_filter(device: Item) -> bool:
    """Tell whether a sink or source is a smart filter that is on."""
    return is_set(device, SMART) and not is_set(device, DISABLED)


def filter_of(stream: Item, bus: Snapshot) -> Item | None:
    """Return the filter a stream is the other side of."""
    group = stream.properties.get(LINK_GROUP)
    if not group:
        return None
    mine = bus.nodes(SINK) if stream.media_class == PLAYBACK else bus.nodes(SOURCE)
    return next((node for node in mine if node.properties.get(LINK_GROUP) == group and is_filter(node)), None)


def target_of(found: Item, bus: Snapshot) -> Item | None:
    """Return what a filter is for; None for any device, or where it is not there."""
    named = found.properties.get(TARGET, "")
    return bus.find(named, "node") if named else None


def filters_for(target: Item, bus: Snapshot, *, is_named: bool) -> list[Item]:
    """List the filters before a target in their order; those for any device only where nobody named the target."""
    mine = [node for node in bus.nodes(target.media_class) if is_filter(node)]
    return _sorted([node for node in mine if _is_for(node, target, bus, is_named=is_named)])


def next_filter(found: Item, bus: Snapshot) -> Item | None:
    """Return the filter that comes after one, of those with the same target."""
    target = found.properties.get(TARGET, "")
    alike = [node for node in bus.nodes(found.media_class) if is_filter(node)]
    order = _sorted([node for node in alike if node.properties.get(TARGET, "") == target])
    later = order[order.index(found) + 1 :] if found in order else []
    return next(iter(later), None)


def _is_for(found: Item, target: Item, bus: Snapshot, *, is_named: bool) -> bool:
    if found.serial == target.serial:
        return False
    own = target_of(found, bus)
    return not is_named and not found.properties.get(TARGET) if own is None else own.serial == target.serial


def _sorted(filters: list[Item]) -> list[Item]:
    """Sort by what they say of each other; what nothing orders comes oldest first. A circle is cut at its oldest."""
    left, order = list(filters), list[Item]()
    while left:
        ready = next((node for node in left if not _waits(node, left)), left[0])
        left.remove(ready)
        order.append(ready)
    return order


def _waits(node: Item, left: list[Item]) -> bool:
    others = [other for other in left if other is not node]
    return any(_name(other) in _words(node, AFTER) or _name(node) in _words(other, BEFORE) for other in others)


def _name(node: Item) -> str:
    return node.properties.get(NAME, node.name)


def _words(node: Item, key: str) -> list[str]:
    return node.properties.get(key, "").replace(",", " ").strip("[] ").split()
