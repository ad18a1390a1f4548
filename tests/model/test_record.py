"""Records are values: equal by kind and fields, hashable, never changed, and made like any call."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from pyaudiobus.model.record import Record


class Point(Record):
    """A record with a default and a check."""

    x: int
    y: int = 0

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x is negative")


class Vector(Record):
    """The same fields under another name."""

    x: int
    y: int = 0


def test_fields_are_given_in_order_or_by_name_or_left_to_their_default() -> None:
    assert (Point(1, 2).x, Point(1, 2).y) == (1, 2)
    assert Point(1) == Point(x=1, y=0)


@pytest.mark.parametrize(("values", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 2})])
def test_a_wrong_call_is_a_type_error(values: tuple[int, ...], named: dict[str, int]) -> None:
    make: Callable[..., Point] = Point
    with pytest.raises(TypeError):
        make(*values, **named)


def test_records_are_equal_by_kind_and_fields() -> None:
    assert Point(1, 2) == Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Vector(1, 2)
    assert len({Point(1), Point(1), Vector(1)}) == 2


def test_nothing_can_be_changed_or_added() -> None:
    point = Point(1)
    for field in ("x", "colour"):
        with pytest.raises(AttributeError):
            setattr(point, field, 5)
    with pytest.raises(AttributeError):
        del point.x
    assert not hasattr(point, "__dict__")


def test_a_replaced_field_is_checked_like_a_first_one() -> None:
    assert Point(1, 2).replace(y=3) == Point(1, 3)
    with pytest.raises(ValueError, match="negative"):
        Point(1, 2).replace(x=-1)


def test_records_can_be_copied_pickled_and_read() -> None:
    point = Point(1, 2)
    assert copy.deepcopy(point) == point == pickle.loads(pickle.dumps(point))
    assert repr(point) == "Point(x=1, y=2)"
