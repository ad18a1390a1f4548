"""Devices that are in use."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import can_wait
from pyaudiobus.policy.power_state import is_asleep, users_of
from pyaudiobus.policy.streams import players_on
from pyaudiobus.policy.verdict import Pass, Verdict, Wait


@hook()
def stay_awake_while_used(device: Item, bus: Snapshot) -> Verdict:
    """Keep a device open that sleeps already, or that something plays or records through, or drains."""
    if is_asleep(device):
        return Wait(f"it is {device.state} already")
    users = users_of(device, bus)
    if users:
        return Wait(f"{users[0].name} uses it" + (f", and {len(users) - 1} more" if len(users) > 1 else ""))
    kept = [one for one in players_on(device, bus) if not can_wait(one) and one.state != "drained"]
    if kept:
        return Wait(f"{kept[0].name} is paused there, and could not go on where it was")
    if device.state == "running":
        return Wait("it is running: what is still to be heard is heard first")
    return Pass("nothing uses it")
