"""Controls set through the real alsa-lib and pyalsaaudio, on a card that is a plugin of alsa-lib (mixer_standin.c)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pyaudiobus.devices.mixer import CardMixer, ControlState, MixerRoutes
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.control import Control

pytest.importorskip("alsaaudio", reason="pyalsaaudio is not installed")

SOURCE = Path(__file__).with_name("mixer_standin.c")
CARD = 7
ROUTE = "QUAT_MI2S_RX Audio Mixer MultiMedia4"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("alsa") / "libboard.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-DPIC", "-O1", "-Wall", "-Wextra", "-o", library, SOURCE, "-lasound"], check=True
    )
    return library


@pytest.fixture
def mixer(plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CardMixer:
    """A card whose controls are all off and at nought."""
    config = tmp_path / "asound.conf"
    config.write_text(
        f'ctl_type.board {{ lib "{plugin}" }}\n'
        'ctl.hw { @args [ CARD ] @args.CARD { type string default "0" } '
        f'type board state "{tmp_path / "state"}" }}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(config))
    return CardMixer(CARD, "DB845c")


def test_the_simple_mixer_leaves_kinds_out_of_names(mixer: CardMixer) -> None:
    names = mixer.names()
    assert {"COMP7", "RX7 Digital", "SpkrLeft PA", ROUTE, "SLIM RX0 MUX"} <= set(names)
    assert names.count("Mic") == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (ROUTE, True),
        ("COMP7 Switch", True),
        ("COMP7", 1),
        ("name='COMP7 Switch'", True),
        ("RX7 Digital Volume", 65),
        ("RX7 Digital", 100),
        ("SpkrLeft PA Volume", 50),
        ("SLIM RX0 MUX", "AIF1_PB"),
        ("RX INT7_1 MIX1 INP0", "RX0"),
        ("Loopback", True),
        ("Headphone", 55),
        ("Headphone", True),
        ("Headphone Playback Volume", 100),
        ("Mic Capture Volume", 50),
        ("Mic Capture Switch", True),
        ("Mic Playback Switch", True),
        ("Mic,1", True),
        ("'Mic',1", True),
    ],
)
def test_a_control_is_set_once_and_put_back(mixer: CardMixer, name: str, value: bool | int | str) -> None:
    control = Control(name, value)
    before = mixer.look(control)
    undo = mixer.set(control)
    assert undo is not None
    assert mixer.look(control).is_right
    assert mixer.set(control) is None
    undo()
    assert mixer.look(control) == before
    assert not before.is_right


def test_both_channels_of_a_side_are_set_and_the_other_side_is_not(mixer: CardMixer) -> None:
    assert mixer.set(Control("Mic Capture Switch", value=True)) is not None
    assert mixer.look(Control("Mic", value=True)) == ControlState(value=False, is_right=False)
    assert mixer.look(Control("Mic Capture Volume", value=0)).is_right


@pytest.mark.parametrize("name", ["Guarded Switch", "Deaf Switch"])
def test_a_refusal_that_nobody_tells_is_found_out(mixer: CardMixer, name: str) -> None:
    with pytest.raises(DeviceError, match="cannot set the mixer control") as caught:
        mixer.set(Control(name, value=True, place="board.yaml:3:7"))
    assert caught.value.what.startswith("board.yaml:3:7: ")
    assert caught.value.facts == ("its driver does not take on",)


@pytest.mark.parametrize(
    ("name", "close"),
    [("COMP17 Switch", "COMP7"), ("SLIM RX0 Mux", "SLIM RX0 MUX"), ("RX7 Digtal Volume", "RX7 Digital")],
)
def test_the_nearest_control_is_named(mixer: CardMixer, name: str, close: str) -> None:
    with pytest.raises(DeviceError, match=f"has no mixer control '{name}'; did you mean '{close}'"):
        mixer.set(Control(name, value=True))


def test_routes_are_on_while_held(mixer: CardMixer) -> None:
    wanted = [Control(ROUTE, value=True), Control("RX7 Digital Volume", value=65)]
    with MixerRoutes(CARD, wanted):
        assert all(mixer.look(control).is_right for control in wanted)
    assert not any(mixer.look(control).is_right for control in wanted)
