"""PulseAudio's rules for a playing stream, one cycle at a time: prebuffering, underrun, cork, trigger, drain, end.

Past 300 lines because the rules are many and short, and share one stage.
"""

from __future__ import annotations

import itertools
import select

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyaudiobus.engine._engine import lib
from pyaudiobus.engine.driver import EventKind
from tests.engine.turntable import FRAME, Turntable

STARTED, UNDERFLOW, DRAINED, ENDED, HOSTILE = (
    EventKind.STARTED,
    EventKind.UNDERFLOW,
    EventKind.DRAINED,
    EventKind.ENDED,
    EventKind.HOSTILE,
)
WRITTEN, SILENT_UNTIL = 64, 72  # where ring.h puts them
NEVER = 2**64 - 1


def is_woken(table: Turntable) -> bool:
    """Whether the client has woken the daemon since the last time that was asked. Edges, as the cycle polls."""
    with select.epoll() as poll:
        poll.register(table.daemon.fileno(), select.EPOLLIN | select.EPOLLET)
        return bool(poll.poll(0))


# ---- prebuffering ----


def test_nothing_is_played_until_prebuf_is_queued() -> None:
    with Turntable(prebuf=4) as table:
        table.write(1, 2, 3)
        assert table.turn(2) == [0, 0]
        assert (table.read_index, table.told) == (0, [])
        table.write(4)
        assert table.turn(2) == [1, 2]
        assert table.told == [(STARTED, 0)]


def test_once_started_less_than_prebuf_is_enough() -> None:
    with Turntable(prebuf=4) as table:
        table.write(1, 2, 3, 4)
        assert table.turn(3) == [1, 2, 3]
        assert table.turn(1) == [4]
        assert table.told == [(STARTED, 0)]


def test_a_gap_counts_as_queued() -> None:
    with Turntable(prebuf=4) as table:
        table.write(1)
        table.gap(3)
        assert table.turn(4) == [1, 0, 0, 0]
        assert table.read_index == 4


def test_a_stream_that_is_complete_does_not_wait_for_prebuf() -> None:
    with Turntable(prebuf=100) as table:
        table.write(1, 2)
        table.end()
        assert table.turn(2) == [1, 2]


def test_trigger_plays_what_is_there() -> None:
    with Turntable(prebuf=100) as table:
        table.write(1, 2)
        lib.playback_trigger(table.stream)
        assert table.turn(2) == [1, 2]


def test_trigger_with_nothing_queued_prebuffers_again() -> None:
    with Turntable(prebuf=3) as table:
        lib.playback_trigger(table.stream)
        assert table.turn(1) == [0]
        table.write(1, 2)
        assert table.turn(1) == [0]
        assert table.told == []


def test_prebuf_again_while_playing_is_an_underrun_until_enough_is_queued() -> None:
    with Turntable(prebuf=3) as table:
        table.write(1, 2, 3, 4)
        table.turn(2)
        lib.playback_rearm(table.stream)
        assert table.turn(1) == [0]
        table.write(5)
        assert table.turn(3) == [3, 4, 5]
        assert table.told == [(STARTED, 0), (UNDERFLOW, 2), (STARTED, 2)]


# ---- underrun ----


def test_an_underrun_is_told_once_and_freezes_the_read_index() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2, 3)
        assert table.turn(5) == [1, 2, 3, 0, 0]
        assert table.turn(5) == [0] * 5
        assert table.read_index == 3
        assert table.told == [(STARTED, 0), (UNDERFLOW, 3)]


def test_a_queue_that_just_runs_empty_has_not_underrun_yet() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2)
        table.turn(2)
        assert table.told == [(STARTED, 0)]
        table.write(3)
        assert table.turn(1) == [3]
        assert table.told == [(STARTED, 0)]


def test_after_an_underrun_prebuf_is_waited_for_again() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2)
        table.turn(3)
        table.write(3)
        assert table.turn(1) == [0]
        table.write(4)
        assert table.turn(2) == [3, 4]
        assert table.told == [(STARTED, 0), (UNDERFLOW, 2), (STARTED, 2)]


def test_silence_is_counted_only_after_the_first_start() -> None:
    with Turntable(prebuf=1) as table:
        table.turn(3)
        assert table.stream.underrun_for == NEVER
        table.write(1, 2)
        table.turn(2)
        assert (table.stream.underrun_for, table.stream.playing_for) == (0, 2 * FRAME)
        table.turn(5)
        assert (table.stream.underrun_for, table.stream.underruns) == (5 * FRAME, 1)


# ---- prebuf 0 ----


