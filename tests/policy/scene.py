"""A bus as a board's owner would sketch it, built of real snapshots, and what a plan makes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, Entry, Snapshot
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.plan import Plan, plan
from pyaudiobus.policy.presets import chains_for
from pyaudiobus.policy.streams import place_of

CLASSES = {
    "sink": "Audio/Sink",
    "source": "Audio/Source",
    "playback": "Stream/Output/Audio",
    "record": "Stream/Input/Audio",
}


Facts = Mapping[str, Fact] | None


def key_of(word: str) -> str:
    """Return a property's key: "node_dont__move" is node.dont-move."""
    return word.replace("__", "-").replace("_", ".")


class Scene:
    """A bus that is changed by hand and by plans."""

    def __init__(self, bus: Snapshot | None = None, chains: Chains | None = None) -> None:
        self.bus = bus or Snapshot.of(())
        self.chains = chains or chains_for("main")
        self.last: Plan | None = None

    def add(
        self, kind: str, name: str, state: str = "", owner: int = 0, facts: Facts = None, **properties: str
    ) -> Item:
        serial = max(self.bus.items, default=0) + 1
        known = {key_of(word): value for word, value in properties.items()}
        if kind in CLASSES:
            known = {"media.class": CLASSES[kind], **known}
        told = dict(facts or {})
        item = Item(serial, "node" if kind in CLASSES else kind, name, owner, state or "suspended", known, told)
        self.bus = self.bus.with_items({serial: item})
        return item

    def sink(self, name: str, form: str = "s16/48000/2", state: str = "suspended", **properties: str) -> Item:
        return self.add("sink", name, state, 0, {"format": form, "volume": "1", "muted": False}, **properties)

    def dsp(self, name: str = "dsp", codecs: str = "mp3 flac", state: str = "suspended", **properties: str) -> Item:
        return self.add("sink", name, state, 0, {"format": codecs}, device_api="compress", **properties)

    def source(self, name: str, form: str = "s16/48000/2", **properties: str) -> Item:
        return self.add("source", name, "suspended", 0, {"format": form}, **properties)

    def stream(self, name: str, formats: str = "s16/48000/2", kind: str = "playback", **properties: str) -> Item:
        facts: dict[str, Fact] = {"formats": formats, "format": formats.split(maxsplit=1)[0]}
        if not formats.startswith(("mp3", "flac", "aac")):
            facts["volume"] = "1"
        return self.add(kind, name, "unlinked", 99, facts, **properties)

    def note(self, key: str, value: str, subject: int = BUS, kind: str = "string") -> None:
        entries = {**self.bus.entries, (subject, key): Entry(subject, key, kind, value)}
        if not value:
            entries.pop((subject, key))
        self.bus = self.bus.replace(entries=entries)

    def default(self, name: str) -> None:
        self.note(DEFAULT_SINK, name)

    def change(self, name: str, state: str | None = None, facts: Facts = None, **properties: str | None) -> None:
        item = self.named(name)
        known = {**item.properties, **{key_of(word): value for word, value in properties.items()}}
        told = {**item.facts, **(facts or {})}
        changed = item.replace(properties={k: v for k, v in known.items() if v is not None}, facts=told)
        self.bus = self.bus.with_items({item.serial: changed if state is None else changed.replace(state=state)})

    def remove(self, name: str) -> None:
        item = self.named(name)
        links = (*self.bus.links_from(item.serial), *self.bus.links_into(item.serial))
        gone: dict[int, Item | None] = {link.serial: None for link in links}
        freed: dict[int, Item | None] = {}
        for link in links:
            other = self.bus.items[link.number("output")]
            if other.serial != item.serial:
                freed[other.serial] = other.replace(state="unlinked")
        self.bus = self.bus.with_items({**gone, **freed, item.serial: None})

    def named(self, name: str) -> Item:
        found = self.bus.find(name)
        assert found is not None, name
        return found

    def settings(self, **changes: object) -> None:
        policy = self.bus.policy
        self.bus = self.bus.replace(policy=policy.replace(settings=policy.settings.replace(**changes)))

    def policy(self, **changes: object) -> None:
        self.bus = self.bus.replace(policy=self.bus.policy.replace(**changes))

    def decide(self, dirty: Collection[int] | None = None) -> Plan:
        """Plan, and do what was planned."""
        made = plan(self.bus, self.chains, dirty)
        for action in made.actions:
            self.bus = applied(self.bus, action)
        self.last = made
        return made

    def place(self, name: str) -> str:
        found = place_of(self.named(name), self.bus)
        return found.name if found else ""

    def state(self, name: str) -> str:
        return self.named(name).properties.get("policy.state", "")

    def reason(self, name: str) -> str:
        return self.named(name).properties.get("policy.reason", "")
