"""The route that was chosen before."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["keep_chosen_route"])
def restore_route(device: Item, bus: Snapshot) -> Verdict:
    """Choose the route that was chosen for this sink or source before, if it is available."""
    name = bus.memory.routes.get(device.name, "")
    if not name:
        return Pass("none was chosen before")
    if name not in available(device, "routes"):
        return Pass(f"{name} was chosen before and is not available")
    return Choice(name, "it was chosen before")
