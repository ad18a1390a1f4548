"""Laws of choices: what is in an intersection is in both sides, and nothing that is in both is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.errors import UserError
from pyaudiobus.model.choice import Choice, Enumeration, Range, Step, Value, fixate, intersect

WORLD = range(-5, 70)
"""Every number the generated choices can hold, and some they cannot."""

numbers = st.integers(0, 60)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(numbers), draw(numbers)))
    return Range(low, high, draw(st.none() | st.integers(low, high)))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    low, high = sorted((draw(numbers), draw(numbers)))
    step = draw(st.integers(1, 20))
    return Step(low, high, step, draw(st.none() | st.sampled_from(range(low, high + 1, step))))


choices: st.SearchStrategy[Any] = st.one_of(
    numbers.map(Value),
    st.lists(numbers, min_size=1, max_size=6, unique=True).map(lambda values: Enumeration(tuple(values))),
    ranges(),
    steps(),
)


def members(choice: Choice[int] | None) -> set[int]:
    return set() if choice is None else {number for number in WORLD if number in choice}


@given(choices, choices)
def test_an_intersection_holds_exactly_what_both_sides_hold(ours: Choice[int], theirs: Choice[int]) -> None:
    assert members(intersect(ours, theirs)) == members(ours) & members(theirs)


@given(choices, choices)
def test_an_intersection_holds_the_same_whichever_side_asks(ours: Choice[int], theirs: Choice[int]) -> None:
    assert members(intersect(ours, theirs)) == members(intersect(theirs, ours))


@given(choices, choices, choices)
def test_three_sides_agree_on_the_same_whatever_pair_begins(
    one: Choice[int], two: Choice[int], three: Choice[int]
) -> None:
    first = intersect(one, two)
    second = intersect(two, three)
    left = None if first is None else intersect(first, three)
    right = None if second is None else intersect(one, second)
    assert members(left) == members(right)


@given(choices)
def test_a_choice_meets_itself_unchanged(choice: Choice[int]) -> None:
    meeting = intersect(choice, choice)
    assert meeting is not None
    assert members(meeting) == members(choice)
    assert fixate(meeting) == fixate(choice)


@given(choices, choices)
def test_what_is_fixated_is_allowed_by_both_sides(ours: Choice[int], theirs: Choice[int]) -> None:
    common = intersect(ours, theirs)
    if common is not None:
        assert fixate(common) in ours
        assert fixate(common) in theirs


@given(choices, choices)
def test_what_we_prefer_is_what_we_get_if_they_allow_it(ours: Choice[int], theirs: Choice[int]) -> None:
    has_preference = isinstance(ours, Value | Enumeration) or ours.default is not None
    common = intersect(ours, theirs)
    if has_preference and common is not None and fixate(ours) in theirs:
        assert fixate(common) == fixate(ours)


def test_an_enumeration_keeps_the_order_of_the_side_that_asks() -> None:
    assert intersect(Enumeration((3, 1, 2)), Enumeration((1, 2, 3, 4))) == Enumeration((3, 1, 2))


def test_a_range_takes_their_order_after_its_own_default() -> None:
    assert intersect(Range(8000, 48000, 44100), Enumeration((48000, 44100, 96000, 8000))) == Enumeration(
        (44100, 48000, 8000)
    )


def test_their_default_counts_where_ours_is_out_of_reach() -> None:
    assert intersect(Range(1, 10, 2), Range(5, 20, 7)) == Range(5, 10, 7)


def test_two_steps_meet_at_their_common_multiples() -> None:
    assert intersect(Step(0, 100, 4), Step(2, 100, 6)) == Step(8, 92, 12)


def test_two_steps_that_never_meet_have_nothing_in_common() -> None:
    assert intersect(Step(0, 100, 4), Step(1, 100, 2)) is None


def test_steps_too_large_to_count_through_still_meet() -> None:
    ours, theirs = Step(0, 10**30, 10**14 + 1), Step(0, 10**30, 10**14 + 3)
    common: Choice[int] | None = intersect(ours, theirs)
    assert isinstance(common, Step)
    assert common.step % ours.step == common.step % theirs.step == 0


def test_one_number_left_is_a_value() -> None:
    assert intersect(Range(1, 5), Range(5, 9)) == Value(5)
    assert intersect(Enumeration((1, 2)), Enumeration((2, 3))) == Value(2)


def test_words_meet_as_numbers_do() -> None:
    assert intersect(Enumeration(("mp3", "flac")), Value("flac")) == Value("flac")
    assert intersect(Value("aac"), Enumeration(("mp3", "flac"))) is None


def test_a_word_is_in_no_range() -> None:
    assert "48000" not in Range(1, 96000)
    assert "48000" not in Step(0, 96000, 8000)


@pytest.mark.parametrize(
    ("choice", "likes"),
    [
        (Value(7), 7),
        (Enumeration((9, 1)), 9),
        (Range(1, 9), 1),
        (Range(1, 9, 5), 5),
        (Step(2, 9, 3), 2),
        (Step(2, 9, 3, 8), 8),
    ],
)
def test_the_default_comes_first_then_the_first_then_the_smallest(choice: Choice[int], likes: int) -> None:
    assert fixate(choice) == likes


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (Value(48000), "48000"),
        (Enumeration((44100, 48000)), "44100|48000"),
        (Range(8000, 48000), "8000..48000"),
        (Step(8, 128, 8), "8..128 by 8"),
    ],
)
def test_choices_read_as_people_write_them(choice: Choice[int], text: str) -> None:
    assert str(choice) == text


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UserError, match=r"range 9\.\.1 is empty"):
        Range(9, 1)


def test_a_default_outside_its_range_is_refused() -> None:
    with pytest.raises(UserError, match=r"default 10 is outside 1\.\.9"):
        Range(1, 9, 10)


def test_a_default_between_two_steps_is_refused() -> None:
    with pytest.raises(UserError, match=r"default 3 is not a step of 2\.\.9 by 2"):
        Step(2, 9, 2, 3)


@pytest.mark.parametrize("step", [0, -1])
def test_a_step_that_does_not_advance_is_refused(step: int) -> None:
    with pytest.raises(UserError, match="never arrives"):
        Step(0, 9, step)


def test_an_empty_enumeration_is_refused() -> None:
    with pytest.raises(UserError, match="offers nothing"):
        Enumeration(())
