"""The index of a snapshot's objects: a patched one says what one made anew would."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.model.items import Item, Items

KINDS = ("node", "link", "port", "client")
changes = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from((*KINDS, "")), st.sampled_from(("a", "b", "Music"))), max_size=12
)


def item(serial: int, kind: str, word: str) -> Item:
    properties = MappingProxyType({"media.class": word, "media.role": word})
    return Item(serial, kind, word, serial % 3, "idle", properties, MappingProxyType({"node": serial % 4, "output": 2}))


@settings(max_examples=60, deadline=None)
@given(changes)
def test_a_patched_index_is_what_one_made_anew_would_be(made: list[tuple[int, str, str]]) -> None:
    patched, plain = Items(), dict[int, Item]()
    patched.among(("kind", "node"))
    for serial, kind, word in made:
        change = item(serial, kind, word) if kind else None
        patched = patched.changed({serial: change})
        plain.pop(serial, None)
        if change is not None:
            plain[serial] = change
    fresh = Items(plain)
    assert list(patched) == list(fresh) == sorted(plain)
    for group in {group for one in plain.values() for group in one.groups()} | {("kind", "nothing")}:
        assert patched.among(group) == fresh.among(group)


def test_a_changed_copy_leaves_what_it_was_made_of() -> None:
    first = Items({1: item(1, "node", "a")})
    first.among(("kind", "node"))
    second = first.changed({2: item(2, "node", "b"), 1: None})
    assert [one.serial for one in first.among(("kind", "node"))] == [1]
    assert [one.serial for one in second.among(("kind", "node"))] == [2]
