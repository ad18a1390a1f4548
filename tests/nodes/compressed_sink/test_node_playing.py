"""A stream from its first byte to its last: prefill, refills, pause, drain, and what that costs.

Past 300 lines because it follows one stream in order, with the devices that make each stage hard.
"""

from __future__ import annotations

import threading
from math import inf
from pathlib import Path

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import IllegalTransition, NotSupported
from pyaudiobus.graph.node import Command, ParamId, Status
from pyaudiobus.graph.source import Passage
from pyaudiobus.media.index import TimeIndex
from pyaudiobus.model.units import Seconds
from pyaudiobus.nodes.compressed_sink.states import SinkState
from tests.nodes.bench import (
    BYTE_RATE,
    FRAME_SAMPLES,
    KIB,
    MP3,
    Bytes,
    begin,
    events,
    is_free,
    load,
    play_out,
    ring_of,
    sink_on,
    song,
    turn,
)


class Witness(VirtualDsp):
    """A device that notes how much it held when it was started, and what was asked of it while it drained."""

    held_at_start = -1
    waits = 0

    def start(self) -> None:
        self.held_at_start = self.stream.ring.pending
        super().start()

    def wait(self, timeout: Seconds) -> bool:
        self.waits += 1
        return super().wait(timeout)


class Mute(VirtualDsp):
    """A device that tells neither its room nor its progress, as a library without these calls."""

    def avail(self) -> int | None:  # type: ignore[override]  # the Protocol allows it, this backend never does it
        return None

    def progress(self) -> Progress:
        super().progress()
        return Progress(None, None, 0)


class Piecemeal(Witness):
    """A device that takes one fragment at a time."""

    def write(self, data: memoryview) -> int:
        return super().write(data[: 8 * KIB])


class Trickle(Bytes):
    """A source that has only some of its bytes at hand yet."""

    at_hand = 0

    def peek(self, size: int) -> memoryview:
        return super().peek(min(size, self.at_hand))

    def advance(self, count: int) -> None:
        self.at_hand -= count
        super().advance(count)


def test_sound_starts_when_the_whole_ring_is_full() -> None:
    clock = ManualClock()
    device = Witness("q6asm", clock)
    begin(sink_on(device, clock, ring_of(8)), song(60))
    assert device.held_at_start == 64 * KIB


def test_sound_starts_with_a_short_stream_when_all_of_it_is_in_the_ring() -> None:
    clock = ManualClock()
    device, source = Witness("q6asm", clock), song(1)
    begin(sink_on(device, clock), source)
    assert device.held_at_start == source.index.total_bytes


def test_a_device_that_takes_a_fragment_at_a_time_is_not_started_after_the_first() -> None:
    clock = ManualClock()
    device = Piecemeal("q6asm", clock)
    begin(sink_on(device, clock, ring_of(8)), song(60))
    assert device.held_at_start == 64 * KIB


def test_while_the_source_is_slow_the_sink_waits_for_the_ring_to_fill_and_is_not_started() -> None:
    clock = ManualClock()
    device, whole = Witness("q6asm", clock), song(60)
    source = Trickle(bytes(whole.peek(1 << 30)), whole.index)
    sink = sink_on(device, clock, ring_of(8))
    load(sink, source)
    sink.send_command(Command.START)
    source.at_hand = 20 * KIB
    cycle = sink.process()
    assert (cycle.status, cycle.deadline) == (Status.NEED_DATA, inf)
    assert device.held_at_start == -1
    source.at_hand = 1 << 20
    assert sink.process().status is Status.HAVE_DATA
    assert device.held_at_start == 64 * KIB


def test_a_stream_without_a_byte_is_over_at_once_and_starts_nothing() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    load(sink, Bytes(b"", TimeIndex([], FRAME_SAMPLES)))
    sink.send_command(Command.START)
    assert sink.process().status is Status.DRAINED
    assert "start" not in events(device)
    assert sink.counters().bytes_sent == 0


