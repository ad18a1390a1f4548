"""All objects by serial, and who is told when one comes, changes or goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from pyaudiobus.daemon.objects import BusObject, Facts
from pyaudiobus.daemon.telling import Telling
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import Named, ObjectChanged

Kind = TypeVar("Kind", bound=BusObject)


class Watcher(Protocol):
    """Somebody who is told."""

    def object_added(self, found: BusObject, told: Telling) -> None:
        """There is an object."""

    def object_changed(self, found: BusObject, told: Telling) -> None:
        """Something of it is different."""

    def object_removed(self, gone: BusObject, told: Telling) -> None:
        """It is gone."""


class NotFound(AudiobusError):
    """There is no such object, or none that this client may see."""


class Registry:
    """The objects of one bus. Serials start at 1 and are never used twice."""

    def __init__(self) -> None:
        self._objects: dict[int, BusObject] = {}
        self._owned: dict[int, dict[int, BusObject]] = {}
        """By the serial of the client whose they are: one that dies is forgotten without a look at what others have."""
        self._needing: dict[int, dict[int, BusObject]] = {}
        """By the serial of each object without which they make no sense."""
        self._settling: dict[int, BusObject] = {}
        """Those of which is_settled can be false."""
        self._last = 0
        self._watchers: list[Watcher] = []

    def new_serial(self) -> int:
        """Return a serial for an object to be made."""
        self._last += 1
        return self._last

    def add(self, made: Kind) -> Kind:
        """Make an object known; what waited under its serial has become it."""
        before = self._objects.get(made.serial)
        self._objects[made.serial] = made
        self._owned.setdefault(made.owner, {})[made.serial] = made
        for part in made.parts():
            self._needing.setdefault(part.serial, {})[made.serial] = made
        self._settling.pop(made.serial, None)
        if made.settles:
            self._settling[made.serial] = made
        if before is not None:
            self._succeed(before, made)
            return made
        told = added(made)
        for watcher in tuple(self._watchers):
            watcher.object_added(made, told)
        return made

    def _succeed(self, before: BusObject, made: BusObject) -> None:
        """Tell what is different of an object that has become another; it keeps its properties."""
        made.properties = before.properties
        facts: Facts = dict.fromkeys(before.facts())
        self.changed(made, {**facts, **made.facts()})
        before.gone()

    def remove(self, serial: int) -> None:
        """Take an object out, and let it go; nothing if it is gone already."""
        gone = self._objects.pop(serial, None)
        if gone is None:
            return
        _take_out(self._owned, gone.owner, serial)
        for part in gone.parts():
            _take_out(self._needing, part.serial, serial)
        self._settling.pop(serial, None)
        told = removed(gone)
        for watcher in tuple(self._watchers):
            watcher.object_removed(gone, told)
        gone.gone()

    def changed(
        self, found: BusObject, facts: Facts | None = None, properties: dict[str, str | None] | None = None
    ) -> None:
        """Tell what is different of an object that is known."""
        if found.serial not in self._objects:
            return
        change = ObjectChanged(found.serial, found.state, properties or {}, facts or {})
        told = Telling("object-changed", lambda: change)
        for watcher in tuple(self._watchers):
            watcher.object_changed(found, told)

    def get(self, serial: int) -> BusObject:
        """Return an object. NotFound."""
        found = self._objects.get(serial)
        if found is None:
            raise NotFound(f"there is no object {serial}")
        return found

    @property
    def is_settled(self) -> bool:
        """Whether all that objects were told has reached the cycles."""
        for found in self._settling.values():  # noqa: SIM110  # half the cost of all(): every sync looks
            if not found.is_settled:
                return False
        return True

    def of_kind(self, kind: type[Kind]) -> Iterator[Kind]:
        """List the objects of a class, oldest first."""
        return (found for found in tuple(self._objects.values()) if isinstance(found, kind))

    def owned_by(self, client: int) -> list[BusObject]:
        """List a client's objects, newest first: the order in which they can be removed."""
        return list(reversed(self._owned.get(client, {}).values()))

    def needing(self, part: BusObject) -> list[BusObject]:
        """List what makes no sense without an object, oldest first: a node's ports, the links of either.

        What needs the one that had its serial before it is not its own.
        """
        return [found for found in self._needing.get(part.serial, {}).values() if part in found.parts()]

    def ports_of(self, node: BusObject) -> list[BusObject]:
        """List a node's ports, newest first."""
        return [found for found in reversed(self.needing(node)) if found.kind == "port"]

    def __contains__(self, serial: object) -> bool:
        return serial in self._objects

    def __iter__(self) -> Iterator[BusObject]:
        return iter(tuple(self._objects.values()))

    def watch(self, watcher: Watcher) -> None:
        """Tell this one from now on; legal twice."""
        if watcher not in self._watchers:
            self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Tell it no more."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)


def added(found: BusObject) -> Telling:
    """Say that there is an object, as it is when that is first told."""
    return Telling("object-added", found.info)


def removed(gone: BusObject) -> Telling:
    """Say that there is no such object."""
    return Telling("object-removed", lambda: Named(gone.serial))


def _take_out(index: dict[int, dict[int, BusObject]], key: int, serial: int) -> None:
    found = index.get(key, {})
    found.pop(serial, None)
    if not found:
        index.pop(key, None)
