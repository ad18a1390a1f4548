"""What goes wrong on demand."""

from __future__ import annotations

import errno

import pytest

from pyaudiobus.devices.clock import ManualClock
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.states import State
from pyaudiobus.errors import DeviceError, DeviceLost
from pyaudiobus.model.units import Seconds
from tests.devices.virtual.bench import MakeDsp, Tone, Work, state_of


@pytest.fixture
def playing(make_dsp: MakeDsp, mp3: Tone) -> VirtualDsp:
    dsp = make_dsp()
    dsp.write(mp3.data)
    dsp.start()
    return dsp


def test_a_stalled_dsp_takes_nothing_and_goes_on_where_it_was(playing: VirtualDsp, clock: ManualClock) -> None:
    clock.advance(0.1)
    playing.faults.stall()
    clock.advance(100)
    assert playing.progress().rendered == 4410
    assert state_of(playing) is State.RUNNING
    playing.faults.unstall()
    clock.advance(0.1)
    assert playing.progress().rendered == 8820
    assert playing.stream.firmware.starvations == 0


def test_a_stall_holds_through_pause_and_resume(playing: VirtualDsp, clock: ManualClock) -> None:
    playing.faults.stall()
    playing.pause()
    playing.resume()
    clock.advance(1)
    assert playing.progress().rendered == 0


def test_a_drain_does_not_end_while_the_dsp_stalls(playing: VirtualDsp, clock: ManualClock, work: Work) -> None:
    playing.faults.stall()
    drain = work(playing.drain)
    clock.advance(100_000)
    assert state_of(playing) is State.DRAINING
    playing.faults.unstall()
    clock.advance(5)
    assert drain.end().error is None


def test_a_chosen_call_fails_as_often_as_asked(playing: VirtualDsp) -> None:
    playing.faults.fail("avail", errno.EIO, times=2)
    for _ in range(2):
        with pytest.raises(DeviceError) as failure:
            playing.avail()
        assert failure.value.errno == errno.EIO
    playing.avail()


def test_opening_can_fail_too() -> None:
    dsp = VirtualDsp("q6asm", ManualClock())
    dsp.faults.fail("open", errno.ENOMEM)
    with pytest.raises(DeviceError) as failure:
        dsp.open()
    assert failure.value.errno == errno.ENOMEM
    dsp.open()


def test_an_unplugged_device_is_gone_for_every_call(playing: VirtualDsp) -> None:
    playing.faults.unplug()
    for call in (playing.avail, playing.progress, playing.pause, playing.stop, playing.drain, playing.caps):
        with pytest.raises(DeviceLost):
            call()
    with pytest.raises(DeviceLost):
        playing.wait(Seconds(1))
    playing.close()
    with pytest.raises(DeviceLost):
        playing.open()


def test_a_device_that_comes_back_has_to_be_opened_anew(playing: VirtualDsp) -> None:
    playing.faults.unplug()
    playing.faults.plug()
    with pytest.raises(DeviceLost):
        playing.pause()
    playing.close()
    playing.open()
    assert state_of(playing) is State.OPEN


def test_unplugging_ends_a_drain_and_a_wait_with_enodev(playing: VirtualDsp, clock: ManualClock, work: Work) -> None:
    sleeper = work(playing.drain)
    clock.advance(0.1)
    playing.faults.unplug()
    assert isinstance(sleeper.end().error, DeviceLost)


def test_unplugging_wakes_a_wait(make_dsp: MakeDsp, mp3: Tone, clock: ManualClock, work: Work) -> None:
    dsp = make_dsp()
    dsp.write(mp3.data)
    sleeper = work(lambda: dsp.wait(Seconds(100)))
    clock.advance(1)
    dsp.faults.unplug()
    assert isinstance(sleeper.end().error, DeviceLost)


def test_an_xrun_stops_the_sound_and_a_stop_mends_it(playing: VirtualDsp, clock: ManualClock, mp3: Tone) -> None:
    clock.advance(0.1)
    playing.faults.xrun()
    clock.advance(10)
    assert state_of(playing) is State.XRUN
    assert playing.progress().rendered == 4410
    playing.stop()
    assert playing.write(mp3.data) == 4096
    playing.start()
    clock.advance(0.1)
    assert playing.progress().rendered == 4410


def test_the_journal_tells_what_happened_and_when(playing: VirtualDsp, clock: ManualClock) -> None:
    clock.advance(0.1)
    playing.pause()
    clock.advance(0.1)
    playing.close()
    assert list(playing.journal.events) == [
        (0.0, "open"), (0.0, "set_params"), (0.0, "start"), (0.1, "pause"), (0.2, "close"),
    ]  # fmt: skip
