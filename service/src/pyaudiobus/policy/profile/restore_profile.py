"""The profile that was chosen before."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["keep_chosen_profile"])
def restore_profile(device: Item, bus: Snapshot) -> Verdict:
    """Choose the profile that was chosen for this card before, if it is available."""
    name = bus.memory.profiles.get(device.name, "")
    if not name:
        return Pass("none was chosen before")
    if name not in available(device, "profiles"):
        return Pass(f"{name} was chosen before and is not available")
    return Choice(name, "it was chosen before")
