"""Events in a person's words, for dry runs: what the bus would be after them, and whom they concern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE, PLAYBACK, RECORD, SINK, SOURCE, Entry, Snapshot
from pyaudiobus.policy.concern import concerned

CLASSES = {"sink": SINK, "source": SOURCE, "stream": PLAYBACK, "recording": RECORD}
FORMS = (
    "add sink|source|stream|recording NAME FORMAT... [KEY=VALUE...]",
    "add card NAME PROFILE... [KEY=VALUE...]",
    "remove NAME",
    "set NAME KEY=VALUE... (KEY= takes it away)",
    "tell NAME FACT=VALUE... (routes=FIRST,SECOND)",
    "state NAME STATE",
    "default NAME",
    "default-source NAME",
    "move NAME TARGET",
    "after SECONDS",
)
MOST_WORDS = 64
LISTS = ("formats", "profiles", "profiles.unavailable", "routes", "routes.unavailable")
"""Facts that are several words: commas stand for the spaces between them."""


class After(Record):
    """The bus after an event."""

    bus: Snapshot
    concerned: frozenset[int]


def happen(bus: Snapshot, event: str) -> After:
    """Let something happen on a bus. UserError where the words mean nothing."""
    words = event.split()[:MOST_WORDS]
    verb = words[0] if words else ""
    if verb not in _EVENTS:
        raise UserError(f"{event!r} is no event", facts=FORMS)
    try:
        return _EVENTS[verb](bus, words[1:])
    except (IndexError, ValueError):
        raise UserError(f"{event!r} is not whole", facts=[form for form in FORMS if form.startswith(verb)]) from None


def _changed(bus: Snapshot, before: Item | None, after: Item | None) -> After:
    serial = (after or before).serial  # type: ignore[union-attr]  # one of them is there
    changed = bus.with_items({serial: after}).replace(since=MappingProxyType({**bus.since, serial: bus.now}))
    return After(changed, concerned(before, after, changed))


def _named(bus: Snapshot, name: str) -> Item:
    found = bus.find(name, "node") or bus.find(name)
    if found is None:  # a file's stream has the file's whole path for its name
        ended_so = [item for item in bus.nodes() if item.name.rpartition("/")[2] == name]
        found = ended_so[0] if len(ended_so) == 1 else None
    if found is None:
        known = ", ".join(item.name for item in bus.nodes()) or "none"
        raise UserError(f"there is no {name!r} on the bus", facts=[f"nodes: {known}"])
    return found


def _add(bus: Snapshot, words: Sequence[str]) -> After:
    kind, name, *rest = words
    if kind == "card":
        return _add_card(bus, name, rest)
    if kind not in CLASSES:
        raise ValueError(kind)
    given = dict(word.split("=", 1) for word in rest if "=" in word)
    formats = " ".join(word for word in rest if "=" not in word)
    is_stream = kind in ("stream", "recording")
    facts: dict[str, Fact] = {"format": formats.split()[0] if is_stream and formats else formats}
    if is_stream:
        facts["formats"] = formats
    if "/" in str(facts["format"]) and not str(facts["format"]).startswith(("mp3", "flac", "aac")):
        facts["volume"] = "1"
    properties = {"media.class": CLASSES[kind], **given}
    state = "unlinked" if is_stream else "suspended"
    serial = max(bus.items, default=0) + 1
    item = Item(serial, "node", name, 0, state, MappingProxyType(properties), MappingProxyType(facts))
    return _changed(bus, None, item)


def _add_card(bus: Snapshot, name: str, rest: Sequence[str]) -> After:
    """Let a card come that is in no profile yet; with none given it has one, as a card without a board file."""
    given = dict(word.split("=", 1) for word in rest if "=" in word)
    profiles = [word for word in rest if "=" not in word] or ["default", "off"]
    facts: dict[str, Fact] = {"profiles": " ".join(profiles), "card": 0}
    serial = max(bus.items, default=0) + 1
    properties = MappingProxyType({"device.api": "alsa", "alsa.card": name, **given})
    return _changed(bus, None, Item(serial, "device", name, 0, "ready", properties, MappingProxyType(facts)))


def _remove(bus: Snapshot, words: Sequence[str]) -> After:
    gone = _named(bus, words[0])
    links = (*bus.links_from(gone.serial), *bus.links_into(gone.serial))
    parts = {part.serial: None for part in (*links, *bus.ports_of(gone.serial), *bus.owned_by(gone.serial))}
    touched = frozenset(end for link in links for end in (link.number("output"), link.number("input")))
    after = _changed(bus.with_items(parts), gone, None)
    return after.replace(concerned=(after.concerned | touched) - {gone.serial})


def _set(bus: Snapshot, words: Sequence[str]) -> After:
    item = _named(bus, words[0])
    given = dict(word.split("=", 1) for word in words[1:])
    known = {key: value for key, value in {**item.properties, **given}.items() if value}
    return _changed(bus, item, item.replace(properties=MappingProxyType(known)))


def _tell(bus: Snapshot, words: Sequence[str]) -> After:
    item = _named(bus, words[0])
    told = (word.split("=", 1) for word in words[1:])
    given = {key: value.replace(",", " ") if key in LISTS else _fact(value) for key, value in told}
    return _changed(bus, item, item.replace(facts=MappingProxyType({**item.facts, **given})))


def _fact(text: str) -> Fact:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() and len(text) < len(str(2**63)) else text


def _state(bus: Snapshot, words: Sequence[str]) -> After:
    item = _named(bus, words[0])
    return _changed(bus, item, item.replace(state=words[1]))


def _note(bus: Snapshot, entry: Entry) -> After:
    changed = bus.replace(entries=MappingProxyType({**bus.entries, (entry.subject, entry.key): entry}))
    return After(changed, concerned(None, entry, changed))


def _default(key: str) -> Callable[[Snapshot, Sequence[str]], After]:
    return lambda bus, words: _note(bus, Entry(BUS, key, "string", _named(bus, words[0]).name))


def _move(bus: Snapshot, words: Sequence[str]) -> After:
    return _note(bus, Entry(_named(bus, words[0]).serial, "target.object", "string", words[1]))


def _after(bus: Snapshot, words: Sequence[str]) -> After:
    return After(bus.replace(now=bus.now + float(words[0])), frozenset())


_EVENTS: dict[str, Callable[[Snapshot, Sequence[str]], After]] = {
    "add": _add,
    "remove": _remove,
    "set": _set,
    "tell": _tell,
    "state": _state,
    "default": _default(DEFAULT_SINK),
    "default-source": _default(DEFAULT_SOURCE),
    "move": _move,
    "after": _after,
}
