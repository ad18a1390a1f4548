"""Controls of a card whose mixer is a small object with pyalsaaudio's calls and silences."""

from __future__ import annotations

from types import ModuleType

import pytest

from pyaudiobus.devices.mixer import CardMixer, ControlState, MixerRoutes
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.control import Control

HDMI = Control("QUAT_MI2S_RX Audio Mixer MultiMedia4", value=True)
SPEAKER = Control("SLIMBUS_0_RX Audio Mixer MultiMedia4", value=True)
VOLUME = Control("RX2 Digital", value=84)
MUX = Control("SLIM RX0 MUX", value="AIF1_PB")
WORDS = ["ZERO", "AIF1_PB", "AIF2_PB"]
STEPS = 124
"""Of every volume here, as of wcd934x's digital gains."""


class ALSAAudioError(Exception):
    """alsaaudio's own."""


class Card:
    """A card's simple controls by name and index: {"switch": [..], "volume": [..], "record": [..], "word": "ZERO"}."""

    def __init__(self) -> None:
        self.controls: dict[tuple[str, int], dict[str, list[int]]] = {
            (HDMI.name, 0): {"switch": [0]},
            (SPEAKER.name, 0): {"switch": [1]},
            (VOLUME.name, 0): {"volume": [61, 62]},
            (MUX.name, 0): {"word": [0]},
            ("COMP7", 0): {"switch": [0]},
            ("Mic", 0): {"volume": [0], "switch": [0], "record": [0, 1], "capture": [3]},
            ("Mic", 1): {"switch": [0]},
            ("ADC", 0): {"record": [0], "capture": [9]},
            ("Headphone", 0): {"volume": [0], "switch": [0]},
            ("Loopback", 0): {"bypass": [0]},
            ("Bytes", 0): {},
        }
        self.stuck: set[str] = set()
        self.deaf: set[str] = set()
        self.opened = 0
        self.log: list[str] = []

    def is_on(self, name: str) -> bool:
        return self.controls[name, 0]["switch"] == [1]


class AlsaModule(ModuleType):
    """Stands where alsaaudio does."""

    ALSAAudioError = ALSAAudioError
    PCM_PLAYBACK, PCM_CAPTURE = 0, 1
    VOLUME_UNITS_RAW = 1

    def __init__(self, card: Card) -> None:
        super().__init__("alsaaudio")
        self.card = card

    def mixers(self, cardindex: int) -> list[str]:
        if cardindex != 1:
            raise ALSAAudioError(f"No such file or directory [hw:{cardindex}]")
        return [name for name, _ in self.card.controls]

    def Mixer(self, control: str, id: int, cardindex: int) -> Mixer:  # noqa: N802, A002  # alsaaudio's names
        if cardindex != 1 or (control, id) not in self.card.controls:
            raise ALSAAudioError(f"Unable to find mixer control {control},{id} [hw:{cardindex}]")
        self.card.opened += 1
        return Mixer(self.card, control, self.card.controls[control, id])


class Mixer:
    """One simple control; like pyalsaaudio, it sets volumes that are not there and says nothing."""

    def __init__(self, card: Card, name: str, parts: dict[str, list[int]]) -> None:
        self._card = card
        self._name = name
        self._parts = parts

    def _put(self, part: str, value: int, channel: int) -> None:
        if self._name in self._card.stuck:
            raise ALSAAudioError("Operation not permitted [hw:1]")
        if part in self._parts and self._name not in self._card.deaf:
            self._parts[part][channel] = int(value)
        if channel == 0:
            self._card.log.append(self._name)

    def switchcap(self) -> list[str]:
        sides = {"switch": "Playback Mute", "record": "Capture Mute"}
        return [words for part, words in sides.items() if part in self._parts]

    def volumecap(self) -> list[str]:
        sides = {"volume": "Playback Volume", "capture": "Capture Volume"}
        return [words for part, words in sides.items() if part in self._parts]

    def getmute(self) -> list[int]:
        if "switch" not in self._parts:
            raise ALSAAudioError(f"Mixer {self._name},0 has no playback switch capabilities, [hw:1]")
        return [int(not on) for on in self._parts["switch"]]

    def setmute(self, mute: int, channel: int) -> None:
        self._put("switch", not mute, channel)

    def getrec(self) -> list[int]:
        return self._parts["record"]

    def setrec(self, on: int, channel: int) -> None:
        self._put("record", on, channel)

    def getvolume(self, pcmtype: int, units: int) -> list[int]:
        assert units == AlsaModule.VOLUME_UNITS_RAW
        return list(self._parts["capture" if pcmtype else "volume"])

    def setvolume(self, step: int, channel: int, pcmtype: int, units: int) -> None:
        assert units == AlsaModule.VOLUME_UNITS_RAW
        self._put("capture" if pcmtype else "volume", step, channel)

    def getrange(self, pcmtype: int, units: int) -> list[int]:
        assert (pcmtype, units) in {(0, 1), (1, 1)}
        return [0, STEPS]

    def getenum(self) -> tuple[()] | tuple[str, list[str]]:
        words = ["Off", "On"] if "bypass" in self._parts else WORDS
        place = self._parts.get("bypass", self._parts.get("word"))
        return () if place is None else (words[place[0]], words)

    def setenum(self, place: int) -> None:
        self._put("bypass" if "bypass" in self._parts else "word", place, 0)

    def close(self) -> None:
        self._card.opened -= 1


