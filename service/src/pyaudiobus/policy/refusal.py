"""Why a stream cannot have a device: the promises of the bus, whichever hook or script has chosen it."""

from __future__ import annotations

from collections.abc import Iterator

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, Snapshot
from pyaudiobus.policy.line import is_decoded, why_it_stays
from pyaudiobus.policy.offers import agreed, is_dsp
from pyaudiobus.policy.streams import (
    EXCLUSIVE,
    LINK_GROUP,
    devices_for,
    is_device,
    is_playback,
    is_set,
    is_stream,
    place_of,
    players_on,
    why_unavailable,
)

MOST_HOPS = 8
"""How far a chain of filters is followed, as WirePlumber does."""


def refusal(stream: Item, device: Item, bus: Snapshot) -> str:
    """Return why a stream cannot be linked to a device now; empty where it can."""
    return (
        wrong_kind(stream, device)
        or why_unavailable(device)
        or bus.failures.get((stream.serial, device.serial), "")
        or agreed(stream, device, bus)[1]
        or _is_taken(stream, device, bus)
        or _loops(stream, device, bus)
    )


def wrong_kind(stream: Item, device: Item) -> str:
    """Return why a stream can never be linked to a node, whatever happens; empty where it may be."""
    if not is_playback(stream):
        return "" if is_device(device) or is_stream(device) else f"{device.name} gives no sound"
    if device.media_class in ("Audio/Sink", "Audio/Duplex"):
        return ""
    return f"{device.name} is a {device.media_class or device.kind}, and no sink"


def candidates(stream: Item, bus: Snapshot) -> tuple[Item, ...]:
    """List what a stream may be linked to without being asked for by name."""
    return devices_for(stream, bus)


def _is_taken(stream: Item, device: Item, bus: Snapshot) -> str:
    """Return who has a device for himself, or why a stream cannot have it for itself."""
    if not is_playback(stream):
        return ""
    if is_dsp(device, bus):
        return (why_it_stays(stream, bus) if is_decoded(stream, bus) else "") or _is_owned(stream, device, bus)
    for other in bus.items.among(("exclusive", 1)):
        place = place_of(other, bus)
        is_there = place is not None and place.serial == device.serial
        if is_there and other.serial != stream.serial and is_set(other, EXCLUSIVE):
            return f"{device.name} is held by {other.name} for itself alone"
    if is_set(stream, EXCLUSIVE) and _others(stream, device, bus):
        return f"{device.name} plays other streams, and {stream.name} wants it for itself"
    return ""


def _others(stream: Item, device: Item, bus: Snapshot) -> list[Item]:
    return [other for other in players_on(device, bus) if other.serial != stream.serial]


def _is_owned(stream: Item, device: Item, bus: Snapshot) -> str:
    owner = bus.decided.get(("owner", device.serial))
    if owner == stream.serial:
        return ""
    if isinstance(owner, int) and owner in bus.items:
        return f"{device.name} plays {bus.items[owner].name}, and one encoded stream at a time"
    others = _others(stream, device, bus)
    return f"{device.name} plays {_names(others)}, and one encoded stream at a time" if others else ""


def _names(items: list[Item]) -> str:
    return ", ".join(item.name for item in items)


def _loops(stream: Item, device: Item, bus: Snapshot) -> str:
    """Return which way a sound would come back to where it is from; empty where it would not."""
    group = stream.properties.get(LINK_GROUP)
    if not group:
        return ""
    if not is_playback(stream):  # it may hear its own filter's sink, but not what its other side plays into
        ahead = [node for own in _sides(group, bus) for node in _played_into(own, bus)]
        is_heard = any(device.serial == node.serial for node in _reached(ahead, bus))
        return f"{device.name} plays what {stream.name} hears" if is_heard else ""
    for hops, ahead in enumerate(_ways(device, bus)):
        if any(group in _groups_of(node, bus) for node in ahead):
            return f"{device.name} leads back to {stream.name}"
        if hops >= MOST_HOPS:
            return f"{device.name} leads through more than {MOST_HOPS} filters"
    return ""


def _ways(device: Item, bus: Snapshot) -> Iterator[list[Item]]:
    """List the sinks that a sound comes to, filter by filter: first the device itself."""
    reached, ahead = {device.serial}, [device]
    while ahead:
        yield ahead
        ahead = [node for one in ahead for node in _beyond(one, bus) if node.serial not in reached]
        reached.update(node.serial for node in ahead)


def _reached(devices: list[Item], bus: Snapshot) -> Iterator[Item]:
    for device in devices:
        for _, ahead in zip(range(MOST_HOPS), _ways(device, bus), strict=False):
            yield from ahead


def _groups_of(device: Item, bus: Snapshot) -> set[str]:
    """Return the filters that a sound goes through which comes to a sink: its own, and those that listen to it."""
    heard = (bus.items.get(link.number("input")) for link in bus.links_from(device.serial))
    nodes = [device, *(node for node in heard if node is not None and node.media_class == RECORD)]
    return {group for node in nodes if (group := node.properties.get(LINK_GROUP))}


def _sides(group: str, bus: Snapshot) -> list[Item]:
    """List the streams that a filter plays."""
    return [node for node in bus.nodes(PLAYBACK) if node.properties.get(LINK_GROUP) == group]


def _played_into(node: Item, bus: Snapshot) -> list[Item]:
    found = (bus.items.get(link.number("input")) for link in bus.links_from(node.serial))
    return [other for other in found if other is not None and is_device(other)]


def _beyond(device: Item, bus: Snapshot) -> list[Item]:
    """List where the sound goes that comes to a sink: through the other side of its filters, and through its links."""
    outputs = [device, *(side for group in _groups_of(device, bus) for side in _sides(group, bus))]
    return [node for output in outputs for node in _played_into(output, bus)]
