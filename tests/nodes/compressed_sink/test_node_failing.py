"""A device that refuses, stalls or vanishes: one error, the right state, nothing left open.

Past 300 lines because it is one list: every way a device can fail under the sink.
"""

from __future__ import annotations

import errno
import threading
from math import inf

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Progress
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.errors import DeviceError, DeviceLost, DeviceStalled, DeviceXrun
from pyaudiobus.graph.node import Command, ParamId, Status
from pyaudiobus.nodes.compressed_sink.node import CompressedSink
from pyaudiobus.nodes.compressed_sink.states import SinkState
from pyaudiobus.nodes.compressed_sink.watch import MAX_SLEEP
from tests.nodes.bench import begin, events, is_free, load, play_out, ring_of, sink_on, song, turn

CALLS = ["write", "avail", "start", "progress", "drain"]
CODES = [errno.EIO, errno.EPIPE, errno.EBADFD, errno.ENODEV, errno.EINVAL, errno.ENOMEM, errno.ETIMEDOUT, errno.EPERM]


class Shut(VirtualDsp):
    """A device that takes nothing, not even into an empty ring."""

    def write(self, data: memoryview) -> int:
        return super().write(data[:0])


class Numb(VirtualDsp):
    """A device that tells neither its room nor its progress."""

    def avail(self) -> int | None:  # type: ignore[override]  # the Protocol allows it, this backend never does it
        return None

    def progress(self) -> Progress:
        super().progress()
        return Progress(None, None, 0)


class CutShort(VirtualDsp):
    """A device whose drain ends at once, with success and nothing taken, as when its card is pulled."""

    def drain(self) -> None:
        """End."""

    def progress(self) -> Progress:
        super().progress()
        return Progress(0, None, 0)


class Forgetful(VirtualDsp):
    """A device that counts anew once it is drained."""

    drained = False

    def drain(self) -> None:
        super().drain()
        self.drained = True

    def progress(self) -> Progress:
        told = super().progress()
        return Progress(0, None, 0) if self.drained else told


def close(sink: CompressedSink) -> None:
    sink.set_param(ParamId.FORMAT, None)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", CODES)
def test_an_errno_of_any_call_is_one_device_error_and_the_device_is_closed_after_it(call: str, code: int) -> None:
    clock = PacedClock(inf)
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    threads = threading.active_count()
    load(sink, song(2))
    device.faults.fail(call, code)
    sink.send_command(Command.START)
    with pytest.raises(DeviceError) as failure:
        play_out(sink, clock, clock.now())
    assert failure.value.errno == code
    assert device.name in failure.value.what
    assert errno.errorcode[code] in failure.value.what
    assert sink.state is (SinkState.LOST if code == errno.ENODEV else SinkState.FAILED)
    assert sink.process().status is Status.STOPPED
    close(sink)
    assert is_free(device)
    assert threading.active_count() == threads


@pytest.mark.parametrize("call", ["write", "avail", "progress"])
@pytest.mark.parametrize("code", CODES)
def test_an_errno_in_mid_song_is_no_different(call: str, code: int) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    deadline = begin(sink, song(20))
    clock.advance(deadline)
    device.faults.fail(call, code)
    with pytest.raises(DeviceError) as failure:
        sink.process()
    assert failure.value.errno == code
    close(sink)
    assert is_free(device)


@pytest.mark.parametrize(("call", "command"), [("pause", Command.PAUSE), ("resume", Command.START)])
def test_a_failed_command_is_told_and_the_device_can_be_closed(call: str, command: Command) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    begin(sink, song(20))
    if command is Command.START:
        sink.send_command(Command.PAUSE)
    device.faults.fail(call, errno.EIO)
    with pytest.raises(DeviceError, match=f"cannot {call}"):
        sink.send_command(command)
    assert sink.state is SinkState.FAILED
    close(sink)
    assert is_free(device)