@pytest.mark.parametrize("profile", ["q6asm", "generic"])
@pytest.mark.parametrize("seconds", [0.1, 3.9, 25.0])
def test_every_byte_arrives_in_order_and_the_position_ends_at_the_duration(
    tmp_path: Path, profile: str, seconds: float
) -> None:
    clock, source = PacedClock(inf), song(seconds)
    tap = tmp_path / "tap.bin"
    device = VirtualDsp(profile, clock, tap=str(tap))
    sink = sink_on(device, clock, ring_of(8))
    sent = bytes(source.peek(1 << 30))
    play_out(sink, clock, begin(sink, source))
    assert tap.read_bytes() == sent
    assert sink.position().seconds == pytest.approx(source.index.total_frames / MP3.rate)
    counters = sink.counters()
    assert (counters.bytes_sent, counters.bytes_consumed, counters.underruns) == (len(sent), len(sent), 0)
    assert device.journal.incidents == []
    assert device.stream.firmware.starvations == 0


def test_a_device_that_tells_nothing_plays_to_its_end_all_the_same() -> None:
    clock, source = PacedClock(inf), song(15)
    device = Mute("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    size = source.index.total_bytes
    play_out(sink, clock, begin(sink, source))
    assert (sink.counters().bytes_sent, sink.counters().bytes_consumed) == (size, size)
    assert device.stream.firmware.starvations == 0


@pytest.mark.parametrize(("fragments", "most"), [(64, 10), (16, 12), (4, 70)])
def test_wakeups_a_minute_follow_the_ring(fragments: int, most: int) -> None:
    clock = PacedClock(inf)
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(fragments))
    play_out(sink, clock, begin(sink, song(90)))
    assert sink.counters().wakeups / 1.5 <= most
    assert sink.counters().underruns == device.stream.firmware.starvations == 0


def test_a_refill_brings_the_ring_to_the_brim_again() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    deadline = begin(sink, song(60))
    clock.advance(deadline - clock.now())
    low, size = sink.queued()
    assert low <= size // 2
    sink.process()
    assert sink.queued()[0] > size - 8 * KIB


def test_the_device_is_not_asked_between_two_wakeups() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(64))
    assert begin(sink, song(120)) - clock.now() >= 14.0


def test_a_pause_holds_the_device_and_the_position_however_long_it_is() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(60))
    clock.advance(1.0)
    sink.send_command(Command.PAUSE)
    held = sink.position()
    assert sink.process().status is Status.STOPPED
    clock.advance(3600.0)
    assert sink.position() == held
    assert held.seconds == pytest.approx(1.0, abs=0.6)
    assert sink.state is SinkState.PAUSED


def test_resume_comes_first_whatever_the_queue_holds_and_the_song_goes_on_where_it_was() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(20))
    clock.advance(2.0)
    sink.process()
    sink.send_command(Command.PAUSE)
    clock.advance(100.0)
    sink.send_command(Command.START)
    assert events(device)[-1] == "resume"
    assert sink.signal.is_set()
    turn(sink, clock, sink.process().deadline)
    assert sink.state is SinkState.DRAINED
    assert clock.now() == pytest.approx(120.0, abs=0.1)
    assert device.stream.firmware.starvations == 0


def test_a_second_pause_and_a_second_start_change_nothing() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(60))
    for command in (Command.PAUSE, Command.PAUSE, Command.START, Command.START):
        sink.send_command(command)
    assert events(device).count("pause") == events(device).count("resume") == 1
    assert sink.state is SinkState.RUNNING


def test_a_pause_before_the_first_sound_keeps_the_device_ready_and_still() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    load(sink, song(5))
    sink.send_command(Command.START)
    sink.send_command(Command.PAUSE)
    assert sink.process().status is Status.STOPPED
    sink.send_command(Command.START)
    turn(sink, clock, sink.process().deadline)
    assert sink.state is SinkState.DRAINED


def test_the_end_is_drained_and_told_only_when_the_device_says_so() -> None:
    clock = ManualClock()
    device = Witness("q6asm", clock)
    sink = sink_on(device, clock)
    source = song(3)
    total = source.index.total_frames / MP3.rate
    begin(sink, source)
    assert sink.state is SinkState.DRAINING
    clock.advance(total - 0.1)
    assert sink.process().status is Status.HAVE_DATA
    clock.advance(0.2)
    assert sink.signal.is_set()
    assert sink.process().status is Status.DRAINED
    assert device.waits == 0


def test_the_drain_begins_right_behind_the_last_byte() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    turn(sink, clock, begin(sink, song(20)))
    started = next(at for at, event in device.journal.events if event == "drain")
    assert started <= 20 - 64 * KIB / 2 / BYTE_RATE + 0.1
    assert device.journal.incidents == []


