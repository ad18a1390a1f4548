"""A picture of the bus that follows it: events in, frozen snapshots out. No I/O; a connection hands the events over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from types import MappingProxyType

from pyaudiobus.client.conversation import Request
from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.items import Items
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import KINDS, Entry, Item, Snapshot
from pyaudiobus.protocol.messages import Named, ObjectChanged, Subscribe
from pyaudiobus.protocol.words import MetadataEntry, ObjectInfo

MAX_CHANGES = 4096
"""Changes that nobody has fetched; the oldest go first."""


class Change(Record):
    """What was and what is: of an object, or of an entry of the metadata. None: it was not, or is no more."""

    before: Item | Entry | None
    after: Item | Entry | None


class Mirror:
    """The bus as its events have told it."""

    def __init__(self, changed: Callable[[Change], None] | None = None) -> None:
        """Begin with nothing; `changed` is called at every change instead of keeping it for changes()."""
        self._items: dict[int, Item] = {}
        self._known = Items()
        """The items of the last snapshot."""
        self._since: dict[int, Item | None] = {}
        """What has changed since."""
        self._entries: dict[tuple[int, str], Entry] = {}
        self._snapshot: Snapshot | None = None
        self._changes: deque[Change] = deque(maxlen=MAX_CHANGES)
        self._changed = changed or self._changes.append

    def take(self, happening: Happening) -> None:
        """Follow an event; what concerns neither objects nor metadata is nothing to it."""
        body = happening.body
        if isinstance(body, ObjectInfo):
            self._put(_item(body))
        elif isinstance(body, ObjectChanged):
            before = self._items.get(body.serial)
            if before is not None:
                self._put(_changed(before, body))
        elif isinstance(body, MetadataEntry):
            self._note(Entry(body.subject, body.key, body.type, body.value))
        elif happening.name == "object-removed" and isinstance(body, Named):
            before = self._items.pop(body.serial, None)
            if before is not None:
                self._since[body.serial] = None
                self._tell(Change(before, None))

    def snapshot(self) -> Snapshot:
        """Return the bus as it is known now: the same value until something changes."""
        if self._snapshot is None:
            self._fold()
            self._snapshot = Snapshot(self._known, MappingProxyType(dict(self._entries)))
        return self._snapshot

    def changes(self) -> list[Change]:
        """Return what has changed since the last call."""
        found = list(self._changes)
        self._changes.clear()
        return found

    def _put(self, item: Item) -> None:
        before = self._items.get(item.serial)
        self._items[item.serial] = self._since[item.serial] = item
        self._tell(Change(before, item))

    def _note(self, entry: Entry) -> None:
        place = (entry.subject, entry.key)
        before = self._entries.pop(place, None)
        if entry.type:
            self._entries[place] = entry
        if entry.type or before is not None:
            self._tell(Change(before, entry if entry.type else None))

    def _fold(self) -> None:
        self._known = self._known.changed(self._since)
        self._since = {}

    def _tell(self, change: Change) -> None:
        self._snapshot = None
        if len(self._since) >= MAX_CHANGES:
            self._fold()
        self._changed(change)


def subscription(kinds: Iterable[str] = KINDS) -> Request:
    """Ask to hear of objects of these kinds, and of the metadata if that is one of them."""
    return Request("subscribe", Subscribe(tuple(kinds)))


def follow(remote: Remote, kinds: Iterable[str] = KINDS, changed: Callable[[Change], None] | None = None) -> Mirror:
    """Return a mirror that shows the bus as it is, and follows it whenever the remote waits for something.

    One for a connection: its kinds are those of the last that was asked for.
    """
    mirror = Mirror(changed)
    remote.watchers.append(mirror)
    remote.do(subscription(kinds))
    return mirror


def look(remote: Remote) -> Snapshot:
    """Return the bus as it is now; where a mirror follows it already, what that shows."""
    for watcher in remote.watchers:
        if isinstance(watcher, Mirror):
            remote.ask("sync")
            return watcher.snapshot()
    mirror = Mirror(lambda change: None)  # noqa: ARG005  # nobody asks what has changed
    remote.watchers.append(mirror)
    try:
        remote.do(subscription())
        return mirror.snapshot()
    finally:
        remote.watchers.remove(mirror)
        if remote.is_open:
            remote.ask_later("subscribe", subscription(()).body, lambda _: None)


def _item(info: ObjectInfo) -> Item:
    return Item(
        info.serial,
        info.kind,
        info.name,
        info.owner,
        info.state,
        MappingProxyType(info.properties),
        MappingProxyType({key: value for key, value in info.facts.items() if value is not None}),
    )


def _changed(before: Item, change: ObjectChanged) -> Item:
    properties = {**before.properties, **change.properties}
    facts = {**before.facts, **change.facts}
    return before.replace(
        state=change.state,
        properties=MappingProxyType({key: value for key, value in properties.items() if value is not None}),
        facts=MappingProxyType({key: value for key, value in facts.items() if value is not None}),
    )
