"""The bus as it was at one moment: objects, links, metadata. Frozen; tools show it and policy decides by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item, Items
from pyaudiobus.model.memory import Memory
from pyaudiobus.model.policy import PolicySettings, Settings
from pyaudiobus.model.record import Record

__all__ = ["Entry", "Item", "Snapshot"]

VERSION = 1
"""Of a snapshot's words. Another one is refused, as policy would decide by what it misreads."""
KINDS = ("core", "client", "node", "port", "link", "device", "metadata", "sample", "player")
"""Every kind of object, in the order in which people read of them."""
MOST_DIGITS = 19
"""Of a serial."""
BUS = 0
"""The subject of metadata about the bus itself."""
DEFAULT_SINK = "default.audio.sink"
DEFAULT_SOURCE = "default.audio.source"
SINK = "Audio/Sink"
SOURCE = "Audio/Source"
PLAYBACK = "Stream/Output/Audio"
RECORD = "Stream/Input/Audio"


class Entry(Record):
    """One entry of the metadata."""

    subject: int
    """A serial, or BUS."""
    key: str
    type: str
    value: str


class Snapshot(Record):
    """The bus at one moment, as one client may see it."""

    items: Items
    """By serial, oldest first."""
    entries: Mapping[tuple[int, str], Entry]
    """Metadata by subject and key."""
    now: float = 0.0
    """Seconds of the clock that `since` has; a policy has no other."""
    since: Mapping[int, float] = MappingProxyType({})
    """When an object came into its present state, as far as is known."""
    failures: Mapping[tuple[int, int], str] = MappingProxyType({})
    """Why the bus refused to link a stream to a node, both by serial. They are not asked for again."""
    decided: Mapping[tuple[str, int], object] = MappingProxyType({})
    """Answers that others build on, by question and subject: "owner" of each DSP, "default" (policy/prepare.py)."""
    memory: Memory = Memory()
    """What people chose earlier."""
    policy: PolicySettings = PolicySettings()
    """Roles, rules and settings that decisions follow."""

    @classmethod
    def of(cls, items: Iterable[Item], entries: Iterable[Entry] = (), **more: Any) -> Snapshot:  # noqa: ANN401
        """Make one of its parts, in any order."""
        return cls(
            Items({item.serial: item for item in items}),
            MappingProxyType({(entry.subject, entry.key): entry for entry in entries}),
            **more,
        )

    def with_items(self, changes: Mapping[int, Item | None]) -> Snapshot:
        """Return a copy with objects added or replaced; None takes one out."""
        return self.replace(items=self.items.changed(changes))

    @property
    def settings(self) -> Settings:
        """The settings that decisions follow."""
        return self.policy.settings

    # ---- what there is ----

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """List the objects of a kind, oldest first."""
        return self.items.among(("kind", kind))

    def nodes(self, media_class: str = "") -> tuple[Item, ...]:
        """List the nodes of a class, or all."""
        return self.items.among(("class", media_class) if media_class else ("kind", "node"))

    def find(self, wanted: str | int, kind: str = "") -> Item | None:
        """Return what a person means by a serial or a name. A name comes first, as it may consist of digits."""
        named = (item for item in self.items.among(("name", str(wanted))) if kind in ("", item.kind))
        by_name = next(named, None)
        if by_name is not None:
            return by_name
        if not str(wanted).isdecimal() or len(str(wanted)) > MOST_DIGITS:
            return self._file(str(wanted), kind)
        by_serial = self.items.get(int(wanted))
        return by_serial if by_serial is not None and kind in ("", by_serial.kind) else None

    def _file(self, wanted: str, kind: str) -> Item | None:
        """Return what is named by the path of a file of this name, as lists show it, if one alone is."""
        found = [
            item
            for item in self.items.values()
            if item.name.startswith("/") and item.name.endswith(f"/{wanted}") and kind in ("", item.kind)
        ]
        return found[0] if len(found) == 1 else None

    # ---- what belongs together ----

    def ports_of(self, node: int) -> tuple[Item, ...]:
        """List a node's ports."""
        return self.items.among(("ports", node))

    def links_from(self, serial: int) -> tuple[Item, ...]:
        """List the links that begin at a node or port."""
        return self.items.among(("output", serial))

    def links_into(self, serial: int) -> tuple[Item, ...]:
        """List the links that end at a node or port."""
        return self.items.among(("input", serial))

    def owned_by(self, client: int) -> tuple[Item, ...]:
        """List a client's objects."""
        return tuple(item for item in self.items.among(("owner", client)) if item.serial != client)

    # ---- metadata ----

    def entry(self, subject: int, key: str) -> str:
        """Return the value of an entry; empty where there is none."""
        found = self.entries.get((subject, key))
        return found.value if found else ""

    @property
    def default_sink(self) -> Item | None:
        """The sink that people chose, while it is there."""
        return self._chosen(DEFAULT_SINK)

    @property
    def default_source(self) -> Item | None:
        """The source that people chose, while it is there."""
        return self._chosen(DEFAULT_SOURCE)

    def _chosen(self, key: str) -> Item | None:
        name = self.entry(BUS, key)
        return self.find(name, "node") if name else None

    # ---- as plain words ----

    def as_words(self) -> dict[str, Any]:
        """Return it as lists and dictionaries, for JSON, with the time, and without what is remembered."""
        return {
            "version": VERSION,
            "now": self.now,
            "since": {str(serial): since for serial, since in self.since.items()},
            "objects": [
                {**_words(item), "properties": dict(item.properties), "facts": dict(item.facts)}
                for item in self.items.values()
            ],
            "metadata": [_words(entry) for entry in self.entries.values()],
        }

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> Snapshot:
        """Make one of what as_words() returned. UserError for another version, TypeError for what is missing or odd."""
        version = words.get("version", VERSION)
        if version != VERSION:
            raise UserError(
                f"this snapshot is of version {str(version)[:MOST_DIGITS]}, and version {VERSION} is understood here",
                advice="Use the audiobus of the machine on which it was taken.",
            )
        return cls.of(
            (_checked(Item(**named)) for named in words.get("objects", ())),
            (_checked_entry(Entry(**named)) for named in words.get("metadata", ())),
            now=float(words.get("now", 0.0)),
            since={int(serial): float(since) for serial, since in words.get("since", {}).items()},
        )


def _checked(item: Item) -> Item:
    """Return an item whose words are what they should be. TypeError."""
    if not isinstance(item.serial, int) or not isinstance(item.owner, int):
        raise TypeError(f"Item {item.serial!r} has no number")
    if not all(isinstance(text, str) for text in (item.kind, item.name, item.state)):
        raise TypeError(f"Item {item.serial} has a kind, name or state that is no text")
    for words, kinds in ((item.properties, str), (item.facts, (str, int, float, bool, type(None)))):
        if not isinstance(words, dict) or not all(isinstance(value, kinds) for value in words.values()):
            raise TypeError(f"Item {item.serial} has properties or facts that are none")
    return item


def _checked_entry(entry: Entry) -> Entry:
    """Return an entry whose words are what they should be. TypeError."""
    texts = (entry.key, entry.type, entry.value)
    if not isinstance(entry.subject, int) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"Entry {entry.key!r} has a subject that is no number, or a value that is no text")
    return entry


def _words(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in type(record).__annotations__}
