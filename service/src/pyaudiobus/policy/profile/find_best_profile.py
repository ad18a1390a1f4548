"""The profile where nobody named one."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available, current
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["use_configured_profile"])
def find_best_profile(device: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Keep the present profile while it is available, else choose the first that is: they are listed best first."""
    known = available(device, "profiles")
    now = current(device, "profile")
    if now in known:
        return Choice(now, "it is used now")
    return Choice(known[0], "it is the first that is available") if known else Pass("none is available")
