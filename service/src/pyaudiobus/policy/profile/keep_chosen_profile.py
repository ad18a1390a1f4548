"""The profile that somebody has just chosen."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available, current
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def keep_chosen_profile(device: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Keep the profile that somebody chose by hand (audiobus card profile), while it is available."""
    now = current(device, "profile")
    if device.facts.get("profile.save") is not True:
        return Pass("nobody chose the present one by hand")
    if now not in available(device, "profiles"):
        return Pass(f"{now} was chosen by hand and is not available")
    return Choice(now, "somebody chose it")
