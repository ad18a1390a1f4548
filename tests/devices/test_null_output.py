"""Nothing at the end of the wire, and it takes its time."""

from __future__ import annotations

import errno
import threading

import pytest

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.devices.null_output import NullOutput
from pyaudiobus.errors import DeviceBusy, DeviceError
from pyaudiobus.model.format import Encoding, PcmFormat

FORM = PcmFormat(Encoding.S16, 48_000, 2)
SECOND = memoryview(bytes(48_000 * 4))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def output(clock: ManualClock) -> NullOutput:
    made = NullOutput(clock)
    made.open(FORM)
    return made


def drain_aside(output: NullOutput, clock: ManualClock) -> threading.Thread:
    def drain() -> None:
        output.drain()
        clock.leave()

    clock.join()
    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    return thread


def test_it_takes_two_seconds_and_then_nothing(output: NullOutput) -> None:
    assert [output.write(SECOND) for _ in range(3)] == [len(SECOND), len(SECOND), 0]
    assert output.queued() == output.capacity() == 96_000


def test_frames_leave_as_time_passes(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    clock.advance(0.25)
    assert output.queued() == 36_000
    assert output.write(SECOND) == len(SECOND)
    assert output.write(SECOND) == 12_000 * 4


def test_the_last_frame_has_left_at_the_very_instant_it_ends(output: NullOutput, clock: ManualClock) -> None:
    lengths = range(1, 500)
    left_over = []
    for frames in lengths:
        output.write(SECOND[: frames * 4])
        clock.advance(frames / 48_000)
        left_over.append(output.queued())
    assert left_over == [0] * len(lengths)


def test_running_dry_is_counted_once(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    clock.advance(5)
    assert (output.queued(), output.xruns()) == (0, 1)
    clock.advance(5)
    output.write(SECOND)
    assert (output.queued(), output.xruns()) == (48_000, 1)


def test_a_pause_holds(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    clock.advance(0.5)
    output.pause()
    clock.advance(50)
    assert output.queued() == 24_000
    output.resume()
    clock.advance(0.25)
    assert output.queued() == 12_000


def test_a_drain_ends_with_the_last_frame_and_is_no_xrun(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    thread = drain_aside(output, clock)
    clock.advance(0.5)
    assert thread.is_alive()
    clock.advance(5)
    thread.join(30)
    assert not thread.is_alive()
    assert output.xruns() == 0


def test_a_drop_ends_a_drain(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    thread = drain_aside(output, clock)
    clock.advance(0.5)
    output.drop()
    thread.join(30)
    assert not thread.is_alive()
    assert output.queued() == 0


def test_a_paused_drain_waits_for_resume(output: NullOutput, clock: ManualClock) -> None:
    output.write(SECOND)
    output.pause()
    thread = drain_aside(output, clock)
    clock.advance(10_000)
    assert thread.is_alive()
    output.resume()
    clock.advance(2)
    thread.join(30)
    assert not thread.is_alive()


def test_one_at_a_time_and_nothing_before_open(output: NullOutput) -> None:
    with pytest.raises(DeviceBusy):
        output.open(FORM)
    output.close()
    output.close()
    with pytest.raises(DeviceError) as refusal:
        output.write(SECOND)
    assert refusal.value.errno == errno.EBADFD
    output.open(PcmFormat(Encoding.F32, 8000, 1))
    assert output.capacity() == 16_000
    assert output.paced()
