"""The bus as it was at one moment: objects, links, metadata. Frozen; tools show it and policy decides by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pyaudiobus.model.record import Record

Fact = str | int | float | bool | None
KINDS = ("core", "client", "node", "port", "link", "device", "metadata", "sample")
"""Every kind of object, in the order in which people read of them."""
BUS = 0
"""The subject of metadata about the bus itself."""
DEFAULT_SINK = "default.audio.sink"
DEFAULT_SOURCE = "default.audio.source"
SINK = "Audio/Sink"
SOURCE = "Audio/Source"
PLAYBACK = "Stream/Output/Audio"
RECORD = "Stream/Input/Audio"


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


class Entry(Record):
    """One entry of the metadata."""

    subject: int
    """A serial, or BUS."""
    key: str
    type: str
    value: str


class Snapshot(Record):
    """The bus at one moment, as one client may see it."""

    items: Mapping[int, Item]
    """By serial, oldest first."""
    entries: Mapping[tuple[int, str], Entry]
    """Metadata by subject and key."""

    @classmethod
    def of(cls, items: Iterable[Item], entries: Iterable[Entry] = ()) -> Snapshot:
        """Make one of its parts, in any order."""
        return cls(
            MappingProxyType({item.serial: item for item in sorted(items, key=lambda item: item.serial)}),
            MappingProxyType({(entry.subject, entry.key): entry for entry in entries}),
        )

    # ---- what there is ----

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """List the objects of a kind, oldest first."""
        return tuple(item for item in self.items.values() if item.kind == kind)

    def nodes(self, media_class: str = "") -> tuple[Item, ...]:
        """List the nodes of a class, or all."""
        return tuple(node for node in self.of_kind("node") if media_class in ("", node.media_class))

    def find(self, wanted: str | int, kind: str = "") -> Item | None:
        """Return what a person means by a serial or a name. A name comes first, as it may consist of digits."""
        known = [item for item in self.items.values() if kind in ("", item.kind)]
        by_name = next((item for item in known if item.name == wanted), None)
        return by_name or next((item for item in known if str(item.serial) == str(wanted)), None)

    # ---- what belongs together ----

    def ports_of(self, node: int) -> tuple[Item, ...]:
        """List a node's ports."""
        return tuple(port for port in self.of_kind("port") if port.facts.get("node") == node)

    def links_from(self, serial: int) -> tuple[Item, ...]:
        """List the links that begin at a node or port."""
        return tuple(link for link in self.of_kind("link") if link.facts.get("output") == serial)

    def links_into(self, serial: int) -> tuple[Item, ...]:
        """List the links that end at a node or port."""
        return tuple(link for link in self.of_kind("link") if link.facts.get("input") == serial)

    def owned_by(self, client: int) -> tuple[Item, ...]:
        """List a client's objects."""
        return tuple(item for item in self.items.values() if item.owner == client and item.serial != client)

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

    def as_words(self) -> dict[str, list[dict[str, object]]]:
        """Return it as lists and dictionaries, for JSON."""
        return {
            "objects": [
                {**_words(item), "properties": dict(item.properties), "facts": dict(item.facts)}
                for item in self.items.values()
            ],
            "metadata": [_words(entry) for entry in self.entries.values()],
        }

    @classmethod
    def from_words(cls, words: Mapping[str, Iterable[Mapping[str, Any]]]) -> Snapshot:
        """Make one of what as_words() returned. TypeError where a part is missing."""
        return cls.of(
            (Item(**named) for named in words.get("objects", ())),
            (Entry(**named) for named in words.get("metadata", ())),
        )


def _words(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in type(record).__annotations__}
