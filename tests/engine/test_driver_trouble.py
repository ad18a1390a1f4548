"""Devices that run dry, sleep, vanish: what is mended, what is told, and that no stream loses a sample of its own."""

from __future__ import annotations

import errno

import pytest

from pyaudiobus.engine.driver import Driver, EventKind, SampleCode
from tests.engine.arithmetic import encode, plain
from tests.engine.sink import ScriptedDevice, Sink, Stream, wait_for
from tests.engine.test_driver import noise

FRAMES = 2000
DATA = encode(noise(1, 2, FRAMES), SampleCode.S16)


def playing(sink: Sink) -> Stream:
    stream = sink.stream()
    stream.write(DATA)
    stream.end()
    with sink.driver.together():
        sink.play(stream)
    return stream


def heard(device: ScriptedDevice) -> bytes:
    return b"".join(device.written)[: len(DATA)]


def test_a_device_gets_every_frame_and_is_started_once_it_has_some() -> None:
    device = ScriptedDevice()
    with Sink(device=device.device) as sink:
        sink.wait(EventKind.ENDED, playing(sink).serial)
        assert heard(device) == DATA
        assert device.calls[:3] == ["prepare", "write", "start"]
        sink.wait(EventKind.IDLE)
        assert device.calls.count("start") == device.calls.count("stop") == 1
    assert device.calls[-1] == "close"


@pytest.mark.parametrize("reason", [errno.EPIPE, errno.ESTRPIPE])
@pytest.mark.parametrize("call", ["queued", "write"])
def test_a_device_that_ran_dry_or_slept_is_made_ready_and_gets_the_next_frame(call: str, reason: int) -> None:
    device = ScriptedDevice()
    device.script = {call: [0, 0, -reason]}
    with Sink(device=device.device) as sink:
        sink.wait(EventKind.ENDED, playing(sink).serial)
        sink.wait(EventKind.XRUN)
        assert heard(device) == DATA
        assert device.calls.count("prepare") == device.calls.count("start") == 2
        assert sink.driver.counters().xruns == 1


def test_a_device_that_runs_dry_because_nobody_has_more_has_no_xrun() -> None:
    device = ScriptedDevice()
    with Sink(device=device.device) as sink:
        stream = playing(sink)
        sink.wait(EventKind.STARTED, stream.serial)
        device.script = {"queued": [0] * 100}
        sink.wait(EventKind.ENDED, stream.serial)
        sink.wait(EventKind.IDLE)
        assert sink.driver.counters().xruns == 0


@pytest.mark.parametrize(
    ("call", "reason"),
    [("queued", errno.ENODEV), ("write", errno.ENODEV), ("start", errno.EIO), ("write", errno.EBADFD)],
)
def test_a_device_that_is_gone_is_told_and_left_alone(call: str, reason: int) -> None:
    device = ScriptedDevice()
    device.script = {call: [-reason]}
    with Sink(device=device.device) as sink:
        stream = playing(sink)
        (failed,) = sink.wait(EventKind.FAILED)
        assert failed.index == reason
        after = len(device.calls)
        with sink.driver.together():
            sink.driver.remove(stream.slot, stream.serial)
        sink.wait(EventKind.REMOVED, stream.serial)
        assert len(device.calls) == after


def test_who_stops_a_cycle_while_it_tells_something_hears_no_more_of_it() -> None:
    driver = Driver(ScriptedDevice().device, 256)
    driver.start()
    with driver.together():
        driver.ping(1)
        driver.ping(2)
    wait_for(driver)
    told = []
    for event in driver.events():
        told.append(event.index)
        driver.stop()
    assert told == [1]


def test_a_device_that_cannot_be_made_ready_has_failed_before_anything_is_played() -> None:
    device = ScriptedDevice()
    device.script = {"prepare": [-errno.ENODEV]}
    with Sink(device=device.device) as sink:
        (failed,) = sink.wait(EventKind.FAILED)
        assert failed.index == errno.ENODEV


def test_a_stream_leaves_a_lost_device_and_plays_on_elsewhere() -> None:
    device = ScriptedDevice()
    device.script = {"queued": [0, 0, -errno.ENODEV]}
    with Sink(device=device.device) as sink, Sink() as other:
        stream = playing(sink)
        sink.wait(EventKind.FAILED)
        with sink.driver.together():
            sink.driver.remove(stream.slot, stream.serial)
        sink.wait(EventKind.REMOVED, stream.serial)
        monitor = other.listener()
        with other.driver.together():
            other.listen(monitor)
            other.play(stream)
        other.wait(EventKind.ENDED, stream.serial)
        before = b"".join(device.written)
        assert before + monitor.read(len(DATA) - len(before)) == DATA


def test_long_quanta_keep_more_in_the_device_where_it_has_room_to_spare() -> None:
    device = ScriptedDevice()
    device.device.spare = 400
    with Sink(device=device.device, quantum=1000) as sink:
        sink.wait(EventKind.ENDED, playing(sink).serial)
        assert sink.driver.records()[0].queued == 1000 + ScriptedDevice.HEADROOM + 250


def test_what_lies_behind_the_device_is_part_of_its_latency() -> None:
    device = ScriptedDevice()
    device.device.beyond = 4800
    with Sink(device=device.device, quantum=240) as sink:
        stream = sink.stream()
        stream.write(DATA)
        with sink.driver.together():
            sink.play(stream)
        sink.wait(EventKind.STARTED, stream.serial)
        sink.sync(1)
        timing = stream.client.timing()
        assert timing is not None
        assert timing.delay >= 4800 * 1_000_000_000 // 48_000


def test_dither_reaches_the_device() -> None:
    device = ScriptedDevice(channels=1)
    with Sink(device=device.device) as sink:
        stream = sink.stream(SampleCode.F32, 1, plain(1))
        stream.write(encode([0.25 / 32768] * FRAMES, SampleCode.F32))
        stream.end()
        with sink.driver.together():
            sink.driver.set_dither(1)
            sink.play(stream)
        sink.wait(EventKind.ENDED, stream.serial)
        values = memoryview(b"".join(device.written)[: 2 * FRAMES]).cast("h")
        assert set(values) == {-1, 0, 1}
        assert 0.15 < sum(values) / FRAMES < 0.35
