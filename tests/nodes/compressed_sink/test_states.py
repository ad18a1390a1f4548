"""The sink's own life cycle, pair by pair."""

from __future__ import annotations

import pytest

from pyaudiobus.errors import IllegalTransition
from pyaudiobus.model.states import advance
from pyaudiobus.nodes.compressed_sink.states import SINK_TABLE, SinkEvent, SinkState

LEGAL = {
    SinkState.CLOSED: {SinkEvent.CONFIGURE},
    SinkState.CONFIGURED: {SinkEvent.START},
    SinkState.PREFILLING: {SinkEvent.START, SinkEvent.PAUSE, SinkEvent.PREFILLED, SinkEvent.DEVICE_DRAINED},
    SinkState.RUNNING: {SinkEvent.START, SinkEvent.PAUSE, SinkEvent.SOURCE_ENDED},
    SinkState.PAUSED: {SinkEvent.PAUSE, SinkEvent.RESUME},
    SinkState.SUSPENDED: {SinkEvent.START, SinkEvent.PAUSE},
    SinkState.RECOVERING: {SinkEvent.START, SinkEvent.PAUSE},
    SinkState.DRAINING: {SinkEvent.START, SinkEvent.PAUSE, SinkEvent.JOINED, SinkEvent.DEVICE_DRAINED},
    SinkState.DRAINED: set(),
    SinkState.LOST: set(),
    SinkState.FAILED: set(),
}
AT_WORK = set(SinkState) - {SinkState.CLOSED, SinkState.DRAINED, SinkState.LOST, SinkState.FAILED}
PAIRS = [(state, event) for state in SinkState for event in SinkEvent]


def is_legal(state: SinkState, event: SinkEvent) -> bool:
    if event is SinkEvent.CLOSE:
        return True
    if event in (SinkEvent.FAIL, SinkEvent.DEVICE_LOST, SinkEvent.BREAK_OFF, SinkEvent.LEAP, SinkEvent.SLEEP):
        return state in AT_WORK
    return event in LEGAL[state]


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_what_is_not_in_the_table_raises_and_names_what_would_be_possible(state: SinkState, event: SinkEvent) -> None:
    if is_legal(state, event):
        assert advance(SINK_TABLE, state, event) in SinkState
        return
    with pytest.raises(IllegalTransition) as refusal:
        advance(SINK_TABLE, state, event)
    assert all(str(other.value) in str(refusal.value) for other in LEGAL[state])


@pytest.mark.parametrize("state", SinkState)
def test_every_state_can_be_closed(state: SinkState) -> None:
    assert advance(SINK_TABLE, state, SinkEvent.CLOSE) is SinkState.CLOSED


@pytest.mark.parametrize("state", sorted(AT_WORK, key=str))
def test_a_stream_that_leaps_to_another_place_holds_if_it_held_and_plays_if_it_played(state: SinkState) -> None:
    holds = state in (SinkState.CONFIGURED, SinkState.PAUSED, SinkState.SUSPENDED)
    assert advance(SINK_TABLE, state, SinkEvent.LEAP) is (SinkState.SUSPENDED if holds else SinkState.PREFILLING)


def test_only_the_device_ends_a_drain_well() -> None:
    ways = {pair for pair, target in SINK_TABLE.items() if target is SinkState.DRAINED}
    assert ways == {
        (SinkState.DRAINING, SinkEvent.DEVICE_DRAINED),
        (SinkState.PREFILLING, SinkEvent.DEVICE_DRAINED),  # a stream without a byte
    }