def test_a_device_that_cannot_be_stopped_is_closed_all_the_same() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    begin(sink, song(20))
    device.faults.fail("stop", errno.EIO)
    close(sink)
    assert is_free(device)


@pytest.mark.parametrize("fragments", [4, 16, 64])
def test_a_stall_in_mid_song_is_noticed_within_the_longest_sleep_and_patience(fragments: int) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(fragments))
    deadline = turn(sink, clock, begin(sink, song(60)), until=4.0)
    device.faults.stall()
    with pytest.raises(DeviceStalled) as stall:
        turn(sink, clock, deadline)
    patience = 4 * 8192 / 16_000
    assert clock.now() <= 4.0 + 2 * MAX_SLEEP + patience
    assert "stopped consuming while playing" in stall.value.what
    assert "bytes were taken" in stall.value.facts[0]
    assert stall.value.advice
    assert sink.state is SinkState.FAILED
    close(sink)
    assert is_free(device)


def test_between_two_bursts_a_glance_sees_a_device_that_goes_on_and_leaves_a_still_one_to_the_sink() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(64))
    begin(sink, song(60))
    assert sink.glance() is None  # it is not playing yet
    turn(sink, clock, sink.process().deadline, until=4.0)
    written = sink.counters().bytes_sent
    assert sink.glance() == clock.now() + MAX_SLEEP
    assert sink.counters().bytes_sent == written
    device.faults.stall()
    clock.advance(5.0)
    sink.glance()  # what it took before it stood still
    assert sink.glance() is None
    close(sink)


def test_a_stall_of_a_small_ring_is_noticed_within_four_fragments() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    deadline = turn(sink, clock, begin(sink, song(60)), until=10.0)
    device.faults.stall()
    with pytest.raises(DeviceStalled):
        turn(sink, clock, deadline)
    assert clock.now() - 10.0 <= 2 * 4 * 8192 / 16_000 + 0.1


def test_a_stall_is_noticed_on_a_device_that_tells_nothing() -> None:
    clock = ManualClock()
    device = Numb("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    deadline = turn(sink, clock, begin(sink, song(60)), until=10.0)
    device.faults.stall()
    with pytest.raises(DeviceStalled):
        turn(sink, clock, deadline)
    assert clock.now() - 10.0 < 10.0


def test_a_hiccup_shorter_than_patience_is_forgiven() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    deadline = turn(sink, clock, begin(sink, song(20)), until=3.0)
    device.faults.stall()
    deadline = turn(sink, clock, deadline, until=4.0)
    device.faults.unstall()
    turn(sink, clock, deadline)
    assert sink.state is SinkState.DRAINED
    assert clock.now() == pytest.approx(21.0, abs=0.1)


def test_a_device_that_takes_nothing_at_all_has_stalled_and_was_not_played() -> None:
    clock = ManualClock()
    device = Shut("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    with pytest.raises(DeviceStalled, match="stopped consuming"):
        begin(sink, song(20))
    close(sink)
    assert is_free(device)


def test_a_drain_that_never_ends_is_given_up_by_the_watchdog() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    threads = threading.active_count()
    deadline = begin(sink, song(5))
    clock.advance(1.0)
    device.faults.stall()
    with pytest.raises(DeviceStalled, match="while draining"):
        turn(sink, clock, deadline)
    assert 5.0 < clock.now() <= 1.1 * 7 + 3.1
    close(sink)
    assert threading.active_count() == threads
    assert is_free(device)


def test_a_drain_whose_end_was_lost_in_the_driver_does_not_hang() -> None:
    """q6asm sends the end of stream with a transfer's completion only: asked too late, it never comes."""
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(4))
    deadline = begin(sink, song(4))
    clock.advance(1.9)
    device.faults.stall()
    with pytest.raises(DeviceStalled):
        turn(sink, clock, deadline)
    assert clock.now() < 20.0


@pytest.mark.parametrize("instant", [0.0, 3.0, 19.5])
def test_an_unplugged_device_is_lost_whenever_it_happens(instant: float) -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    threads = threading.active_count()
    deadline = turn(sink, clock, begin(sink, song(20)), until=instant)
    device.faults.unplug()
    with pytest.raises(DeviceLost) as loss:
        turn(sink, clock, deadline)
    assert clock.now() <= instant + MAX_SLEEP
    assert loss.value.errno == errno.ENODEV
    assert sink.state is SinkState.LOST
    close(sink)
    assert threading.active_count() == threads
    device.faults.plug()
    assert is_free(device)


def test_a_device_that_is_gone_when_the_next_song_comes_says_so_and_plays_when_it_is_back() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    sink.enum_params(ParamId.ENUM_FORMAT)
    device.faults.unplug()
    with pytest.raises(DeviceLost):
        load(sink, song(1))
    device.faults.plug()
    turn(sink, clock, begin(sink, song(1)))
    assert sink.state is SinkState.DRAINED


def test_asking_for_the_position_of_a_vanished_device_is_no_error_but_wakes_the_sink_to_find_it_out() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(20))
    clock.advance(1.0)
    before = sink.position()
    device.faults.unplug()
    clock.advance(0.01)  # what the device said an instant ago still holds
    assert sink.position().seconds >= before.seconds
    assert sink.queued()[1] == 64 * 1024
    assert sink.signal.is_set()
    with pytest.raises(DeviceLost):
        sink.process()
    assert sink.position().seconds >= before.seconds


