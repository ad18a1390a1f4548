"""The device of a stream's group."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import AUDIO_GROUP, devices_for
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_remembered_target"])
def find_group_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the device that has the stream's group (session.audio-group)."""
    group = stream.properties.get(AUDIO_GROUP)
    if not group:
        return Pass("it belongs to no group")
    members = [device for device in devices_for(stream, bus) if device.properties.get(AUDIO_GROUP) == group]
    rejected: list[Rejected] = []
    for device in members:
        reason = refusal(stream, device, bus)
        if not reason:
            return Choice(device.serial, f"it is the device of the group {group}", tuple(rejected))
        rejected.append(Rejected(device.serial, device.name, reason))
    why = "; ".join(one.reason for one in rejected) or f"no device belongs to the group {group}"
    return Pass(why, tuple(rejected))
