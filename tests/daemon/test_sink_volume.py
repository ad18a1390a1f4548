"""The volume of a compressed sink on the bus: the mixer control that the board names, or none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.devices.mixer_volume import VolumeControl
from pyaudiobus.protocol.messages import Named, SetMute, SetVolume
from pyaudiobus.protocol.wire import Refused
from tests.client.studio import DEMO_MP3
from tests.daemon.dsp_bus import PATIENCE, DspBus, Encoded, song_at
from tests.devices.alsa_volume import Alsa, Control


def half_decibels() -> Control:
    return Control(132, list(range(-6000, 601, 50)), has_switch=True)


def on_card(control: Control) -> VolumeControl:
    return VolumeControl(0, "RX2 Digital Volume", alsa=Alsa(control))


def facts(remote: Remote, serial: int) -> dict[str, object]:
    found: dict[str, object] = remote.ask("get", Named(serial)).facts
    return found


def test_volume_and_mute_of_a_sink_are_its_control(tmp_path: Path) -> None:
    control = half_decibels()
    with DspBus(tmp_path, volume=on_card(control)) as bus, bus.remote() as remote:
        serial = bus.node.serial
        remote.ask("set-volume", SetVolume(serial, (0.5,)))
        assert control.now == [108, 108]
        assert float(str(facts(remote, serial)["volume"])) == pytest.approx(0.501, abs=0.001)
        remote.ask("set-mute", SetMute(serial, True))
        assert control.off == [1, 1]
        assert facts(remote, serial)["muted"] is True
        remote.ask("set-mute", SetMute(serial, False))
        assert control.off == [0, 0]


def test_a_stream_that_has_the_sink_has_its_volume(tmp_path: Path) -> None:
    control = half_decibels()
    shape, _ = song_at(DEMO_MP3)
    with DspBus(tmp_path, volume=on_card(control)) as bus, bus.remote() as remote:
        stream = Encoded(remote, shape)
        remote.ask("set-volume", SetVolume(stream.serial, (1.0,)))
        assert control.now == [120, 120]


def test_what_another_program_sets_is_told(tmp_path: Path) -> None:
    control = half_decibels()
    with DspBus(tmp_path, volume=on_card(control)) as bus, bus.remote() as remote:
        control.turn(120)
        deadline = time.monotonic() + PATIENCE
        while facts(remote, bus.node.serial)["volume"] != "1":
            assert time.monotonic() < deadline


def test_channels_that_differ_are_refused(tmp_path: Path) -> None:
    with (
        DspBus(tmp_path, volume=on_card(half_decibels())) as bus,
        bus.remote() as remote,
        pytest.raises(Refused, match="one volume for all channels"),
    ):
        remote.ask("set-volume", SetVolume(bus.node.serial, (0.5, 0.4)))


def test_a_sink_without_a_control_has_no_volume_and_says_where_one_would_be_named(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote() as remote:
        assert "volume" not in facts(remote, bus.node.serial)
        with pytest.raises(Refused, match="dsp has no volume") as refusal:
            remote.ask("set-volume", SetVolume(bus.node.serial, (0.5,)))
        assert "sinks.NAME.volume" in refusal.value.advice
