"""Cards that come and go, as udev tells of them, or the kernel."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pyaudiobus.daemon import hotplug as hotplug_module
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


EVENTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("add", "card1", {}),
    ("add", "pcmC1D0p", {}),
    ("add", "controlC1", {}),
    ("change", "card1", {"SOUND_INITIALIZED": "1"}),
    ("change", "card1", {}),
    ("remove", "controlC1", {}),
    ("remove", "card1", {}),
)


def test_a_card_has_come_when_it_is_whole_and_has_gone_when_it_goes(tmp_path: Path) -> None:
    (udevd := tmp_path / "control").touch()
    ear = Ear()
    hotplug = Hotplug(ear, str(udevd))
    for event in EVENTS:
        hotplug.happened(*event)
    assert ear.told == ["came", "1 went"]


def test_without_udevd_a_card_is_whole_when_its_control_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotplug_module, "SETTLE_SECONDS", 0)
    ear = Ear()

    async def hear() -> None:
        hotplug = Hotplug(ear, str(tmp_path / "control"))
        for action, name in (("add", "card1"), ("add", "pcmC1D0p"), ("add", "controlC1"), ("add", "controlC2")):
            hotplug.happened(action, name, {})
        assert ear.told == []
        while not ear.told:
            await asyncio.sleep(0)
        hotplug.happened("remove", "card1", {})
        hotplug.happened("add", "controlC1", {})
        hotplug.close()
        await asyncio.sleep(0)

    asyncio.run(hear())
    assert ear.told == ["came", "1 went"]
