"""A product's own expectations: a bus, events, and what policy is to make of them. The schema, and how it is read."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import Any

from pyaudiobus.config.document import parse_document, read_text
from pyaudiobus.config.mistakes import Notes
from pyaudiobus.config.open_table import Lines, OpenTable
from pyaudiobus.config.readers import Key, NamedEntries, TableOf, Text, Unreadable
from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, DEFAULT_SOURCE, PLAYBACK, RECORD, SINK, SOURCE, Entry, Snapshot


class Expectation(Record):
    """One test."""

    name: str
    bus: Snapshot | None
    """None: it is in a file."""
    snapshot: str
    """That file, from where the tests are."""
    events: tuple[str, ...]
    actions: tuple[str, ...] | None
    """In words, in their order; None: whatever they are."""
    streams: tuple[tuple[str, str], ...]
    """Where streams are in the end: a sink's name, "waiting" or "refused"."""
    place: str


FACTS = ("format", "formats", "volume", "profiles", "profile", "routes", "route", "target", "corked", "error")
"""Words of an object that are facts; others are properties."""


def load_tests(path: str) -> tuple[Expectation, ...]:
    """Read a file of tests. FileMistakes tells all that is wrong with it; UserError where it cannot be read."""
    notes = Notes(path)
    root = parse_document(read_text(path), notes)
    found: tuple[Expectation, ...] = ()
    if root is not None:
        try:
            found = TESTS.read(root, notes)
        except Unreadable:
            found = ()
    notes.check()
    folder = os.path.dirname(path)
    return tuple(one.replace(snapshot=os.path.join(folder, one.snapshot) if one.snapshot else "") for one in found)


class _Raw(Record):
    """An object as a file has it."""

    name: str
    words: dict[str, str]


def _raw(name: str, words: dict[str, str], _: str) -> _Raw:
    return _Raw(name, words)


def _bus(**parts: Any) -> Snapshot:  # noqa: ANN401  # the schema has checked them
    items: list[Item] = []
    for key, media_class in (("sinks", SINK), ("sources", SOURCE), ("streams", PLAYBACK), ("recordings", RECORD)):
        items += [_item(len(items) + 1 + number, raw, media_class) for number, raw in enumerate(parts[key])]
    by_name = {item.name: item for item in items}
    links = [_link(len(items) + 1, raw, by_name) for raw in parts["streams"] if raw.words.get("on") in by_name]
    links = [link.replace(serial=len(items) + 1 + number) for number, link in enumerate(links)]
    defaults = ((DEFAULT_SINK, parts["default"]), (DEFAULT_SOURCE, parts["default_source"]))
    return Snapshot.of((*items, *links), [Entry(BUS, key, "string", name) for key, name in defaults if name])


def _item(serial: int, raw: _Raw, media_class: str) -> Item:
    words = {key: value for key, value in raw.words.items() if key not in ("on", "state")}
    facts: dict[str, Fact] = {key: value for key, value in words.items() if key in FACTS}
    is_stream = media_class in (PLAYBACK, RECORD)
    state = raw.words.get("state") or ("suspended" if not is_stream else "running" if "on" in raw.words else "unlinked")
    if is_stream and "formats" in words:
        facts.setdefault("format", words["formats"].split()[0])
    if "/" in str(facts.get("format", "")) and not str(facts["format"]).startswith(("mp3", "flac", "aac")):
        facts.setdefault("volume", "1")
    properties = {"media.class": media_class, **{key: value for key, value in words.items() if key not in FACTS}}
    return Item(serial, "node", raw.name, 0, state, MappingProxyType(properties), MappingProxyType(facts))


def _link(serial: int, raw: _Raw, by_name: dict[str, Item]) -> Item:
    stream, sink = by_name[raw.name], by_name[raw.words["on"]]
    facts: dict[str, Fact] = {"output": stream.serial, "input": sink.serial, "reason": ""}
    name = f"{stream.name} -> {sink.name}"
    return Item(serial, "link", name, 0, "ready", MappingProxyType({}), MappingProxyType(facts))


def _test(name: str, values: dict[str, Any], place: str) -> Expectation:
    expect = values["expect"]
    return Expectation(
        name, values["bus"], values["snapshot"], values["events"], expect["actions"], expect["streams"], place
    )


def _pair(name: str, place: str, _: str) -> tuple[str, str]:
    return name, place


_NAME = Text("a name", r"[^\x00-\x1f\x7f]{1,128}")
_OBJECTS = NamedEntries("objects by their names", _NAME, OpenTable("properties and facts"), _raw)
_BUS = TableOf(
    _bus,
    Key("sinks", _OBJECTS, "Sinks, oldest first, with `format` and properties.", ()),
    Key("sources", _OBJECTS, "Sources.", ()),
    Key("streams", _OBJECTS, "Streams that play, with `formats`; `on` names the sink one is linked to.", ()),
    Key("recordings", _OBJECTS, "Streams that record.", ()),
    Key("default", _NAME, "The default sink that somebody chose.", ""),
    Key("default-source", _NAME, "The default source.", ""),
)
_EXPECT: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("actions", Lines("actions, as `audiobus policy check` prints them"), "All of them, in their order."),
    Key("streams", NamedEntries("places by streams", _NAME, _NAME, _pair), "Where streams are in the end.", ()),
)
_TEST: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("bus", _BUS, "The bus at first, as a sketch."),
    Key("snapshot", Text("a path"), "The bus at first, as `audiobus dump` wrote it.", ""),
    Key("events", Lines("events, as `policy check --event` takes them"), "What happens.", ()),
    Key("expect", _EXPECT, "What is to come of it.", needed=True),
)
TESTS = TableOf(
    lambda tests: tests, Key("tests", NamedEntries("tests by their names", _NAME, _TEST, _test), "Tests.", needed=True)
)
"""The whole file."""
