"""Life cycles: every legal pair leads where its table says, every other pair raises and names the legal ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from itertools import product
from typing import Any, NamedTuple

import pytest

from pyaudiobus.errors import IllegalTransition
from pyaudiobus.model.states import (
    LINK_TABLE,
    NODE_TABLE,
    PORT_TABLE,
    STREAM_TABLE,
    LinkEvent,
    LinkState,
    NodeEvent,
    NodeState,
    PortEvent,
    PortState,
    StreamEvent,
    StreamState,
    advance,
)


class Life(NamedTuple):
    """One life cycle and where it begins and ends."""

    table: Mapping[tuple[Any, Any], Any]
    states: type[Enum]
    events: type[Enum]
    first: Enum
    last: frozenset[Enum] = frozenset()


LIVES = {
    "node": Life(NODE_TABLE, NodeState, NodeEvent, NodeState.CREATING),
    "port": Life(PORT_TABLE, PortState, PortEvent, PortState.CONFIGURE),
    "link": Life(LINK_TABLE, LinkState, LinkEvent, LinkState.INIT, frozenset({LinkState.UNLINKED})),
    "stream": Life(STREAM_TABLE, StreamState, StreamEvent, StreamState.UNCONNECTED),
}
PAIRS = [(name, state, event) for name, life in LIVES.items() for state, event in product(life.states, life.events)]
LEGAL = [(name, state, event) for name, state, event in PAIRS if (state, event) in LIVES[name].table]
ILLEGAL = [(name, state, event) for name, state, event in PAIRS if (state, event) not in LIVES[name].table]


@pytest.mark.parametrize(("name", "state", "event"), LEGAL)
def test_a_legal_pair_leads_where_the_table_says(name: str, state: Enum, event: Enum) -> None:
    assert advance(LIVES[name].table, state, event) is LIVES[name].table[state, event]


@pytest.mark.parametrize(("name", "state", "event"), ILLEGAL)
def test_an_illegal_pair_raises_and_names_what_is_legal(name: str, state: Enum, event: Enum) -> None:
    table = LIVES[name].table
    legal = [possible.value for origin, possible in table if origin is state]
    with pytest.raises(IllegalTransition) as refusal:
        advance(table, state, event)
    assert refusal.value.what == f"{event.value!r} is not possible while {state.value!r}"
    assert refusal.value.facts == (f"possible now: {', '.join(legal) or 'nothing'}",)


@pytest.mark.parametrize("name", LIVES)
def test_every_state_can_be_reached(name: str) -> None:
    life = LIVES[name]
    reached, fresh = {life.first}, {life.first}
    while fresh:
        fresh = {target for (origin, _), target in life.table.items() if origin in fresh} - reached
        reached |= fresh
    assert reached == set(life.states)


@pytest.mark.parametrize("name", LIVES)
def test_every_state_but_the_last_can_be_left(name: str) -> None:
    life = LIVES[name]
    left = {origin for (origin, _), target in life.table.items() if target is not origin}
    assert left == set(life.states) - life.last


@pytest.mark.parametrize("name", LIVES)
def test_every_event_can_happen(name: str) -> None:
    assert {event for _, event in LIVES[name].table} == set(LIVES[name].events)


def test_a_failure_leads_to_error_wherever_it_strikes() -> None:
    for life in LIVES.values():
        assert {target.value for (_, event), target in life.table.items() if event.value == "fail"} == {"error"}
