"""YAML text into nodes that know their line and column. What the nodes mean is decided by readers.

Scalars stay the text they were written as: whether `on` is a switch or a word is a question of the reader, not of the
version of YAML. Anchors, aliases and tags are refused, and size and depth are bounded, so no file costs more than its
length.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from stat import S_ISREG
from typing import Protocol

import yaml

from pyaudiobus.config.mistakes import Notes, Place, quoted
from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml: slower, and the same in all else
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MOST_BYTES = 256 * 1024
MOST_NODES = 20_000
MOST_DEPTH = 12

_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


class Scalar(Record):
    """One value as it was written."""

    text: str
    is_plain: bool
    """Without quotes."""
    place: Place


class Listing(Record):
    """A sequence."""

    items: tuple[Node, ...]
    place: Place


class Table(Record):
    """A mapping; each key once, in the file's order."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    def get(self, key: str) -> Node | None:
        """Return what stands under a key."""
        return next((node for name, node in self.entries if name.text == key), None)


Node = Scalar | Listing | Table


class _Mark(Protocol):
    """A parser's mark, of either loader."""

    line: int
    column: int
    index: int


class _Stop(Exception):
    """What follows in the file cannot be read; it has been noted why."""


def read_text(path: str) -> bytes:
    """Return a file's bytes. UserError where it cannot be read, is no regular file, or is larger than MOST_BYTES."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UserError(f"cannot read {path}: it is no regular file")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {os.strerror(error.errno or 0).lower()}") from None
    if len(data) > MOST_BYTES:
        raise UserError(f"cannot read {path}: it has more than {MOST_BYTES} bytes")
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for who writes into a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse_document(data: bytes, notes: Notes) -> Node | None:
    """Return the document's root, None for an empty one. Notes mistakes; FileMistakes if it is no YAML at all."""
    try:
        return _Composer(_decoded(data, notes), notes).document()
    except _Stop:
        notes.check()
        raise


def _decoded(data: bytes, notes: Notes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        notes.add(_place_after(before), "this is not text in UTF-8")
        raise _Stop from None
    found = _CONTROL_CHARACTER.search(text)
    if found:
        notes.add(_place_after(text[: found.start()]), f"a control character ({quoted(found[0])[1:-1]}) in the file")
        raise _Stop
    return text


def _place_after(text: str) -> Place:
    line_start = text.rfind("\n") + 1
    return Place(text.count("\n") + 1, len(text) - line_start + 1)


class _Composer:
    """Builds nodes out of the parser's events."""

    def __init__(self, text: str, notes: Notes) -> None:
        self._notes = notes
        self._text = text
        self._events = self._checked(yaml.parse(text, Loader=Loader))
        self._count = 0

    def document(self) -> Node | None:
        """Return the only document there may be."""
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        root = self._node(next(self._events), 1)
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._stop(after, "a second document begins here; the file may have one")
        return root

    def _checked(self, events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
        """Pass events on until the parser meets what is no YAML."""
        try:
            yield from events
        except yaml.MarkedYAMLError as error:
            self._notes.add(_marked(error.problem_mark or error.context_mark), _not_yaml(error, self._text))
            raise _Stop from None
        except yaml.YAMLError as error:
            self._notes.add(Place(1, 1), f"this is not YAML: {error}")
            raise _Stop from None

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._refuse(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return Table(tuple(self._entries(depth + 1)), _place(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(tuple(self._items(depth + 1)), _place(event))
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, not event.style, _place(event))
        raise TypeError(f"the parser sent {event!r} where a value begins")

    def _refuse(self, event: yaml.Event, depth: int) -> None:
        """Stop at what makes a file cost more than its length, or mean what it does not say."""
        self._count += 1
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, f"an alias (*{event.anchor}); write out what it stands for")
        if (anchor := getattr(event, "anchor", None)) is not None:
            self._stop(event, f"an anchor (&{anchor}); nothing here can refer to it")
        if (tag := getattr(event, "tag", None)) is not None:
            self._stop(event, f"a tag ({quoted(tag)[1:-1]}); leave it out")
        if depth > MOST_DEPTH:
            self._stop(event, f"this is nested more than {MOST_DEPTH} deep")
        if self._count > MOST_NODES:
            self._stop(event, f"the file holds more than {MOST_NODES} values")

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        """Each key's first entry; a second is noted and read over."""
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth)
            value = self._node(next(self._events), depth)
            if not isinstance(key, Scalar):
                self._notes.add(key.place, "a key must be one word or text")
            elif key.text in lines:
                self._notes.add(key.place, f"{quoted(key.text)} stands here again; it is in line {lines[key.text]} too")
            else:
                lines[key.text] = key.place.line
                yield key, value

    def _stop(self, event: yaml.Event, what: str) -> None:
        self._notes.add(_place(event), what)
        raise _Stop


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> str:
    """Return the parser's words, and where that began which it was in the middle of."""
    end, begin = error.problem_mark, error.context_mark
    if end and text[end.index : end.index + 1] == "\t":
        return "this is not YAML: a tab; lines are indented with spaces"
    since = f" that begins in line {begin.line + 1}" if begin and end and begin.line != end.line else ""
    words = [words for words in (f"{error.context}{since}" if error.context else "", error.problem) if words]
    return f"this is not YAML: {', '.join(words)}"


def _place(event: yaml.Event) -> Place:
    return _marked(event.start_mark)


def _marked(mark: _Mark | None) -> Place:
    """Return the place of a mark; the parser counts from 0, and has none for what no text stands for."""
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
