"""Devices that nothing uses any more."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.offers import is_dsp
from pyaudiobus.policy.power_state import own_timeout
from pyaudiobus.policy.verdict import Choice, Verdict, Wait


@hook(after=["stay_awake_while_used"])
def suspend_when_idle(device: Item, bus: Snapshot) -> Verdict:
    """Close a device after power.suspend-after seconds without use (a DSP: power.suspend-dsp-after; 0: never)."""
    settings = bus.settings
    usual = settings.power_suspend_dsp_after if is_dsp(device, bus) else settings.power_suspend_after
    own = own_timeout(device)
    timeout = usual if own is None else own
    if not timeout:
        return Wait("it never sleeps (a timeout of 0 seconds)")
    bedtime = bus.since.get(device.serial, bus.now) + timeout
    if bus.now >= bedtime:
        return Choice("suspend", f"nothing has used it for {timeout:g} s")
    return Wait(f"nothing uses it, and it sleeps after {timeout:g} s of that", bedtime)
