"""The route that somebody has just chosen."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available, current
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def keep_chosen_route(device: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Keep the route that somebody chose by hand (audiobus card route), while it is available."""
    now = current(device, "route")
    if device.facts.get("route.save") is not True:
        return Pass("nobody chose the present one by hand")
    if now not in available(device, "routes"):
        return Pass(f"{now} was chosen by hand and is not available")
    return Choice(now, "somebody chose it")
