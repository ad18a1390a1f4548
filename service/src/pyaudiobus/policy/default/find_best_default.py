"""The default where nobody chose one."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.defaults import candidates, why_not_default
from pyaudiobus.policy.filters import is_filter
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import best_first, priority_of
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_remembered_default"])
def find_best_default(subject: Item, bus: Snapshot) -> Verdict:
    """Choose the device with the highest priority that can be used; of equals, what was plugged in last."""
    rejected: list[Rejected] = []
    for device in best_first(candidates(subject.name, bus)):
        reason = "it is a filter" if is_filter(device) else why_not_default(subject.name, device, bus)
        if not reason:
            return Choice(device.serial, f"it has the highest priority ({priority_of(device)})", tuple(rejected))
        rejected.append(Rejected(device.serial, device.name, reason))
    return Pass("; ".join(one.reason for one in rejected) or "there is none", tuple(rejected))
