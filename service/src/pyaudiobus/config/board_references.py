"""Names in a board file that mean something elsewhere in it: cards, sinks, outputs. Looks at nodes, not at values.

An entry that has a mistake of its own still has its name, so nothing is said to be missing that merely is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyaudiobus.config.document import Listing, Node, Scalar, Table
from pyaudiobus.config.mistakes import Notes, nearest, quoted
from pyaudiobus.config.readers import is_absent, names_in
from pyaudiobus.model.board import SinkKind


def check_references(root: Node, notes: Notes) -> None:
    """Note every card, sink and output that is named and not there."""
    cards, sinks, defaults = (_part(root, name) for name in ("cards", "sinks", "defaults"))
    for _, sink in _entries(sinks):
        if cards is not None:
            _check("card", _part(sink, "card"), names_in(cards), notes)
        _check("output", _part(sink, "output"), names_in(_part(sink, "outputs")), notes)
        _check_kind(sink, notes)
    for name, card in _entries(cards):
        _check_profiles(name, card, sinks, notes)
    for key, kind in (("encoded", SinkKind.COMPRESS), ("pcm", SinkKind.PCM)):
        _check_default(_part(defaults, key), sinks, kind, notes)


def _check(what: str, name: Node | None, known: Iterable[str], notes: Notes) -> bool:
    """Note a name that is not among the known ones; tell whether it is."""
    if not isinstance(name, Scalar) or is_absent(name):
        return False
    if name.text in known:
        return True
    notes.add(name.place, f"there is no {what} {quoted(name.text)} in this file{nearest(name.text, known)}")
    return False


def _check_profiles(card: Scalar, node: Node, sinks: Node | None, notes: Notes) -> None:
    """Note profiles that are named and not there, and sinks in them that are none of the card's."""
    profiles = _part(node, "profiles")
    _check("profile", _part(node, "profile"), (*names_in(profiles), "off"), notes)
    own = [name.text for name, sink in _entries(sinks) if _word(_part(sink, "card")) == card.text]
    for _, profile in _entries(profiles):
        named = _part(profile, "sinks")
        for sink in named.items if isinstance(named, Listing) else ():
            _check(f"sink of card {card.text}", sink, own, notes)


def _check_kind(sink: Node, notes: Notes) -> None:
    """Note what only a compress sink can have."""
    if _word(_part(sink, "kind")) != SinkKind.PCM.value:
        return
    for name, _ in _entries(sink):
        if name.text in ("codecs", "quirks", "suspend-after"):
            notes.add(name.place, f"{quoted(name.text)} belongs to a compress sink; this one is PCM")


def _check_default(name: Node | None, sinks: Node | None, kind: SinkKind, notes: Notes) -> None:
    if isinstance(name, Scalar) and _check("sink", name, names_in(sinks), notes):
        found = _word(_part(_part(sinks, name.text), "kind"))
        if found in {other.value for other in SinkKind} - {kind.value}:
            notes.add(name.place, f"{quoted(name.text)} is a {found} sink; a {kind.value} sink goes here")


def _part(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Table) else None


def _entries(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.entries if isinstance(node, Table) else ()


def _word(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
