"""A log of what was decided on what, to be decided again elsewhere: one JSON object a line, only what has changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from types import MappingProxyType
from typing import IO, Any

from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item, Items
from pyaudiobus.model.memory import Memory
from pyaudiobus.model.policy import PolicySettings
from pyaudiobus.model.record import Record
from pyaudiobus.model.snapshot import Entry, Snapshot
from pyaudiobus.policy.actions import as_words
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.decide import Ask
from pyaudiobus.policy.plan import Plan, plan
from pyaudiobus.session.state_file import as_words as memory_words
from pyaudiobus.session.state_file import memory_of

VERSION = 1
Words = dict[str, Any]


class Recorder:
    """Writes a log."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._last = Snapshot.of(())
        self._say({"audiobus-record": VERSION})

    def write(self, bus: Snapshot, dirty: Collection[int] | None, made: Plan) -> None:
        """Note one plan: what had changed, whom it concerned, what was to be done."""
        last, self._last = self._last, bus
        known = last.items
        words: Words = {
            "now": bus.now,
            "objects": [_item_words(item) for serial, item in bus.items.items() if known.get(serial) is not item],
            "gone": [serial for serial in known if serial not in bus.items],
            "since": {str(serial): at for serial, at in bus.since.items() if last.since.get(serial) != at},
            "failures": [[stream, target, why] for (stream, target), why in bus.failures.items()],
            "dirty": None if dirty is None else sorted(dirty),
            "actions": [as_words(action) for action in made.actions],
            "decisions": [decision.id for decision in made.decisions],
        }
        if bus.entries != last.entries:
            words["metadata"] = [[one.subject, one.key, one.type, one.value] for one in bus.entries.values()]
        if bus.memory != last.memory:
            words["memory"] = memory_words(bus.memory, {})
        self._say(words)

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _say(self, words: Words) -> None:
        self._file.write(json.dumps(words) + "\n")
        self._file.flush()


class Replayed(Record):
    """One plan, made again."""

    line: int
    snapshot: Snapshot
    recorded: tuple[Words, ...]
    """Actions as they were."""
    made: Plan

    @property
    def differences(self) -> list[str]:
        """Say which actions are others now; none where it is decided as it was."""
        before = [_without_id(words) for words in self.recorded]
        after = [_without_id(json.loads(json.dumps(as_words(action)))) for action in self.made.actions]
        gone = [f"not any more: {json.dumps(words)}" for words in before if words not in after]
        return gone + [f"now: {json.dumps(words)}" for words in after if words not in before]


def replay(lines: Iterable[str], chains: Chains, policy: PolicySettings, ask: Ask | None = None) -> Iterator[Replayed]:
    """Make every plan of a log again; `ask` asks the hooks, scripts' among them. UserError for what is no log."""
    bus = Snapshot.of(())
    for number, line in enumerate(lines, 1):
        words = _read(line, number)
        if number == 1:
            if words.get("audiobus-record") != VERSION:
                raise UserError("this is no record of audiobus-session", facts=[f"its first line is {line[:80]!r}"])
            continue
        try:
            bus = _followed(bus, words).replace(policy=policy)
            dirty = None if words["dirty"] is None else {int(serial) for serial in words["dirty"]}
            recorded = tuple(words["actions"])
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"line {number} of the record is not understood: {error!r}") from None
        yield Replayed(number, bus, recorded, plan(bus, chains, dirty, ask))


def _read(line: str, number: int) -> Words:
    try:
        words = json.loads(line)
    except ValueError as error:
        raise UserError(f"line {number} of the record is no JSON: {error}") from None
    if not isinstance(words, dict):
        raise UserError(f"line {number} of the record is no JSON object")
    return words


def _followed(bus: Snapshot, words: Words) -> Snapshot:
    changes: dict[int, Item | None] = {int(one["serial"]): _item(one) for one in words["objects"]}
    changes |= {int(serial): None for serial in words["gone"]}
    since = {serial: at for serial, at in bus.since.items() if changes.get(serial, ()) is not None}
    since |= {int(serial): float(at) for serial, at in words["since"].items()}
    entries = bus.entries
    if "metadata" in words:
        told = [Entry(int(one[0]), str(one[1]), str(one[2]), str(one[3])) for one in words["metadata"]]
        entries = MappingProxyType({(entry.subject, entry.key): entry for entry in told})
    memory: Memory = memory_of(words["memory"]) if "memory" in words else bus.memory
    items = bus.items.changed(changes) if bus.items else Items({k: v for k, v in changes.items() if v is not None})
    failures = {(int(one[0]), int(one[1])): str(one[2]) for one in words["failures"]}
    return bus.replace(
        items=items,
        entries=entries,
        now=float(words["now"]),
        since=MappingProxyType(since),
        failures=MappingProxyType(failures),
        memory=memory,
    )


def _item_words(item: Item) -> Words:
    return {
        "serial": item.serial,
        "kind": item.kind,
        "name": item.name,
        "owner": item.owner,
        "state": item.state,
        "properties": dict(item.properties),
        "facts": dict(item.facts),
    }


def _item(words: Words) -> Item:
    return Item(
        int(words["serial"]),
        str(words["kind"]),
        str(words["name"]),
        int(words["owner"]),
        str(words["state"]),
        MappingProxyType(dict(words["properties"])),
        MappingProxyType(dict(words["facts"])),
    )


def _without_id(words: Words) -> Words:
    return {key: value for key, value in words.items() if key not in ("decision", "until")}
