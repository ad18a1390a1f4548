"""Rules: which objects are meant, and what they are given. Values; config/policy_file.py reads them from a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.record import Record


class Equals(Record):
    """One of these words."""

    values: tuple[str, ...]

    def holds(self, value: str) -> bool:
        """Tell whether a value is meant."""
        return value in self.values

    def __str__(self) -> str:
        return " or ".join(self.values)


class Like(Record):
    """Text that a pattern fits as a whole."""

    text: str
    """As it was written: a glob, or ~ and a regular expression."""
    pattern: re.Pattern[str]

    def holds(self, value: str) -> bool:
        """Tell whether a value is meant."""
        return self.pattern.fullmatch(value) is not None

    def __str__(self) -> str:
        return self.text


class Between(Record):
    """A number from least to most, both included."""

    least: float
    most: float

    def holds(self, value: str) -> bool:
        """Tell whether a value is meant."""
        try:
            return self.least <= float(value) <= self.most
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{self.least:g}..{self.most:g}"


class Absent(Record):
    """No value at all."""

    def holds(self, value: str) -> bool:  # noqa: ARG002  # it is asked only where there is one
        """Tell whether a value is meant."""
        return False

    def __str__(self) -> str:
        return "absent"


class Condition(Record):
    """What one property or fact has to be."""

    key: str
    """A property's or fact's name, or kind, name, state."""
    test: Equals | Like | Between | Absent
    is_negated: bool = False

    def holds(self, item: Item) -> bool:
        """Tell whether an object fulfils it."""
        value = value_of(item, self.key)
        fits = isinstance(self.test, Absent) if value is None else self.test.holds(value)
        return fits is not self.is_negated

    def __str__(self) -> str:
        return f"{self.key} {'is not' if self.is_negated else 'is'} {self.test}"


class Rule(Record):
    """What the objects that fit are given."""

    name: str
    matches: tuple[tuple[Condition, ...], ...]
    """Any of these, each being all of its conditions."""
    properties: Mapping[str, str | None] = MappingProxyType({})
    """None removes one."""
    target: str = ""
    """A sink's or source's name for a stream that names none itself."""
    role: Role | None = None
    """What a client may do."""
    place: str = ""
    """Where the file names it, "FILE:LINE:COLUMN"."""

    def fits(self, item: Item) -> bool:
        """Tell whether an object is meant."""
        return any(all(condition.holds(item) for condition in match) for match in self.matches)


class Grant(Record):
    """Who gets a role. Only what the kernel tells of a client counts; what is empty is not asked for."""

    name: str
    role: Role
    sockets: tuple[str, ...] = ()
    """Paths of the sockets it may have come by; globs."""
    users: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    cgroups: tuple[str, ...] = ()
    """Globs."""
    executables: tuple[str, ...] = ()
    """Globs."""
    place: str = ""


def value_of(item: Item, key: str) -> str | None:
    """Return what an object says of itself under a key, else what the bus says; None where neither does."""
    if key in ("kind", "name", "state"):
        return str(getattr(item, key))
    found: Fact = item.properties.get(key)
    return as_text(item.facts.get(key) if found is None else found)


def as_text(fact: Fact) -> str | None:
    """Return a fact as rules write it."""
    if isinstance(fact, bool):
        return "true" if fact else "false"
    return None if fact is None else str(fact)


def fitting(rules: Iterable[Rule], item: Item) -> list[Rule]:
    """List the rules that mean an object, in their order: where they contradict each other, the last counts."""
    return [rule for rule in rules if rule.fits(item)]
