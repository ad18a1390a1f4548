"""The kernel's states: every call in every state."""

from __future__ import annotations

import errno
from collections.abc import Callable
from math import inf

import pytest

from pyaudiobus.devices.clock import ManualClock, PacedClock
from pyaudiobus.devices.compress import Geometry
from pyaudiobus.devices.virtual.dsp import VirtualDsp
from pyaudiobus.devices.virtual.states import State
from pyaudiobus.errors import DeviceBusy, DeviceError, UserError
from pyaudiobus.model.format import Codec, EncodedFormat
from pyaudiobus.model.units import Seconds
from tests.devices.virtual.bench import state_of

MP3 = EncodedFormat(Codec.MP3, 44_100, 2)
SMALL = Geometry(1024, 4)
FRAGMENT = memoryview(bytes(1024))


def to_open(dsp: VirtualDsp) -> None:
    dsp.open()


def to_setup(dsp: VirtualDsp) -> None:
    to_open(dsp)
    dsp.set_params(MP3, SMALL)


def to_prepared(dsp: VirtualDsp) -> None:
    to_setup(dsp)
    dsp.write(FRAGMENT)


def to_running(dsp: VirtualDsp) -> None:
    to_prepared(dsp)
    dsp.start()


def to_paused(dsp: VirtualDsp) -> None:
    to_running(dsp)
    dsp.pause()


def to_xrun(dsp: VirtualDsp) -> None:
    to_running(dsp)
    dsp.faults.xrun()


WAYS = {
    State.CLOSED: lambda _dsp: None,
    State.OPEN: to_open,
    State.SETUP: to_setup,
    State.PREPARED: to_prepared,
    State.RUNNING: to_running,
    State.PAUSED: to_paused,
    State.XRUN: to_xrun,
}
CALLS: dict[str, Callable[[VirtualDsp], object]] = {
    "set_params": lambda dsp: dsp.set_params(MP3, SMALL),
    "write": lambda dsp: dsp.write(FRAGMENT),
    "avail": lambda dsp: dsp.avail(),
    "progress": lambda dsp: dsp.progress(),
    "start": lambda dsp: dsp.start(),
    "pause": lambda dsp: dsp.pause(),
    "resume": lambda dsp: dsp.resume(),
    "stop": lambda dsp: dsp.stop(),
    "drain": lambda dsp: dsp.drain(),
    "partial_drain": lambda dsp: dsp.partial_drain(),
    "next_track": lambda dsp: dsp.next_track(),
    "set_metadata": lambda dsp: dsp.set_metadata(576, 0),
}
P, B, X, OK = errno.EPERM, errno.EBADFD, errno.EPIPE, 0
# In the order of CALLS; the table of sound/core/compress_offload.c.
ANSWERS = {
    State.CLOSED: (B, B, B, B, B, B, B, B, B, B, B, B),
    State.OPEN: (OK, B, B, OK, P, P, P, P, P, P, P, B),
    State.SETUP: (P, OK, OK, OK, P, P, P, P, P, P, P, OK),
    State.PREPARED: (P, OK, OK, OK, OK, P, P, P, P, P, P, OK),
    State.RUNNING: (P, OK, OK, OK, P, OK, P, OK, OK, P, P, OK),
    State.PAUSED: (P, B, OK, OK, P, P, OK, OK, P, P, P, OK),
    State.XRUN: (P, B, X, OK, P, P, P, OK, X, X, P, OK),
}


@pytest.mark.parametrize("state", ANSWERS, ids=lambda state: state.value)
@pytest.mark.parametrize("call", CALLS)
def test_each_call_is_answered_as_the_kernel_answers_it(state: State, call: str) -> None:
    dsp = VirtualDsp("generic", PacedClock(inf))
    WAYS[state](dsp)
    assert state_of(dsp) is state
    expected = ANSWERS[state][list(CALLS).index(call)]
    if expected == OK:
        CALLS[call](dsp)
        return
    with pytest.raises(DeviceError) as refusal:
        CALLS[call](dsp)
    assert refusal.value.errno == expected
    assert "virtual:generic" in refusal.value.what
    assert state_of(dsp) is state


def test_a_second_open_is_busy_and_a_close_makes_room() -> None:
    dsp = VirtualDsp("q6asm", ManualClock())
    dsp.open()
    with pytest.raises(DeviceBusy):
        dsp.open()
    dsp.close()
    dsp.close()
    dsp.open()
    assert dsp.opens == 2


def test_two_players_cannot_have_the_same_hardware() -> None:
    one, other = VirtualDsp("q6asm", ManualClock()), VirtualDsp("q6asm", ManualClock())
    shared = VirtualDsp("q6asm", ManualClock(), hardware=one.hardware)
    one.open()
    other.open()
    with pytest.raises(DeviceBusy) as refusal:
        shared.open()
    assert refusal.value.errno == errno.EBUSY
    one.close()
    shared.open()


def test_write_takes_what_fits_and_then_nothing(make_dsp: Callable[..., VirtualDsp]) -> None:
    dsp = make_dsp()
    assert dsp.write(memoryview(bytes(10_000))) == 4096
    assert dsp.write(FRAGMENT) == 0
    assert dsp.avail() == 0


def test_an_empty_write_prepares_nothing(make_dsp: Callable[..., VirtualDsp]) -> None:
    dsp = make_dsp()
    assert dsp.write(FRAGMENT[:0]) == 0
    assert state_of(dsp) is State.SETUP


@pytest.mark.parametrize(
    ("form", "geometry"),
    [
        (EncodedFormat(Codec.AAC, 44_100, 2), Geometry(8192, 4)),
        (EncodedFormat(Codec.OPUS, 48_000, 2), Geometry(8192, 4)),
        (EncodedFormat(Codec.WMA, 44_100, 2), Geometry(8192, 4)),
        (MP3, Geometry(4096, 8)),
        (MP3, Geometry(262_144, 4)),
        (MP3, Geometry(8192, 3)),
        (MP3, Geometry(8192, 65)),
        (MP3, Geometry(12_288, 4)),
        (MP3, Geometry(0, 0)),
    ],
    ids=str,
)
def test_q6asm_refuses_what_is_outside_its_limits(form: EncodedFormat, geometry: Geometry) -> None:
    dsp = VirtualDsp("q6asm", ManualClock())
    dsp.open()
    with pytest.raises(DeviceError) as refusal:
        dsp.set_params(form, geometry)
    assert refusal.value.errno == errno.EINVAL
    dsp.set_params(MP3, Geometry(8192, 4))


def test_poll_reports_at_once_where_the_kernel_says_pollerr() -> None:
    for state in (State.OPEN, State.SETUP, State.XRUN):
        dsp = VirtualDsp("generic", ManualClock())
        WAYS[state](dsp)
        assert dsp.wait(Seconds(0.0))


def test_an_unknown_profile_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="no virtual DSP 'z6'") as mistake:
        VirtualDsp("z6", ManualClock())
    assert "q6asm, generic" in str(mistake.value)