def test_without_prebuf_reading_never_stops() -> None:
    with Turntable(prebuf=0) as table:
        table.write(1, 2)
        assert table.turn(4) == [1, 2, 0, 0]
        assert table.turn(4) == [0] * 4
        assert table.read_index == 8
        assert table.told == [(STARTED, 0), (UNDERFLOW, 2)]
        assert table.is_active


def test_without_prebuf_what_comes_too_late_is_lost() -> None:
    with Turntable(prebuf=0) as table:
        table.turn(3)
        table.write(1, 2, 3, 4, 5)
        assert table.turn(2) == [4, 5]


# ---- cork ----


def test_a_corked_stream_is_not_read_and_has_no_underrun() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2, 3, 4)
        table.turn(2)
        lib.playback_cork(table.stream, True)
        assert table.turn(2) == [0, 0]
        assert not table.is_active
        assert (table.read_index, table.told) == (2, [(STARTED, 0)])


def test_uncorking_prebuffers_anew() -> None:
    with Turntable(prebuf=3) as table:
        table.write(1, 2, 3, 4)
        table.turn(2)
        lib.playback_cork(table.stream, True)
        lib.playback_cork(table.stream, False)
        assert table.turn(1) == [0]
        table.write(5)
        assert table.turn(3) == [3, 4, 5]
        assert table.told == [(STARTED, 0), (STARTED, 2)]


def test_corking_twice_changes_nothing() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2, 3)
        lib.playback_cork(table.stream, False)
        assert table.turn(3) == [1, 2, 3]


def test_a_stream_can_begin_corked() -> None:
    with Turntable(prebuf=0, is_corked=True) as table:
        table.write(1, 2)
        assert table.turn(2) == [0, 0]
        lib.playback_cork(table.stream, False)
        assert table.turn(2) == [1, 2]


def test_uncorking_does_not_prebuffer_while_draining() -> None:
    with Turntable(prebuf=5) as table:
        table.write(1, 2)
        lib.playback_drain(table.stream, 1)
        lib.playback_cork(table.stream, True)
        lib.playback_cork(table.stream, False)
        assert table.turn(2) == [1, 2]


# ---- drain ----


def test_a_drain_is_over_when_the_last_frame_has_been_heard() -> None:
    with Turntable(prebuf=10) as table:
        table.write(1, 2, 3)
        lib.playback_drain(table.stream, 7)
        assert table.turn(5) == [1, 2, 3, 0, 0]
        assert table.settle(heard=2) == 3
        assert table.told == [(STARTED, 0)]
        assert table.settle(heard=3) == NEVER
        assert table.told == [(STARTED, 0), (DRAINED, 7)]


def test_draining_tells_of_no_underrun() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1)
        lib.playback_drain(table.stream, 7)
        table.turn(3)
        assert UNDERFLOW not in dict(table.told)


@pytest.mark.parametrize("is_corked", [False, True])
def test_draining_an_empty_queue_is_over_at_once(is_corked: bool) -> None:
    with Turntable(prebuf=4, is_corked=is_corked) as table:
        lib.playback_drain(table.stream, 3)
        table.settle(heard=0)
        assert table.told == [(DRAINED, 3)]


def test_a_corked_stream_drains_only_after_it_is_uncorked() -> None:
    with Turntable(prebuf=4, is_corked=True) as table:
        table.write(1)
        lib.playback_drain(table.stream, 3)
        assert table.turn(1) == [0]
        assert table.settle(heard=1) == NEVER
        lib.playback_cork(table.stream, False)
        assert table.turn(2) == [1, 0]
        table.settle(heard=3)
        assert table.told == [(STARTED, 0), (DRAINED, 3)]


def test_what_comes_during_a_drain_extends_it() -> None:
    with Turntable(prebuf=4) as table:
        table.write(1)
        lib.playback_drain(table.stream, 3)
        assert table.turn(2) == [1, 0]
        table.write(2)
        assert table.settle(heard=2) == NEVER
        assert table.turn(2) == [2, 0]
        table.settle(heard=4)
        assert table.told == [(STARTED, 0), (STARTED, 1), (DRAINED, 3)]


def test_the_last_of_two_drains_answers_for_both() -> None:
    with Turntable(prebuf=4) as table:
        table.write(1)
        lib.playback_drain(table.stream, 3)
        lib.playback_drain(table.stream, 4)
        table.turn(2)
        table.settle(heard=2)
        assert [index for kind, index in table.told if kind is DRAINED] == [4]


def test_after_a_drain_prebuf_is_waited_for_again() -> None:
    with Turntable(prebuf=3) as table:
        table.write(1)
        lib.playback_drain(table.stream, 1)
        table.turn(2)
        table.settle(heard=2)
        table.write(2)
        assert table.turn(1) == [0]


