"""What one field of a format may be: a value, an enumeration, a range or a step, as SPA's choices."""

from __future__ import annotations

from math import gcd
from typing import Generic, TypeVar

from pyaudiobus.errors import UserError
from pyaudiobus.model.record import Record

T = TypeVar("T")


class Value(Record, Generic[T]):
    """Exactly this."""

    value: T

    def __contains__(self, candidate: object) -> bool:
        return candidate == self.value

    def __str__(self) -> str:
        return _word(self.value)


class Enumeration(Record, Generic[T]):
    """One of these, the preferred one first."""

    values: tuple[T, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise UserError("an enumeration without values offers nothing")

    def __contains__(self, candidate: object) -> bool:
        return candidate in self.values

    def __str__(self) -> str:
        return "|".join(_word(value) for value in self.values)


class Range(Record):
    """Any whole number from minimum to maximum, both included; `default` is what its owner prefers."""

    minimum: int
    maximum: int
    default: int | None = None

    def __post_init__(self) -> None:
        _check_bounds(self.minimum, self.maximum, self.default)

    def __contains__(self, candidate: object) -> bool:
        return isinstance(candidate, int) and self.minimum <= candidate <= self.maximum

    def __str__(self) -> str:
        return f"{self.minimum}..{self.maximum}"


class Step(Record):
    """minimum, minimum + step, minimum + 2 * step, ... up to maximum."""

    minimum: int
    maximum: int
    step: int
    default: int | None = None

    def __post_init__(self) -> None:
        _check_bounds(self.minimum, self.maximum, self.default)
        if self.step <= 0:
            raise UserError(f"a step of {self.step} never arrives anywhere")
        if self.default is not None and (self.default - self.minimum) % self.step:
            raise UserError(f"the default {self.default} is not a step of {self}")

    def __contains__(self, candidate: object) -> bool:
        if not isinstance(candidate, int) or not self.minimum <= candidate <= self.maximum:
            return False
        return (candidate - self.minimum) % self.step == 0

    def __str__(self) -> str:
        return f"{self.minimum}..{self.maximum} by {self.step}"


Choice = Value[T] | Enumeration[T] | Range | Step
"""A field's choice. Range and Step speak of whole numbers; the other two of anything."""

AnyChoice = Value[T] | Enumeration[T]
"""A choice for fields that are not numbers."""

IntChoice = Value[int] | Enumeration[int] | Range | Step
"""A choice for fields that are whole numbers."""


def intersect(ours: Choice[T], theirs: Choice[T]) -> Choice[T] | None:
    """What both allow, in the order and with the default of `ours`; None when nothing is left."""
    if isinstance(ours, Value):
        return ours if ours.value in theirs else None
    if isinstance(ours, Enumeration):
        common = tuple(value for value in ours.values if value in theirs)
        return _listed(common)
    if isinstance(theirs, Value):
        return theirs if theirs.value in ours else None
    if isinstance(theirs, Enumeration):
        common = tuple(value for value in theirs.values if value in ours)
        return _listed(
            tuple(sorted(common, key=lambda value: value != ours.default))
        )  # stable: our default, then theirs
    return _overlap(ours, theirs)  # type: ignore[return-value]  # T is int here


def fixate(choice: Choice[T]) -> T:
    """Return the one value its owner likes best: the default, else the first, else the smallest."""
    if isinstance(choice, Value):
        return choice.value
    if isinstance(choice, Enumeration):
        return choice.values[0]
    return choice.minimum if choice.default is None else choice.default  # type: ignore[return-value]  # T is int here


def _listed(values: tuple[T, ...]) -> Choice[T] | None:
    if not values:
        return None
    return Value(values[0]) if len(values) == 1 else Enumeration(values)


def _overlap(ours: Range | Step, theirs: Range | Step) -> Value[int] | Range | Step | None:
    """Intersect two progressions; a range is a progression with step 1."""
    low, high = max(ours.minimum, theirs.minimum), min(ours.maximum, theirs.maximum)
    our_step = ours.step if isinstance(ours, Step) else 1
    their_step = theirs.step if isinstance(theirs, Step) else 1
    first = _first_common(low, (ours.minimum, our_step), (theirs.minimum, their_step))
    if first is None or first > high:
        return None
    step = our_step * their_step // gcd(our_step, their_step)
    high -= (high - first) % step
    if first == high:
        return Value(first)
    defaults = [side.default for side in (ours, theirs) if side.default is not None]
    default = next((value for value in defaults if first <= value <= high and (value - first) % step == 0), None)
    return Range(first, high, default) if step == 1 else Step(first, high, step, default)


def _first_common(low: int, one: tuple[int, int], other: tuple[int, int]) -> int | None:
    """Return the smallest number from `low` on that lies in both progressions (start, step), if there is one."""
    (start, step), (other_start, other_step) = one, other
    candidate = start + max(0, -(-(low - start) // step)) * step
    common = gcd(step, other_step)
    gap = other_start - candidate
    if gap % common:
        return None
    modulus = other_step // common
    return candidate + gap // common * pow(step // common, -1, modulus) % modulus * step


def _check_bounds(minimum: int, maximum: int, default: int | None) -> None:
    if minimum > maximum:
        raise UserError(f"the range {minimum}..{maximum} is empty")
    if default is not None and not minimum <= default <= maximum:
        raise UserError(f"the default {default} is outside {minimum}..{maximum}")


def _word(value: object) -> str:
    return str(getattr(value, "value", value))