@pytest.fixture
def card() -> Card:
    return Card()


def routes(card: Card, *wanted: Control) -> MixerRoutes:
    return MixerRoutes(1, wanted, AlsaModule(card))


def mixer(card: Card) -> CardMixer:
    return CardMixer(1, "DB845c", AlsaModule(card))


def test_a_route_is_on_inside_and_as_it_was_outside(card: Card) -> None:
    with routes(card, HDMI):
        assert card.is_on(HDMI.name)
    assert not card.is_on(HDMI.name)
    assert card.opened == 0


def test_a_control_that_is_already_right_is_left_alone(card: Card) -> None:
    with routes(card, SPEAKER):
        pass
    assert card.log == []


def test_switches_volumes_and_enumerations_are_set_in_order_and_restored_backwards(card: Card) -> None:
    with routes(card, HDMI, VOLUME, MUX):
        assert card.controls[VOLUME.name, 0] == {"volume": [104, 104]}
        assert card.controls[MUX.name, 0] == {"word": [1]}
    order = [HDMI.name, VOLUME.name, MUX.name]
    assert card.log == [*order, *reversed(order)]
    assert card.controls == Card().controls  # each channel to its very step


def test_per_cent_is_of_the_drivers_steps_and_a_hundredth_may_be_more_than_one(card: Card) -> None:
    card.controls[VOLUME.name, 0]["volume"] = [104, 103]
    undo = mixer(card).set(VOLUME)
    assert card.controls[VOLUME.name, 0]["volume"] == [104, 104]
    assert undo is not None


@pytest.mark.parametrize(
    ("name", "value", "where", "parts"),
    [
        ("COMP7 Switch", True, ("COMP7", 0), {"switch": [1]}),
        ("name='COMP7 Switch'", 1, ("COMP7", 0), {"switch": [1]}),
        ("RX2 Digital Volume", 0, ("RX2 Digital", 0), {"volume": [0, 0]}),
        ("'RX2 Digital',0", 100, ("RX2 Digital", 0), {"volume": [STEPS, STEPS]}),
        ("Mic,1", True, ("Mic", 1), {"switch": [1]}),
        ("iface=MIXER,name='Mic Playback Switch',index=1", True, ("Mic", 1), {"switch": [1]}),
        ("Mic", True, ("Mic", 0), {"volume": [0], "switch": [1], "record": [0, 1], "capture": [3]}),
        ("Mic Capture Switch", True, ("Mic", 0), {"volume": [0], "switch": [0], "record": [1, 1], "capture": [3]}),
        ("Mic Capture Volume", 100, ("Mic", 0), {"volume": [0], "switch": [0], "record": [0, 1], "capture": [STEPS]}),
        ("ADC", True, ("ADC", 0), {"record": [1], "capture": [9]}),
        ("ADC Volume", 50, ("ADC", 0), {"record": [0], "capture": [62]}),
        ("Headphone", True, ("Headphone", 0), {"volume": [0], "switch": [1]}),
        ("Headphone", 100, ("Headphone", 0), {"volume": [STEPS], "switch": [0]}),
        ("Loopback", True, ("Loopback", 0), {"bypass": [1]}),
        ("Loopback", "On", ("Loopback", 0), {"bypass": [1]}),
    ],
)
def test_a_control_is_found_by_any_name_people_copy_and_set_on_the_side_that_is_meant(
    card: Card, name: str, value: bool | int | str, where: tuple[str, int], parts: dict[str, list[int]]
) -> None:
    expected = {**card.controls, where: parts}
    undo = mixer(card).set(Control(name, value))
    assert card.controls == expected
    assert undo is not None
    undo()
    assert card.controls == Card().controls
    assert card.opened == 0