# ---- the end mark ----


def test_the_end_is_told_when_it_was_heard_and_is_no_underrun() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2, 3)
        table.end()
        assert table.turn(4) == [1, 2, 3, 0]
        assert table.settle(heard=2) == 3
        table.settle(heard=3)
        table.settle(heard=4)
        assert table.told == [(STARTED, 0), (ENDED, 3)]


def test_an_empty_stream_that_ends_has_ended() -> None:
    with Turntable(prebuf=2) as table:
        table.end()
        assert not table.is_active
        table.settle(heard=0)
        assert table.told == [(ENDED, 0)]


def test_an_end_that_lies_ahead_with_nothing_queued_is_an_underrun() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1)
        table.client.mark_end(3 * FRAME)
        table.turn(2)
        assert table.told == [(STARTED, 0), (UNDERFLOW, 1)]


def test_a_client_that_goes_on_after_the_end_wakes_the_cycle() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1)
        table.end()
        table.turn(2)
        table.settle(heard=2)
        assert not table.is_active
        table.client.mark_end(None)
        table.write(2, 3)
        assert is_woken(table)
        assert table.turn(2) == [2, 3]
        table.end()
        table.turn(1)
        table.settle(heard=5)
        assert table.told == [(STARTED, 0), (ENDED, 1), (STARTED, 1), (ENDED, 3)]


def test_the_rest_of_a_stream_whose_end_is_known_wakes_the_cycle() -> None:
    with Turntable(prebuf=10) as table:
        table.client.mark_end(2 * FRAME)
        assert not table.is_active
        table.write(1)
        assert not table.is_active
        table.write(2)
        assert is_woken(table)
        assert table.turn(2) == [1, 2]


def test_an_end_within_a_frame_is_the_end_of_the_frame_before() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1)
        table.client.mark_end(FRAME + 1)
        table.turn(2)
        table.settle(heard=2)
        assert table.told == [(STARTED, 0), (ENDED, 1)]


# ---- what a client does to its queue ----


def test_silence_between_and_after_is_played_and_passed() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1)
        table.gap(3)
        assert table.turn(2) == [1, 0]
        table.rewind(4)
        table.write(5)
        assert table.turn(3) == [0, 0, 5]
        assert table.told == [(STARTED, 0)]


def test_a_write_index_before_the_read_index_is_an_underrun() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1, 2, 3, 4)
        table.turn(3)
        table.rewind(1)
        assert table.turn(2) == [0, 0]
        assert table.told == [(STARTED, 0), (UNDERFLOW, 3)]
        table.write(12, 13, 14, 15)
        assert table.turn(2) == [14, 15]


def test_what_was_not_taken_can_be_written_again() -> None:
    with Turntable(prebuf=1) as table:
        table.write(1, 2, 3, 4)
        assert table.turn(2) == [1, 2]
        table.rewind(3)
        table.write(40, 50)
        assert table.turn(3) == [3, 40, 50]


def test_the_last_part_of_a_chunk_is_played() -> None:
    with Turntable(prebuf=1) as table:
        table.write(*range(1, 8))
        assert table.turn(5) + table.turn(5) == [*range(1, 8), 0, 0, 0]


def test_the_ring_goes_round_without_a_seam() -> None:
    with Turntable(prebuf=1, capacity=2048) as table:
        written, heard = 0, []
        for size in itertools.islice(itertools.cycle([700, 1100, 3]), 30):
            table.write(*(at % 30_000 for at in range(written, written + size)))
            heard += table.turn(size)
            written += size
        assert heard == [at % 30_000 for at in range(written)]


# ---- being woken ----


def test_an_idle_stream_asks_to_be_woken_at_prebuf() -> None:
    with Turntable(prebuf=4) as table:
        assert not table.is_active
        table.write(1, 2, 3)
        assert not is_woken(table)
        table.write(4)
        assert is_woken(table)
        assert table.is_active


def test_an_underrun_stream_is_idle_until_prebuf_is_queued_again() -> None:
    with Turntable(prebuf=2) as table:
        table.write(1, 2)
        table.turn(3)
        assert not table.is_active
        table.write(3)
        assert not table.is_active
        table.write(4)
        assert table.is_active


def test_a_draining_stream_with_nothing_left_needs_no_cycle_but_hears_of_more() -> None:
    with Turntable(prebuf=8) as table:
        table.write(1)
        lib.playback_drain(table.stream, 1)
        table.turn(2)
        assert not table.is_active
        table.write(2)
        assert is_woken(table)
        assert table.is_active


