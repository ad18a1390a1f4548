"""Small readers of which a file's schema is put together. What any one file may hold is not here.

A reader turns a node into a checked value. It notes what is wrong and raises Unreadable; whoever reads a collection
catches that, goes on with the rest, and so a file's mistakes are told all at once. `form` says in a few words what may
be written; the manual's tables are made of it.
Past 300 lines because the kinds of values are many, and each is a few lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from pyaudiobus.config.document import Listing, Node, Scalar, Table
from pyaudiobus.config.mistakes import Notes, nearest, quoted
from pyaudiobus.model.record import Record

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

YES = frozenset({"on", "yes", "true"})
NO = frozenset({"off", "no", "false"})
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SIZE = re.compile(r"(0|[1-9][0-9]{0,17}) *(B|KiB|MiB)?")
_DURATION = re.compile(r"(0|[1-9][0-9]{0,9}) *(us|ms|s)")
_USEC = {"us": 1, "ms": 1000, "s": 1_000_000}
_UNITS = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024 * 1024}


class Unreadable(Exception):
    """There is no value here; it has been noted why."""


class Reader(Protocol[T_co]):
    """Reads one kind of value."""

    form: str
    """What may be written, in a few words."""

    def read(self, node: Node, notes: Notes) -> T_co:
        """Return the value; Unreadable after a note where there is none."""


def refuse(node: Node, notes: Notes, what: str) -> Unreadable:
    """Note a mistake, and return what is to be raised."""
    notes.add(node.place, what)
    return Unreadable()


def scalar(node: Node, notes: Notes, form: str) -> Scalar:
    """Return a node that must be one value, and not an empty one."""
    if not isinstance(node, Scalar):
        found = "a list" if isinstance(node, Listing) else "keys and values"
        raise refuse(node, notes, f"expected {_plain(form)}, found {found}")
    if is_absent(node):
        raise refuse(node, notes, f"expected {_plain(form)}, found nothing")
    return node


def _plain(form: str) -> str:
    """Return a form without the marks that the manual needs."""
    return form.replace("`", "")


def is_absent(node: Node) -> bool:
    """Tell whether nothing was written, as in `key:` with an empty rest of the line."""
    return isinstance(node, Scalar) and node.is_plain and node.text in ("", "~", "null")


class Text:
    """One line of text; `pattern` bounds it, with `form` in words."""

    def __init__(self, form: str = "text", pattern: str = r"[^\x00-\x1f\x7f]+") -> None:
        self.form = form
        self._pattern = re.compile(pattern)

    def read(self, node: Node, notes: Notes) -> str:
        """Return it as it was written."""
        text = scalar(node, notes, self.form).text
        if not self._pattern.fullmatch(text):
            raise refuse(node, notes, f"{quoted(text)} is not {_plain(self.form)}")
        return text


class YesNo:
    """A switch."""

    form = "`on` or `off`"

    def read(self, node: Node, notes: Notes) -> bool:
        """Return whether it is on."""
        found = scalar(node, notes, self.form)
        word = found.text.lower()
        if not found.is_plain or word not in YES | NO:
            raise refuse(node, notes, f"{quoted(found.text)} is neither on nor off")
        return word in YES


class Whole:
    """A whole number within bounds, both included."""

    def __init__(self, least: int, most: int) -> None:
        self.form = f"a whole number, {least} to {most}"
        self._least = least
        self._most = most

    def read(self, node: Node, notes: Notes) -> int:
        """Return the number."""
        text = scalar(node, notes, self.form).text
        if not _NUMBER.fullmatch(text) or not self._least <= int(text) <= self._most:
            raise refuse(node, notes, f"{quoted(text)} is not {self.form}")
        return int(text)


class Size:
    """A number of bytes within bounds: 32768, 32 KiB."""

    def __init__(self, least: int, most: int) -> None:
        self.form = f"bytes, {_bytes(least)} to {_bytes(most)}, as `32768` or `32 KiB`"
        self._least = least
        self._most = most

    def read(self, node: Node, notes: Notes) -> int:
        """Return bytes."""
        text = scalar(node, notes, "a number of bytes").text
        found = _SIZE.fullmatch(text)
        if not found:
            raise refuse(node, notes, f"{quoted(text)} is not a number of bytes; write 32768 or 32 KiB")
        size = int(found[1]) * _UNITS[found[2]]
        if not self._least <= size <= self._most:
            raise refuse(node, notes, f"{quoted(text)} is outside {_bytes(self._least)} to {_bytes(self._most)}")
        return size


def _bytes(size: int) -> str:
    if size % _UNITS["MiB"] == 0:
        return f"{size // _UNITS['MiB']} MiB"
    return f"{size // _UNITS['KiB']} KiB" if size % _UNITS["KiB"] == 0 else str(size)


class Duration:
    """A span of time within bounds, in microseconds."""

    def __init__(self, least: int, most: int, example: str) -> None:
        self.form = f"a time, {written_time(least)} to {written_time(most)}, as `{example}`"
        self._least = least
        self._most = most

    def read(self, node: Node, notes: Notes) -> int:
        """Return microseconds."""
        text = scalar(node, notes, "a time").text
        found = _DURATION.fullmatch(text)
        if not found:
            raise refuse(node, notes, f"{quoted(text)} is no time; write 500 us, 10 ms or 2 s")
        usec = int(found[1]) * _USEC[found[2]]
        if not self._least <= usec <= self._most:
            raise refuse(
                node, notes, f"{quoted(text)} is outside {written_time(self._least)} to {written_time(self._most)}"
            )
        return usec


class Seconds(Duration):
    """The same in whole seconds."""

    def read(self, node: Node, notes: Notes) -> int:
        """Return seconds."""
        usec = super().read(node, notes)
        if usec % _USEC["s"]:
            raise refuse(node, notes, "this is given in whole seconds")
        return usec // _USEC["s"]


def written_time(usec: int) -> str:
    """Return microseconds as they are written."""
    if usec % _USEC["s"] == 0:
        return f"{usec // _USEC['s']} s"
    return f"{usec // _USEC['ms']} ms" if usec % _USEC["ms"] == 0 else f"{usec} us"


class OneOf(Generic[T]):
    """One of a few words."""

    def __init__(self, values: Mapping[str, T]) -> None:
        self.form = ", ".join(f"`{word}`" for word in values)
        self._values = dict(values)

    def read(self, node: Node, notes: Notes) -> T:
        """Return what the word stands for."""
        text = scalar(node, notes, f"one of {self.form}").text
        if text not in self._values:
            raise refuse(node, notes, f"{quoted(text)} is not known here{nearest(text, self._values)}")
        return self._values[text]


class ListOf(Generic[T]):
    """A list of values of one kind, each once."""

    def __init__(self, items: Reader[T]) -> None:
        self.form = f"a list: {items.form}"
        self._items = items

    def read(self, node: Node, notes: Notes) -> tuple[T, ...]:
        """Return the values; those that are wrong are noted and left out."""
        if not isinstance(node, Listing):
            raise refuse(node, notes, "expected a list: one value a line behind a dash, or [between, brackets]")
        found: list[T] = []
        for item in node.items:
            try:
                value = self._items.read(item, notes)
            except Unreadable:
                continue
            if value in found:
                notes.add(item.place, "this stands in the list twice")
            found.append(value)
        return tuple(found)


class Key(Record):
    """One key a table may have."""

    name: str
    reader: Reader[Any]
    meaning: str
    """One sentence for the manual."""
    default: object = None
    needed: bool = False
    """Without it the table makes no sense."""

    @property
    def field(self) -> str:
        """The name its value has in Python."""
        return self.name.replace("-", "_")


class TableOf(Generic[T]):
    """A table with known keys. `make` gets each key's value by the key's field name, given or default."""

    form = "keys and values"

    def __init__(self, make: Callable[..., T], *keys: Key) -> None:
        self.keys = keys
        self._make = make
        self._by_name = {key.name: key for key in keys}

    def read(self, node: Node, notes: Notes) -> T:
        """Return what `make` makes; Unreadable if a needed key is missing or wrong."""
        entries = table_entries(node, notes, self.form)
        values: dict[str, object] = {key.field: key.default for key in self.keys if not key.needed}
        for name, value in entries:
            if (key := self._known(name, notes)) is not None:
                try:
                    values[key.field] = key.reader.read(value, notes)
                except Unreadable:
                    continue
        self._note_missing(node, {name.text for name, _ in entries}, notes)
        if any(key.field not in values for key in self.keys):
            raise Unreadable
        return self._make(**values)

    def _known(self, name: Scalar, notes: Notes) -> Key | None:
        if name.text not in self._by_name:
            notes.add(name.place, f"unknown key {quoted(name.text)}{nearest(name.text, self._by_name)}")
        return self._by_name.get(name.text)

    def _note_missing(self, node: Node, given: set[str], notes: Notes) -> None:
        missing = [key.name for key in self.keys if key.needed and key.name not in given]
        if missing:
            notes.add(node.place, f"this needs {' and '.join(quoted(name) for name in missing)} as well")


class NamedEntries(Generic[T]):
    """A table whose keys are names that people choose; `make` gets (name, value, place) of each."""

    def __init__(self, form: str, names: Reader[str], values: Reader[Any], make: Callable[[str, Any, str], T]) -> None:
        self.form = form
        self.values = values
        self._names = names
        self._make = make

    def read(self, node: Node, notes: Notes) -> tuple[T, ...]:
        """Return what was made of each entry, in the file's order; what is wrong is noted and left out."""
        made: list[T] = []
        for name, value in table_entries(node, notes, self.form):
            try:
                word = self._names.read(name, notes)
                made.append(self._make(word, self.values.read(value, notes), notes.where(name.place)))
            except Unreadable:
                continue
        return tuple(made)


def table_entries(node: Node, notes: Notes, form: str) -> tuple[tuple[Scalar, Node], ...]:
    """Return a table's entries; nothing written is an empty table."""
    if is_absent(node):
        return ()
    if not isinstance(node, Table):
        found = quoted(node.text) if isinstance(node, Scalar) else "a list"
        raise refuse(node, notes, f"expected {form}, found {found}")
    return node.entries


def described(reader: Reader[Any], path: str = "") -> Iterator[tuple[str, Key]]:
    """Walk through a schema: every key of it with its path, "sinks.NAME.kind"."""
    if isinstance(reader, NamedEntries):
        yield from described(reader.values, f"{path}NAME.")
    elif isinstance(reader, TableOf):
        for key in reader.keys:
            yield path + key.name, key
            yield from described(key.reader, f"{path}{key.name}.")


def names_in(node: Node | None) -> Iterable[str]:
    """Return the keys of a table that may not be there, or be something else."""
    return [name.text for name, _ in node.entries] if isinstance(node, Table) else []