def test_an_xrun_is_told_as_one() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    deadline = begin(sink, song(20))
    clock.advance(deadline)
    device.faults.xrun()
    with pytest.raises(DeviceXrun) as failure:
        sink.process()
    assert failure.value.errno == errno.EPIPE
    assert sink.state is SinkState.FAILED
    close(sink)
    assert is_free(device)


def test_the_position_stands_still_after_a_failure() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    begin(sink, song(20))
    clock.advance(2.0)
    device.faults.fail("avail", errno.EIO)
    with pytest.raises(DeviceError):
        sink.process()
    at = sink.position()
    clock.advance(5.0)
    assert sink.position() == at
    assert at.seconds == pytest.approx(2.0, abs=0.6)


def test_after_a_failure_the_same_sink_plays_the_next_song() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock, ring_of(8))
    deadline = begin(sink, song(20))
    device.faults.fail("write", errno.EIO)
    clock.advance(deadline)
    with pytest.raises(DeviceError):
        sink.process()
    close(sink)
    turn(sink, clock, begin(sink, song(1)))
    assert sink.state is SinkState.DRAINED


def test_a_drain_that_fails_is_told_with_the_devices_words() -> None:
    clock = ManualClock()
    device = VirtualDsp("q6asm", clock)
    sink = sink_on(device, clock)
    deadline = begin(sink, song(5))
    device.faults.unplug()
    clock.advance(0.1)
    with pytest.raises(DeviceLost, match="virtual:q6asm"):
        turn(sink, clock, deadline)
    assert "drain" in events(device)


def test_a_drain_that_ends_with_nothing_taken_is_no_song_that_was_heard() -> None:
    clock = PacedClock(inf)
    sink = sink_on(CutShort("q6asm", clock), clock)
    load(sink, song(2))
    sink.send_command(Command.START)
    with pytest.raises(DeviceLost, match="ended the drain before everything was played"):
        play_out(sink, clock, clock.now())
    assert sink.state is SinkState.LOST
    close(sink)


def test_a_device_that_counts_anew_after_a_drain_has_played_the_song() -> None:
    clock = PacedClock(inf)
    sink = sink_on(Forgetful("q6asm", clock), clock)
    load(sink, song(60))
    sink.send_command(Command.START)
    play_out(sink, clock, clock.now())
    assert sink.state is SinkState.DRAINED
