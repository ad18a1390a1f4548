"""Routes on a card whose mixer is a small object with alsaaudio's calls."""

from __future__ import annotations

from types import ModuleType

import pytest

from pyaudiobus.devices.mixer import MixerRoutes
from pyaudiobus.devices.quirks import Route
from pyaudiobus.errors import DeviceError, UserError

HDMI = Route("QUAT_MI2S_RX Audio Mixer MultiMedia4", value=True)
SPEAKER = Route("SLIMBUS_0_RX Audio Mixer MultiMedia4", value=True)
VOLUME = Route("RX2 Digital", value=84)
MUX = Route("SLIM RX0 MUX", value="AIF1_PB")


class ALSAAudioError(Exception):
    """alsaaudio's own."""


class Card:
    """A card's controls, by name: a switch, a volume in per cent, or (word, words)."""

    def __init__(self) -> None:
        self.controls: dict[str, object] = {
            HDMI.control: False,
            SPEAKER.control: True,
            VOLUME.control: 50,
            MUX.control: ("ZERO", ["ZERO", "AIF1_PB", "AIF2_PB"]),
        }
        self.stuck: set[str] = set()
        self.log: list[str] = []


class AlsaModule(ModuleType):
    """Stands where alsaaudio does."""

    ALSAAudioError = ALSAAudioError

    def __init__(self, card: Card) -> None:
        super().__init__("alsaaudio")
        self.card = card

    def Mixer(self, control: str, id: int, cardindex: int) -> Mixer:  # noqa: N802, A002  # alsaaudio's names
        assert (id, cardindex) == (0, 1)
        if control not in self.card.controls:
            raise ALSAAudioError(f"Unable to find mixer control {control},0 [hw:1]")
        return Mixer(self.card, control)


class Mixer:
    """One simple mixer control; a mute is the opposite of a switch."""

    def __init__(self, card: Card, control: str) -> None:
        self._card = card
        self._control = control

    def _put(self, value: object) -> None:
        if self._control in self._card.stuck:
            raise ALSAAudioError("Operation not permitted [hw:1]")
        self._card.controls[self._control] = value
        self._card.log.append(self._control)

    def getmute(self) -> list[int]:
        return [int(not self._card.controls[self._control])]

    def setmute(self, mute: bool) -> None:
        self._put(not mute)

    def getvolume(self) -> list[int]:
        volume = self._card.controls[self._control]
        assert isinstance(volume, int)
        return [volume, volume]

    def setvolume(self, volume: int) -> None:
        self._put(volume)

    def getenum(self) -> tuple[str, list[str]]:
        enumeration = self._card.controls[self._control]
        assert isinstance(enumeration, tuple)
        return enumeration

    def setenum(self, place: int) -> None:
        words = self.getenum()[1]
        self._put((words[place], words))

    def close(self) -> None:
        pass


@pytest.fixture
def card() -> Card:
    return Card()


def routes(card: Card, *wanted: Route) -> MixerRoutes:
    return MixerRoutes(1, wanted, AlsaModule(card))


def test_a_route_is_on_inside_and_as_it_was_outside(card: Card) -> None:
    with routes(card, HDMI):
        assert card.controls[HDMI.control] is True
    assert card.controls[HDMI.control] is False


def test_a_control_that_is_already_right_is_left_alone(card: Card) -> None:
    with routes(card, SPEAKER):
        pass
    assert card.log == []


def test_switches_volumes_and_enumerations_are_set_in_order_and_restored_backwards(card: Card) -> None:
    before = dict(card.controls)
    with routes(card, HDMI, VOLUME, MUX):
        assert card.controls[VOLUME.control] == 84
        assert card.controls[MUX.control] == ("AIF1_PB", ["ZERO", "AIF1_PB", "AIF2_PB"])
    order = [HDMI.control, VOLUME.control, MUX.control]
    assert card.log == [*order, *reversed(order)]
    assert card.controls == before


def test_a_missing_control_is_an_error_and_nothing_stays_changed(card: Card) -> None:
    with pytest.raises(DeviceError, match="cannot read the mixer control 'Nowhere' of card 1") as caught:
        routes(card, HDMI, Route("Nowhere", value=True)).switch_on()
    assert "amixer -c 1 scontrols" in caught.value.advice
    assert card.controls[HDMI.control] is False


def test_an_unknown_word_shows_the_known_ones(card: Card) -> None:
    with pytest.raises(DeviceError) as caught:
        routes(card, Route(MUX.control, value="AIF9_PB")).switch_on()
    assert caught.value.facts == ("it can be: ZERO, AIF1_PB, AIF2_PB",)


def test_one_control_that_cannot_be_restored_does_not_keep_the_others(card: Card) -> None:
    held = routes(card, HDMI, VOLUME)
    held.switch_on()
    card.stuck.add(VOLUME.control)
    with pytest.raises(DeviceError, match="cannot set the mixer control 'RX2 Digital'"):
        held.restore()
    assert card.controls[HDMI.control] is False


def test_restoring_twice_changes_nothing_more(card: Card) -> None:
    held = routes(card, HDMI)
    held.switch_on()
    held.restore()
    card.controls[HDMI.control] = True
    held.restore()
    assert card.controls[HDMI.control] is True


def test_without_alsa_a_route_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyaudiobus.devices.mixer.alsaaudio", None)
    with pytest.raises(UserError, match="pyalsaaudio is not installed"):
        MixerRoutes(1, [HDMI]).switch_on()


def test_without_alsa_and_without_routes_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyaudiobus.devices.mixer.alsaaudio", None)
    with MixerRoutes(1, []):
        pass
