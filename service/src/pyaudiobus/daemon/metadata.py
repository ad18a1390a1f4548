"""Small facts that clients leave for each other about objects: the default sink, a stream's target."""

from __future__ import annotations

from pyaudiobus.daemon.objects import BusObject, Facts, TooLarge
from pyaudiobus.protocol.words import MetadataEntry

MAX_ENTRIES = 4096
MAX_OF_A_SUBJECT = 64
"""Entries about one object, or about the bus."""
MAX_OF_A_CLIENT = 256
"""Entries about all that one client owns."""
RESERVED = 1024
"""Entries that are left to the bus and its own objects, whatever clients leave about theirs."""
DEFAULT_SINK = "default.audio.sink"
DEFAULT_SOURCE = "default.audio.source"
TARGET = "target.object"


class Metadata(BusObject):
    """The bus's one set of entries. An entry dies with its subject; subject 0 is the bus."""

    kind = "metadata"

    def __init__(self, serial: int) -> None:
        super().__init__(serial, "default")
        self._entries: dict[tuple[int, str], MetadataEntry] = {}
        self._owners: dict[tuple[int, str], int] = {}

    def facts(self) -> Facts:
        """Return the bus's own defaults."""
        own = {key: entry.value for (subject, key), entry in self._entries.items() if subject == 0}
        return {key: own[key] for key in (DEFAULT_SINK, DEFAULT_SOURCE) if key in own}

    def value(self, subject: int, key: str) -> str:
        """Return an entry's value, empty where there is none."""
        entry = self._entries.get((subject, key))
        return entry.value if entry else ""

    def entries(self) -> list[MetadataEntry]:
        """List all."""
        return list(self._entries.values())

    def set(self, entry: MetadataEntry, owner: int = 0) -> bool:
        """Set an entry about what a client owns, or the daemon (0); whether that is news. TooLarge for too many."""
        place = (entry.subject, entry.key)
        if self._entries.get(place) == entry:
            return False
        if place not in self._entries:
            self._check_room(entry.subject, owner)
        self._entries[place] = entry
        self._owners[place] = owner
        return True

    def _check_room(self, subject: int, owner: int) -> None:
        about = sum(1 for known, _ in self._entries if known == subject)
        if about >= MAX_OF_A_SUBJECT:
            raise TooLarge(f"the metadata hold {about} entries about {subject or 'the bus'}; one more is too many")
        of_client = sum(1 for known in self._owners.values() if known == owner)
        if owner and of_client >= MAX_OF_A_CLIENT:
            raise TooLarge(f"the metadata hold {of_client} entries about what client {owner} has; one more is too many")
        if len(self._entries) >= MAX_ENTRIES - (RESERVED if owner else 0):
            raise TooLarge(f"the metadata hold {len(self._entries)} entries; one more is too many")

    def clear(self, subject: int, key: str = "") -> list[MetadataEntry]:
        """Remove a subject's entry, or all of its entries; return what to tell."""
        gone = [place for place in self._entries if place[0] == subject and key in ("", place[1])]
        for place in gone:
            del self._entries[place], self._owners[place]
        return [MetadataEntry(subject, name, "", "") for _, name in gone]