def test_a_drained_stream_stays_drained_and_cannot_be_started_again() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    turn(sink, clock, begin(sink, song(1)))
    cycle = sink.process()
    assert (cycle.status, cycle.deadline) == (Status.DRAINED, inf)
    with pytest.raises(IllegalTransition):
        sink.send_command(Command.START)


def test_a_draining_sink_says_that_it_cannot_pause_and_drains_on() -> None:
    clock = ManualClock()
    sink = sink_on(VirtualDsp("q6asm", clock), clock)
    begin(sink, song(2))
    with pytest.raises(NotSupported, match="draining"):
        sink.send_command(Command.PAUSE)
    assert sink.state is SinkState.DRAINING


class Door(VirtualDsp):
    """A device that a drain reaches only when it is let in."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__("generic", clock)
        self.opened = threading.Event()

    def drain(self) -> None:
        self.opened.wait()
        super().drain()


class Again(Bytes):
    """A source that can be begun anew."""

    def passage(self, frame: int, *, settled: bool) -> Passage:
        raise AssertionError(f"begun again at frame {frame}, {settled=}")


def test_a_pause_that_comes_before_the_drain_it_holds_is_followed_by_that_drain() -> None:
    clock = ManualClock()
    device = Door(clock)
    sink = sink_on(device, clock)
    music = song(2)
    begin(sink, Again(bytes(music.peek(music.index.total_bytes)), music.index))
    sink.send_command(Command.PAUSE)
    sink.process()
    device.opened.set()
    clock.wait(sink.signal, inf)  # the drain has been refused
    sink.process()
    sink.send_command(Command.START)
    turn(sink, clock, clock.now())
    assert clock.now() == pytest.approx(2.0, abs=0.1)
    assert sink.state is SinkState.DRAINED
    assert [event for event in events(device) if event in ("pause", "resume", "drain")] == ["pause", "resume", "drain"]
    assert device.opens == 2  # once to be asked what it can do


def test_closing_during_a_drain_returns_at_once_and_leaves_no_thread() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    threads = threading.active_count()
    begin(sink, song(30))
    assert threading.active_count() == threads + 1
    sink.set_param(ParamId.FORMAT, None)
    assert threading.active_count() == threads
    assert clock.now() == 0.0
    assert sink.state is SinkState.CLOSED
    assert is_free(device)


def test_taking_the_source_away_stops_at_once_and_another_source_plays_from_its_start() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(60))
    clock.advance(1.0)
    sink.use_buffers(None)
    assert sink.process().status is Status.STOPPED
    sink.use_buffers(song(3))
    assert sink.position().seconds == 0.0
    sink.send_command(Command.START)
    turn(sink, clock, sink.process().deadline)
    assert clock.now() == pytest.approx(4.0, abs=0.1)
    assert device.journal.incidents == []


def test_suspend_gives_the_device_back() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(60))
    sink.send_command(Command.SUSPEND)
    assert sink.state is SinkState.CLOSED
    assert is_free(device)


def test_one_stream_after_another_plays_on_the_same_sink() -> None:
    clock = PacedClock(inf)
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    for seconds in (3, 10):
        play_out(sink, clock, begin(sink, song(seconds)))
        sink.set_param(ParamId.FORMAT, None)
    assert clock.now() == pytest.approx(13.0, abs=0.1)
    assert device.opens == 3


def test_a_sink_that_comes_too_late_counts_the_underrun_and_plays_on() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    begin(sink, song(20))
    clock.advance(10.0)
    turn(sink, clock, sink.process().deadline)
    assert sink.counters().underruns == 1
    assert device.stream.firmware.starvations == 1
    assert sink.position().seconds == pytest.approx(20.0, abs=0.1)


def test_reading_the_file_for_long_is_not_the_devices_fault() -> None:
    clock = ManualClock()

    class Slow(Bytes):
        """A source on a network that hangs for a minute now and then."""

        hangs = 0.0

        def peek(self, size: int) -> memoryview:
            clock.advance(self.hangs)
            return super().peek(size)

    whole = song(60)
    source = Slow(bytes(whole.peek(1 << 30)), whole.index)
    sink = sink_on(VirtualDsp("q6asm", clock), clock, ring_of(4))
    begin(sink, source)
    clock.advance(0.1)
    sink.process()
    clock.advance(0.1)
    source.hangs = 60.0
    assert sink.process().status is Status.HAVE_DATA
