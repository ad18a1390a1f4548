"""The bus as it is once an action was done, as far as policy looks at it. For plans, dry runs and tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.snapshot import BUS, RECORD, Entry, Snapshot
from pyaudiobus.policy.actions import (
    Action,
    Duck,
    Hold,
    Link,
    Move,
    Pause,
    SetDefault,
    SetKeys,
    SetProfile,
    SetProperties,
    SetRole,
    SetRoute,
    SetVolume,
    Suspend,
    TurnDown,
)
from pyaudiobus.policy.defaults import BY_POLICY
from pyaudiobus.policy.loudness import gains_as_text
from pyaudiobus.policy.offers import is_dsp
from pyaudiobus.policy.streams import VOLUME_KEYS, is_playback, place_of

Changes = dict[int, Item | None]


def applied(bus: Snapshot, action: Action) -> Snapshot:
    """Return the bus after an action; its marks are set as well."""
    subject = bus.items.get(action.subject)
    if isinstance(action, SetDefault | SetKeys):
        key = action.key if isinstance(action, SetDefault) else VOLUME_KEYS
        return bus.replace(entries=_noted(bus, key, action.name))
    if subject is None:
        return bus
    changes: Changes = {subject.serial: _marked(_touched(subject, action), action.marks())}
    if isinstance(action, Link | Move):
        _link(bus, action, changes)
    elif isinstance(action, Hold):
        if action.unlink:
            _unlink(bus, subject, changes)
            place = place_of(subject, bus)
            if place is not None and is_dsp(place, bus):  # it keeps its place, to go on there
                changes[subject.serial] = _told(changes[subject.serial] or subject, {"parked": True})
        changes[subject.serial] = _told(changes[subject.serial] or subject, {"waits": action.reason})
    elif isinstance(action, TurnDown):
        _unlink(bus, subject, changes)
        if action.is_final:
            changes |= {port.serial: None for port in bus.ports_of(subject.serial)}
            changes[subject.serial] = None
    return bus.with_items(changes)


def _touched(item: Item, action: Action) -> Item:
    """Return the subject with what the action changes of its own."""
    if isinstance(action, SetProperties):
        return _marked(item, dict(action.changes))
    if isinstance(action, SetVolume):
        return _told(item, {"volume": gains_as_text(action.gains)})
    if isinstance(action, Duck):
        return _told(item, {"duck": None if action.gain == 1 else action.gain})
    if isinstance(action, Pause):
        return _told(item, {"held": action.paused or None}).replace(state="held" if action.paused else "running")
    if isinstance(action, Suspend):
        return item.replace(state="suspended")
    return _told(item, _device_facts(action))


def _device_facts(action: Action) -> dict[str, Fact]:
    if isinstance(action, SetProfile):
        return {"profile": action.profile}
    if isinstance(action, SetRole):
        return {"role": action.role}
    return {"route": action.route} if isinstance(action, SetRoute) else {}


def _link(bus: Snapshot, action: Link | Move, changes: Changes) -> None:
    stream, target = changes[action.subject], bus.items.get(action.target)
    if stream is None or target is None:
        return
    _unlink(bus, stream, changes)
    serial = max(bus.items, default=0) + 1
    output, input_ = (stream, target) if is_playback(stream) else (target, stream)
    facts: dict[str, Fact] = {"output": output.serial, "input": input_.serial, "reason": action.reason}
    name = f"{output.name} -> {input_.name}"
    changes[serial] = Item(serial, "link", name, 0, "ready", MappingProxyType({}), MappingProxyType(facts))
    formats: dict[str, Fact] = {"waits": None, "parked": None, **({"format": action.format} if action.format else {})}
    if not is_dsp(target, bus) and action.format and "may_return" not in stream.facts:
        formats["formats"] = action.format
    state = "running" if stream.state in ("unlinked", "waiting", "") else stream.state
    changes[stream.serial] = _told(stream, formats).replace(state=state)
    if target.state in ("suspended", "idle") and stream.facts.get("corked") is not True:
        changes[target.serial] = target.replace(state="running")


def _unlink(bus: Snapshot, stream: Item, changes: Changes) -> None:
    links = bus.links_from(stream.serial) if is_playback(stream) else bus.links_into(stream.serial)
    end = "input" if is_playback(stream) else "output"
    for link in links:
        other = bus.items.get(link.number(end))
        if other is not None and other.media_class != RECORD:
            changes[link.serial] = None
            changes[stream.serial] = (changes[stream.serial] or stream).replace(state="unlinked")


def _noted(bus: Snapshot, key: str, value: str) -> Mapping[tuple[int, str], Entry]:
    return MappingProxyType({**bus.entries, (BUS, key): Entry(BUS, key, BY_POLICY, value)})


def _marked(item: Item, marks: Mapping[str, str | None]) -> Item:
    if not marks:
        return item
    kept = {key: value for key, value in item.properties.items() if key not in marks}
    kept.update({key: value for key, value in marks.items() if value is not None})
    return item.replace(properties=MappingProxyType(kept))


def _told(item: Item, facts: Mapping[str, Fact]) -> Item:
    if not facts:
        return item
    known = {**item.facts, **facts}
    return item.replace(facts=MappingProxyType({key: value for key, value in known.items() if value is not None}))