def test_a_missing_control_names_the_nearest_and_where_it_stands_and_nothing_stays_changed(card: Card) -> None:
    wanted = Control("COPM7 Switch", value=True, place="board.yaml:11:7")
    with pytest.raises(DeviceError) as caught:
        routes(card, HDMI, wanted).switch_on()
    assert caught.value.what == ("board.yaml:11:7: card 1 has no mixer control 'COPM7 Switch'; did you mean 'COMP7'?")
    assert "amixer -c 1 scontrols" in caught.value.advice
    assert not card.is_on(HDMI.name)


def test_a_card_that_is_gone_is_one_sentence(card: Card) -> None:
    with pytest.raises(DeviceError, match="cannot list the mixer controls of card 5") as caught:
        CardMixer(5, alsa=AlsaModule(card)).set(HDMI)
    assert caught.value.facts == ("No such file or directory [hw:5]",)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        (MUX.name, "AIF9_PB", "it can be: ZERO, AIF1_PB, AIF2_PB"),
        (MUX.name, True, "it can be: ZERO, AIF1_PB, AIF2_PB"),
        (HDMI.name, 70, "it is a switch: on or off"),
        (HDMI.name, "RX0", "it is a switch: on or off"),
        (VOLUME.name, True, "it is a volume: 0 to 100 per cent"),
        (VOLUME.name, "loud", "it is a volume: 0 to 100 per cent"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_the_right_one(
    card: Card, name: str, value: bool | int | str, hint: str
) -> None:
    with pytest.raises(DeviceError, match="cannot set the mixer control") as caught:
        mixer(card).set(Control(name, value))
    assert caught.value.facts == (hint,)
    assert card.controls == Card().controls


def test_a_control_that_can_be_nothing_is_one_sentence(card: Card) -> None:
    with pytest.raises(DeviceError, match="'Bytes' has neither a switch, a volume nor words"):
        mixer(card).set(Control("Bytes", value=True))


def test_a_driver_that_does_not_take_a_value_is_found_out(card: Card) -> None:
    card.deaf.add(HDMI.name)
    with pytest.raises(DeviceError, match=r"cannot set the mixer control .* of card DB845c to on") as caught:
        mixer(card).set(HDMI)
    assert caught.value.facts == ("its driver does not take on",)


def test_a_look_changes_nothing(card: Card) -> None:
    found = [mixer(card).look(control) for control in (HDMI, SPEAKER, VOLUME, MUX)]
    assert found == [
        ControlState(False, False), ControlState(True, True), ControlState(49, False), ControlState("ZERO", False)
    ]  # fmt: skip
    assert (card.log, card.opened) == ([], 0)


def test_one_control_that_cannot_be_restored_does_not_keep_the_others(card: Card) -> None:
    held = routes(card, HDMI, VOLUME)
    held.switch_on()
    card.stuck.add(VOLUME.name)
    with pytest.raises(DeviceError, match="cannot set the mixer control 'RX2 Digital'"):
        held.restore()
    assert not card.is_on(HDMI.name)


def test_restoring_twice_changes_nothing_more(card: Card) -> None:
    held = routes(card, HDMI)
    held.switch_on()
    held.restore()
    card.controls[HDMI.name, 0]["switch"] = [1]
    held.restore()
    assert card.is_on(HDMI.name)


def test_without_alsa_a_route_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyaudiobus.devices.mixer.alsaaudio", None)
    with pytest.raises(UserError, match="pyalsaaudio is not installed"):
        MixerRoutes(1, [HDMI]).switch_on()


def test_without_alsa_and_without_routes_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyaudiobus.devices.mixer.alsaaudio", None)
    with MixerRoutes(1, []):
        pass
