"""A DSP's volume as a mixer control: on a card whose controls are small objects with pyalsaaudio's calls."""

from __future__ import annotations

import pytest

from pyaudiobus.devices.mixer_volume import Loudness, VolumeControl
from pyaudiobus.errors import DeviceError, NotSupported
from tests.devices.alsa_volume import MUTE, Alsa, Control


def volume(control: Control | None) -> VolumeControl:
    return VolumeControl(0, "RX2 Digital Volume", alsa=Alsa(control))


def by_half_decibels() -> list[int]:
    """-60 to +6 dB, as of many codecs."""
    return list(range(-6000, 601, 50))


def test_a_gain_is_set_in_decibels_where_the_driver_tells_them() -> None:
    control = Control(132, by_half_decibels())
    now = volume(control).set_gain(0.5)
    assert control.now == [108, 108]
    assert now.gain == pytest.approx(10 ** (-6 / 20))


def test_a_driver_without_decibels_gets_the_cube_of_its_steps() -> None:
    control = Control(100)
    assert volume(control).set_gain(0.125) == Loudness(0.125, is_muted=False)
    assert control.now == [50, 50]


def test_more_than_the_control_gives_is_its_most_and_is_told_as_that() -> None:
    control = Control(132, by_half_decibels())
    assert volume(control).set_gain(30.0).gain == pytest.approx(10 ** (6 / 20))


@pytest.mark.parametrize("gain", [0.0, 0.0001])
def test_less_than_the_lowest_step_mutes_and_more_unmutes(gain: float) -> None:
    control = Control(132, by_half_decibels(), has_switch=True)
    found = volume(control)
    assert found.set_gain(gain).is_muted
    assert control.off == [1, 1]
    assert not found.set_gain(0.5).is_muted
    assert control.off == [0, 0]


def test_a_lowest_step_that_is_silence_needs_no_switch() -> None:
    control = Control(3, [MUTE, -2000, -1000, 0])
    control.now = [1, 1]
    assert volume(control).set_gain(0.0).gain == 0.0
    assert control.now == [0, 0]


def test_what_cannot_be_silent_says_so_and_stays_as_it_is() -> None:
    control = Control(132, by_half_decibels())
    with pytest.raises(NotSupported, match="cannot mute: it has no switch") as refusal:
        volume(control).set_gain(0.0)
    assert list(refusal.value.facts) == ["its lowest step is -60.0 dB"]
    with pytest.raises(NotSupported, match="cannot mute: it has no switch"):
        volume(control).set_muted(muted=True)
    assert control.now == [3, 4]


def test_it_is_put_back_as_it_was_found() -> None:
    control = Control(132, by_half_decibels(), has_switch=True)
    control.off = [1, 0]
    found = volume(control)
    found.set_gain(1.0)
    found.set_muted(muted=True)
    found.restore()
    found.restore()
    assert (control.now, control.off) == ([3, 4], [1, 0])


def test_what_others_set_is_seen() -> None:
    control = Control(132, by_half_decibels())
    found = volume(control)
    watch = found.watch()
    control.turn(120)
    assert watch.filenos() == [control.event]
    watch.acknowledge()
    assert found.look().gain == pytest.approx(1.0)
    watch.close()


def test_a_control_that_is_not_there_is_named() -> None:
    with pytest.raises(DeviceError, match="RX2 Digital Volume"):
        volume(None).look()


def test_a_switch_is_no_volume() -> None:
    with pytest.raises(DeviceError, match="is no volume"):
        volume(Control(0)).look()
