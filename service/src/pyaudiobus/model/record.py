"""Frozen values with named fields: what a frozen, slotted dataclass is, at a twentieth of its price at start-up.

Defining one dataclass costs 3.8 M instructions and loading the module 41 M; a player on a DSP plays ten minutes of MP3
for less than five of them (service/docs/decisions/0007-records.md). Type checkers see ordinary dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class RecordType(type):
    """Makes a class's annotated names its slots, and keeps their defaults."""

    _fields: tuple[str, ...]
    _defaults: dict[str, object]
    _stores: tuple[Callable[[object, object], None], ...]
    _is_checked: bool

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> RecordType:
        """Define a record. Its module must have `from __future__ import annotations`."""
        annotations = namespace.get("__annotations__", {})
        fields = tuple(annotations) if isinstance(annotations, dict) else ()
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        made = super().__new__(cls, name, bases, {**namespace, "__slots__": fields})
        made._fields = fields
        made._defaults = defaults
        made._stores = tuple(getattr(made, field).__set__ for field in fields)
        has_check = "__post_init__" in namespace or any(getattr(base, "_is_checked", False) for base in bases)
        made._is_checked = bool(bases) and has_check
        return made


def _completed(kind: RecordType, values: tuple[object, ...], named: dict[str, object]) -> tuple[object, ...]:
    """Return a value for every field, from those given in order, those given by name, and the defaults."""
    if len(values) > len(kind._fields):
        raise TypeError(f"{kind.__name__} has {len(kind._fields)} fields, {len(values)} were given")
    rest = kind._fields[len(values) :]
    known = {**kind._defaults, **named}
    for field in rest:
        if field not in known:
            raise TypeError(f"{kind.__name__} needs {field}")
    for field in named:
        if field not in rest:
            raise TypeError(f"{kind.__name__} has no field {field}, or it was given twice")
    return (*values, *(known[field] for field in rest))


class Record(metaclass=RecordType):
    """A value: equal to another of its kind with equal fields, hashable if they are, and never changed."""

    def __init__(self, *values: object, **named: object) -> None:
        """Set the fields, in order or by name, then let __post_init__ check them. TypeError as for any call."""
        kind = type(self)
        if named or len(values) != len(kind._fields):
            values = _completed(kind, values, named)
        for store, value in zip(kind._stores, values, strict=True):
            store(self, value)
        if kind._is_checked:
            self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields; records that have nothing to check leave it."""

    def replace(self, **changes: object) -> Self:
        """Return a copy with some fields changed, and checked."""
        return type(self)(**{**dict(zip(type(self)._fields, self._values(), strict=True)), **changes})

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, field) for field in type(self)._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        fields = zip(type(self)._fields, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{field}={value!r}' for field, value in fields)})"

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} is never changed: use replace({field}=...)")

    def __delattr__(self, field: str) -> None:
        raise AttributeError(f"a {type(self).__name__} keeps its {field}")

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        return type(self), self._values()
