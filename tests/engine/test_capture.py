"""A cycle that records: everybody hears the same, nobody listening costs nothing, and what is lost is counted."""

from __future__ import annotations

import errno
import math

import pytest

from pyaudiobus.engine.driver import WHOLE_SINK, EventKind, SampleCode
from pyaudiobus.engine.pcm import null_source
from tests.engine.arithmetic import decode
from tests.engine.sink import RATE, ScriptedDevice, Sink, endless


def tone(frequency: int = 1000, encoding: SampleCode = SampleCode.S16, quantum: int = 256) -> Sink:
    source = null_source(RATE, 2, encoding, 4 * RATE, frequency=frequency)
    return Sink(device=source, encoding=encoding, quantum=quantum)


def sine(frequency: int, frames: int) -> list[float]:
    return [0.5 * math.sin(2 * math.pi * frequency * (at // 2) / RATE) for at in range(2 * frames)]


@pytest.mark.parametrize("encoding", list(SampleCode))
def test_a_tone_is_recorded_as_it_is(encoding: SampleCode) -> None:
    with tone(encoding=encoding) as source:
        listener = source.listener(SampleCode.F32)
        with source.driver.together():
            source.listen(listener)
        heard = decode(listener.read(8 * 2000), SampleCode.F32)
        assert heard == pytest.approx(sine(1000, 2000), abs=1 / 128 if encoding is SampleCode.U8 else 1e-4)


def test_without_a_tone_there_is_silence() -> None:
    with tone(0) as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        assert listener.read(8000) == bytes(8000)


def test_all_who_begin_together_hear_the_same_each_in_its_encoding() -> None:
    with tone() as source:
        whole, small = source.listener(), source.listener(SampleCode.F32)
        with source.driver.together():
            source.listen(whole)
            source.listen(small)
        assert decode(whole.read(4 * 3000), SampleCode.S16) == decode(small.read(8 * 3000), SampleCode.F32)


def test_a_source_records_only_while_somebody_listens() -> None:
    with tone() as source:
        source.sync(1)
        assert source.driver.counters().cycles == 0
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        listener.read(4000)
        with source.driver.together():
            source.driver.cork_listener(WHOLE_SINK, listener.serial, is_corked=True)
        source.wait(EventKind.IDLE)
        source.sync(2)
        before = source.driver.counters()
        source.sync(3)
        after = source.driver.counters()
        assert (after.cycles, after.wakeups - before.wakeups) == (before.cycles, 1)
        listener.client.take(listener.client.look().stored)
        with source.driver.together():
            source.driver.cork_listener(WHOLE_SINK, listener.serial, is_corked=False)
        listener.read(4000)
        with source.driver.together():
            source.driver.unlisten(WHOLE_SINK, listener.serial)
        source.wait(EventKind.REMOVED, listener.serial)
        source.wait(EventKind.IDLE, count=2)


def test_a_quantum_is_handed_on_whole() -> None:
    with tone(quantum=480) as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        listener.read(4 * 480 * 5)
        records = [record.frames for record in source.driver.records()]
        assert records[0] == 0  # it only starts
        assert min(records[1:]) >= 480


def test_the_quantum_follows_the_smallest_fragment_and_is_bounded_by_the_device() -> None:
    with tone() as source:
        for tag, quantum in enumerate((64, 10 * RATE)):
            with source.driver.together():
                source.driver.set_quantum(quantum)
            source.sync(tag)
            assert source.driver.counters().quantum == min(quantum, 2 * RATE)


def test_the_clock_of_a_recording_is_in_its_ring() -> None:
    with tone() as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        listener.read(4000)
        timing = listener.client.timing()
        assert timing is not None
        assert timing.read_index >= 4000 - 4 * 256
        assert timing.taken_at > 0


def test_who_does_not_fetch_loses_the_newest_and_it_is_counted() -> None:
    with tone() as source:
        deaf, listener = source.listener(size=4096), source.listener()
        with source.driver.together():
            source.listen(deaf)
            source.listen(listener)
        heard = listener.read(40_000)
        assert heard.startswith(deaf.waiting())
        assert source.driver.counters().lost_record > 0


# ---- trouble ----


def recording(device: ScriptedDevice) -> Sink:
    device.recorded = endless()
    device.waiting = 100
    return Sink(device=device.device, quantum=64)


def test_every_frame_that_the_device_has_is_heard_in_order() -> None:
    with recording(ScriptedDevice(is_recording=True)) as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        heard = listener.read(4000)
        going = endless()
        assert heard == bytes(next(going) for _ in range(4000))


@pytest.mark.parametrize("call", ["queued", "read"])
def test_a_device_that_ran_over_goes_on_and_is_counted(call: str) -> None:
    device = ScriptedDevice(is_recording=True)
    failing = {
        "queued": {"queued": [0, 0, -errno.EPIPE]},
        "read": {"queued": [0, 0, 0, -errno.EPIPE], "read": [0, 0, -errno.EPIPE]},
    }
    device.script = failing[call]
    with recording(device) as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        source.wait(EventKind.XRUN)
        listener.read(4000)
        assert source.driver.counters().xruns == 1
        assert device.calls.count("start") == 2


def test_a_source_that_is_gone_is_told_and_its_listeners_can_leave() -> None:
    device = ScriptedDevice(is_recording=True)
    device.script = {"queued": [0, -errno.ENODEV]}
    with recording(device) as source:
        listener = source.listener()
        with source.driver.together():
            source.listen(listener)
        (failed,) = source.wait(EventKind.FAILED)
        assert failed.index == errno.ENODEV
        with source.driver.together():
            source.driver.unlisten(WHOLE_SINK, listener.serial)
        source.wait(EventKind.REMOVED, listener.serial)