# ---- hostile clients ----


@pytest.mark.parametrize("written", [2**63, NEVER, 2048 * FRAME + FRAME, 3])
def test_a_write_index_that_cannot_be_true_ends_the_stream(written: int) -> None:
    with Turntable(prebuf=1) as table:
        table.overwrite(WRITTEN, written)
        assert table.is_active
        assert table.turn(4) == [0] * 4
        assert table.turn(4) == [0] * 4
        assert table.told == [(HOSTILE, 0)]
        assert not table.is_active


@given(written=st.integers(0, NEVER), silent=st.integers(0, NEVER), end=st.integers(0, NEVER))
def test_no_index_makes_the_cycle_read_outside_the_ring(written: int, silent: int, end: int) -> None:
    with Turntable(prebuf=1) as table:
        table.overwrite(WRITTEN, written)
        table.overwrite(SILENT_UNTIL, silent)
        table.client.mark_end(end)
        for _ in range(3):
            _ = table.is_active
            table.turn(64)
            table.settle(table.rendered)
        assert table.stream.ring.taken % FRAME == 0


def test_a_client_that_wakes_the_cycle_without_end_is_hostile() -> None:
    with Turntable(prebuf=1) as table:
        for at in range(2000):
            table.poke(5_000_000_000 + at)
        assert table.told == []
        table.poke(5_000_000_000 + 2000)
        assert table.told == [(HOSTILE, 0)]


def test_a_client_that_wakes_the_cycle_a_thousand_times_a_second_is_not() -> None:
    with Turntable(prebuf=1) as table:
        for at in range(10_000):
            table.poke(5_000_000_000 + at * 1_000_000)
        assert table.told == []


# ---- all of it ----


class Model:
    """The rules once more, for a queue in which nothing is ever rewritten: frames, in Python's own words."""

    def __init__(self, prebuf: int) -> None:
        self.prebuf, self.queue, self.told = prebuf, list[int](), list[EventKind]()
        self.is_corked = self.is_draining = False
        self.is_starved, self.is_prebuffering = True, prebuf > 0

    def cork(self, *, is_corked: bool) -> None:
        if is_corked != self.is_corked:
            self.is_corked, self.is_starved = is_corked, True
            self.is_prebuffering = self.is_prebuffering if self.is_draining else self.prebuf > 0

    def turn(self, frames: int) -> list[int]:
        if self.is_corked:
            return [0] * frames
        if len(self.queue) >= self.prebuf:
            self.is_prebuffering = False
        heard = [] if self.is_prebuffering else self.queue[:frames]
        del self.queue[: len(heard)]
        if heard and self.is_starved:
            self.is_starved = False
            self.told.append(STARTED)
        if len(heard) < frames:
            if not self.is_starved and not self.is_draining:
                self.told.append(UNDERFLOW)
            self.is_starved = True
            self.is_prebuffering = self.is_prebuffering if self.is_draining else self.prebuf > 0
        return heard + [0] * (frames - len(heard))

    def settle(self) -> None:
        if self.is_draining and self.is_starved and not self.queue:
            self.is_draining, self.is_prebuffering = False, self.prebuf > 0
            self.told.append(DRAINED)


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 40)),
    st.tuples(st.just("turn"), st.integers(1, 40)),
    st.tuples(st.sampled_from(["cork", "uncork", "trigger", "rearm", "drain"]), st.just(0)),
)


@given(prebuf=st.integers(1, 50), steps=st.lists(STEPS, max_size=60))
def test_any_sequence_of_steps_is_as_the_rules_say(prebuf: int, steps: list[tuple[str, int]]) -> None:
    model, written = Model(prebuf), 0
    with Turntable(prebuf) as table:
        for step, count in steps:
            if step == "write" and len(model.queue) + count <= 2048:
                samples = [(written + at) % 30_000 + 1 for at in range(count)]
                written += count
                table.write(*samples)
                model.queue += samples
            elif step == "turn":
                assert table.turn(count) == model.turn(count)
                table.settle(table.rendered)
                model.settle()
            elif step in {"cork", "uncork"}:
                lib.playback_cork(table.stream, step == "cork")
                model.cork(is_corked=step == "cork")
            elif step == "trigger":
                lib.playback_trigger(table.stream)
                model.is_prebuffering = False
            elif step == "rearm":
                lib.playback_rearm(table.stream)
                model.is_prebuffering = True
            elif step == "drain":
                lib.playback_drain(table.stream, 1)
                model.is_draining, model.is_prebuffering = True, False
            assert [kind for kind, _ in table.told] == model.told
