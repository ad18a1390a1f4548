"""The route where nobody named one."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available, current
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["use_configured_route"])
def find_best_route(device: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Keep the present route while it is available, else choose the first that is: they are listed best first."""
    known = available(device, "routes")
    now = current(device, "route")
    if now in known:
        return Choice(now, "it is used now")
    return Choice(known[0], "it is the first that is available") if known else Pass("none is available")
