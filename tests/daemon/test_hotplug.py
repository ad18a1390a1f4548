"""Cards that come and go, as udev tells of them."""

from __future__ import annotations

from pyaudiobus.daemon.devices import Devices
from pyaudiobus.daemon.hotplug import Hotplug


class Ear(Devices):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def card_came(self) -> None:
        self.told.append("came")

    def card_went(self, number: int) -> None:
        self.told.append(f"{number} went")


def test_a_card_has_come_when_it_is_whole_and_has_gone_when_it_goes() -> None:
    ear = Ear()
    hotplug = Hotplug(ear)
    for action, name, properties in (
        ("add", "card1", {}),
        ("add", "pcmC1D0p", {}),
        ("change", "card1", {"SOUND_INITIALIZED": "1"}),
        ("change", "card1", {}),
        ("remove", "pcmC1D0p", {}),
        ("remove", "card1", {}),
    ):
        hotplug.happened(action, name, properties)
    assert ear.told == ["came", "1 went"]
