"""The objects of the bus by serial, and by what they belong to. Frozen; a changed copy costs little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pyaudiobus.model.record import Record

Fact = str | int | float | bool | None
T = TypeVar("T")
Group = tuple[str, str | int]
"""What objects have in common: ("kind", "node"), ("class", "Audio/Sink"), ("name", ...), ("output", serial), ..."""


class Item(Record):
    """One object of the bus."""

    serial: int
    kind: str
    """One of KINDS, or what a later bus has besides."""
    name: str
    owner: int
    """The client whose object it is; 0: the daemon's own."""
    state: str
    properties: Mapping[str, str]
    facts: Mapping[str, Fact]
    """What the bus itself tells of it: volume, format, latency, linked ends, counters."""

    @property
    def media_class(self) -> str:
        """What a node is: SINK, SOURCE, PLAYBACK, RECORD or another word; empty where it does not say."""
        return self.properties.get("media.class", "")

    def number(self, fact: str) -> int:
        """Return a fact that is a whole number; 0 where it is none."""
        value = self.facts.get(fact)
        return value if isinstance(value, int) else 0

    def groups(self) -> list[Group]:
        """List what it has in common with others."""
        found: list[Group] = [("kind", self.kind), ("name", self.name), ("owner", self.owner)]
        if self.kind == "node":
            found.append(("class", self.properties.get("media.class", "")))
            if (role := self.properties.get("media.role")) is not None:
                found.append(("role", role.lower()))
            if "node.exclusive" in self.properties or "exclusive" in self.facts:
                found.append(("exclusive", 1))
        elif self.kind == "link":
            found += [("output", self.number("output")), ("input", self.number("input"))]
        elif self.kind == "port":
            found.append(("ports", self.number("node")))
        return found


MOST_PATCHED = 64
"""Changes for which an index is patched; for more it is made anew, if anybody asks for it."""
_Members = dict[int, Item]
_NONE: Mapping[int, Item] = MappingProxyType({})


class Items(Mapping[int, Item]):
    """Objects by serial, oldest first. The index is made when it is first asked for, and handed on to copies."""

    __slots__ = ("_by_serial", "_derived", "_index")

    def __init__(self, by_serial: Mapping[int, Item] = _NONE) -> None:
        """Take objects in any order."""
        self._by_serial = dict(sorted(by_serial.items()))
        self._index: dict[Group, _Members] | None = None
        self._derived: dict[object, tuple[object, Any]] = {}

    def __getitem__(self, serial: int) -> Item:
        return self._by_serial[serial]

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_serial)

    def __len__(self) -> int:
        return len(self._by_serial)

    def __contains__(self, serial: object) -> bool:
        return serial in self._by_serial

    def __repr__(self) -> str:
        return f"Items({list(self._by_serial.values())!r})"

    def among(self, group: Group) -> tuple[Item, ...]:
        """List what belongs to a group, oldest first."""
        return tuple(self._indexed().get(group, _NONE).values())

    def first(self, group: Group) -> Item | None:
        """Return the oldest of a group."""
        return next(iter(self._indexed().get(group, _NONE).values()), None)

    def derived(self, name: object, given: object, make: Callable[[], T]) -> T:
        """Return what `make` makes of these objects and of what is given, and make it once only."""
        known = self._derived.get(name)
        if known is None or known[0] is not given:
            known = self._derived[name] = (given, make())
        found: T = known[1]
        return found

    def changed(self, changes: Mapping[int, Item | None]) -> Items:
        """Return a copy with objects added or replaced; None takes one out."""
        copy = Items.__new__(Items)
        copy._by_serial = dict(self._by_serial)
        copy._derived = {}
        is_patched = self._index is not None and len(changes) <= MOST_PATCHED
        copy._index = dict(self._index) if self._index is not None and is_patched else None
        for serial, item in changes.items():
            before = copy._by_serial.pop(serial, None) if item is None else copy._by_serial.get(serial)
            if item is not None:
                copy._by_serial = _with(copy._by_serial, item)
            if copy._index is not None:
                _reindex(copy._index, before, item)
        return copy

    def _indexed(self) -> dict[Group, _Members]:
        if self._index is None:
            index: dict[Group, _Members] = {}
            for serial, item in self._by_serial.items():
                for group in item.groups():
                    index.setdefault(group, {})[serial] = item
            self._index = index
        return self._index


def _reindex(index: dict[Group, _Members], before: Item | None, after: Item | None) -> None:
    """Follow a change in an index that is this copy's own; its members are shared with others."""
    for group in before.groups() if before is not None else ():
        members = dict(index[group])
        del members[before.serial]  # type: ignore[union-attr]  # there are groups only where there is an item
        index[group] = members
    for group in after.groups() if after is not None else ():
        index[group] = _with(dict(index.get(group, _NONE)), after)  # type: ignore[arg-type]  # as above


def _with(members: _Members, item: Item) -> _Members:
    """Put an item into its place; most are changed, or newer than all others."""
    is_in_order = item.serial in members or not members or next(reversed(members)) < item.serial
    members[item.serial] = item
    return members if is_in_order else dict(sorted(members.items()))
