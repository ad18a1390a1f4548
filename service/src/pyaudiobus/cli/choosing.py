"""What people mean by a name: a serial, a name, the file's name that lists show of a path, or the beginning of one."""

from __future__ import annotations

from collections.abc import Iterable

from pyaudiobus.errors import UserError
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, SINK, SOURCE, Item, Snapshot

DEFAULT_WORDS = ("@DEFAULT@", "@DEFAULT_SINK@", "@DEFAULT_AUDIO_SINK@")
DEFAULT_SOURCE_WORDS = ("@DEFAULT_SOURCE@", "@DEFAULT_AUDIO_SOURCE@")
MONITOR = ".monitor"
MOST_TOLD = 20
"""Names in a list of those that may be meant."""
_SEE = "See what there is with: audiobus status"


def choose(among: Iterable[Item], wanted: str, what: str) -> Item:
    """Return the one object that is meant; `what` names the kind, as in "sink". UserError with the list."""
    known = list(among)
    for is_meant in (_is_named, _is_numbered, _is_shown, _begins):
        found = [item for item in known if is_meant(item, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UserError(
                f"{wanted!r} may be any of {len(found)} {what}s", facts=_told(found), advice="Say which by its number."
            )
    if not known:
        raise UserError(f"there is no {what} {wanted!r}: the bus has no {what}", advice=_SEE)
    raise UserError(f"there is no {what} {wanted!r}", facts=_told(known), advice=_SEE)


def sink(bus: Snapshot, wanted: str) -> Item:
    """Return a sink; @DEFAULT@ is the default one."""
    if wanted.upper() in DEFAULT_WORDS:
        return default_sink(bus)
    return choose(bus.nodes(SINK), wanted, "sink")


def source(bus: Snapshot, wanted: str) -> Item:
    """Return a source; @DEFAULT@ is the default one."""
    if wanted.upper() in (*DEFAULT_WORDS[:1], *DEFAULT_SOURCE_WORDS):
        return default_source(bus)
    return choose(bus.nodes(SOURCE), wanted, "source")


def device(bus: Snapshot, wanted: str) -> Item:
    """Return a sink or source; @DEFAULT@ is the default sink."""
    return _default(bus, wanted) or choose((*bus.nodes(SINK), *bus.nodes(SOURCE)), wanted, "sink or source")


def stream(bus: Snapshot, wanted: str) -> Item:
    """Return a stream of a client."""
    return choose((*bus.nodes(PLAYBACK), *bus.nodes(RECORD)), wanted, "stream")


def client(bus: Snapshot, wanted: str) -> Item:
    """Return a client."""
    return choose(bus.of_kind("client"), wanted, "client")


def node(bus: Snapshot, wanted: str) -> Item:
    """Return any node; @DEFAULT@ is the default sink."""
    return _default(bus, wanted) or choose(bus.nodes(), wanted, "node")


def heard(bus: Snapshot, wanted: str) -> Item:
    """Return what can be recorded from: a source, a sink or a stream that plays; SINK.monitor is the sink."""
    known = (*bus.nodes(SOURCE), *bus.nodes(SINK), *bus.nodes(PLAYBACK))
    if wanted.endswith(MONITOR) and not any(item.name == wanted for item in known):
        return sink(bus, wanted.removesuffix(MONITOR))
    return _default(bus, wanted) or choose(known, wanted, "source, sink or playing stream")


def anything(bus: Snapshot, wanted: str) -> Item:
    """Return any object: a node before what else is called so, and ports and links only where nothing else is."""
    found = _default(bus, wanted)
    if found is not None:
        return found
    ranks = (bus.nodes(), [item for item in bus.items.values() if item.kind not in ("port", "link")])
    for is_meant in (_is_named, _is_numbered, _is_shown, _begins):
        for rank in (*ranks, bus.items.values()):
            meant = [item for item in rank if is_meant(item, wanted)]
            if meant:
                return choose(meant, wanted, "object")
    return choose(ranks[1], wanted, "object")


def default_sink(bus: Snapshot) -> Item:
    """Return the sink that people chose, else the first, as the bus itself does. UserError."""
    first = next((item for item in bus.nodes(SINK) if item.state != "error"), None)
    found = bus.default_sink or first
    if found is None:
        raise UserError("the bus has no sink", advice=_SEE)
    return found


def default_source(bus: Snapshot) -> Item:
    """Return the source that people chose, else the first. UserError."""
    found = bus.default_source or next(iter(bus.nodes(SOURCE)), None)
    if found is None:
        raise UserError("the bus has no source", advice=_SEE)
    return found


def _default(bus: Snapshot, wanted: str) -> Item | None:
    if wanted.upper() in DEFAULT_WORDS:
        return default_sink(bus)
    return default_source(bus) if wanted.upper() in DEFAULT_SOURCE_WORDS else None


def _is_named(item: Item, wanted: str) -> bool:
    return item.name == wanted


def _is_numbered(item: Item, wanted: str) -> bool:
    return str(item.serial) == wanted


def _is_shown(item: Item, wanted: str) -> bool:
    """Lists show the last part of a file's path (table.py)."""
    return wanted != "" and item.name.startswith("/") and item.name.endswith(f"/{wanted}")


def _begins(item: Item, wanted: str) -> bool:
    return wanted != "" and item.name.startswith(wanted)


def _told(items: list[Item]) -> list[str]:
    lines = [f"{item.serial:>4}  {item.name}  ({item.media_class or item.kind})" for item in items[:MOST_TOLD]]
    return lines if len(items) <= MOST_TOLD else [*lines, f"and {len(items) - MOST_TOLD} more"]
