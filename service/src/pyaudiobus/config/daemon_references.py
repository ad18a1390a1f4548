"""What in a daemon's file has to fit something else in it. Looks at nodes, not at values."""

from __future__ import annotations

from pyaudiobus.config.document import Node, Scalar, Table
from pyaudiobus.config.mistakes import Notes, nearest, quoted
from pyaudiobus.config.readers import names_in

_ONLY = {
    "card": ("alsa", "compress"),
    "device": ("alsa", "compress"),
    "path": ("file",),
    "virtual": ("compress",),
    "tone": ("null",),
}
"""Keys that only some kinds of node can have."""
_KINDS = ("null", "file", "alsa", "compress")


def check_daemon_references(root: Node, notes: Notes) -> None:
    """Note what does not fit: keys of other kinds, what a kind needs, defaults that are not there."""
    for part in ("sinks", "sources"):
        for _, node in _entries(_part(root, part)):
            _check_node(node, notes)
    defaults = _part(root, "defaults")
    for key, part in (("sink", "sinks"), ("source", "sources")):
        _check_default(_part(defaults, key), _part(root, part), key, notes)


def _check_node(node: Node, notes: Notes) -> None:
    kind = _part(node, "kind")
    word = kind.text if isinstance(kind, Scalar) else ""
    names = {name.text for name, _ in _entries(node)}
    for name, _ in _entries(node):
        if name.text in _ONLY and word in _KINDS and word not in _ONLY[name.text]:
            notes.add(name.place, f"{quoted(name.text)} does not belong to a node of kind {word}")
    if word == "alsa" and "card" not in names:
        notes.add(node.place, 'a node of kind alsa needs "card" as well')
    if word == "file" and "path" not in names:
        notes.add(node.place, 'a node of kind file needs "path" as well')
    if word == "compress" and "card" not in names and "virtual" not in names:
        notes.add(node.place, 'a node of kind compress needs "card" or "virtual" as well')


def _check_default(name: Node | None, nodes: Node | None, what: str, notes: Notes) -> None:
    """Note a default that is not there, where the file says what is."""
    if not isinstance(name, Scalar) or not name.text or nodes is None:
        return
    known = list(names_in(nodes))
    if name.text not in known:
        notes.add(name.place, f"there is no {what} {quoted(name.text)} in this file{nearest(name.text, known)}")


def _part(node: Node | None, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Table) else None


def _entries(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.entries if isinstance(node, Table) else ()
