"""The best of what is left."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.filters import is_filter
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import CAPTURE_SINK, best_first, devices_for, is_playback, is_set, priority_of
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_default_target"])
def find_best_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the device with the highest priority that fits; of equals, what was plugged in last."""
    what = "sink" if is_playback(stream) or is_set(stream, CAPTURE_SINK) else "source"
    rejected: list[Rejected] = []
    for device in best_first(devices_for(stream, bus)):
        reason = "it is a filter" if is_filter(device) else refusal(stream, device, bus)
        if not reason:
            told = f"it is the {what} with the highest priority ({priority_of(device)}) that fits"
            return Choice(device.serial, told, tuple(rejected))
        rejected.append(Rejected(device.serial, device.name, reason))
    return Pass("; ".join(one.reason for one in rejected) or f"there is no {what}", tuple(rejected))
