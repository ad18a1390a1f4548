"""The last word about a stream for which there is nothing."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.offers import agreed
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import DONT_RECONNECT, LINGER, devices_for, is_playback, is_set
from pyaudiobus.policy.verdict import Refuse, Rejected, Verdict, Wait


@hook(after=["find_best_target"])
def wait_for_device(stream: Item, bus: Snapshot) -> Verdict:
    """Let it wait where a device that fits is away or taken; refuse it where none would ever fit."""
    what = "sink" if is_playback(stream) else "source"
    devices = devices_for(stream, bus)
    rejected = tuple(Rejected(device.serial, device.name, refusal(stream, device, bus)) for device in devices)
    fitting = [one for one, device in zip(rejected, devices, strict=True) if not agreed(stream, device, bus)[1]]
    if is_set(stream, LINGER):
        return Wait(_why(what, rejected), rejected=rejected)
    if devices and not fitting:
        verb = "plays what it offers" if is_playback(stream) else "gives what it takes"
        return Refuse(f"no {what} {verb}: {_why(what, rejected)}", rejected=rejected)
    told = _why(what, tuple(fitting))
    if is_set(stream, DONT_RECONNECT):
        told = f"{told}, and it does not want to be linked later (node.dont-reconnect)"
        return Refuse(told, is_final=True, rejected=rejected)
    return Wait(told, rejected=rejected)


def _why(what: str, rejected: tuple[Rejected, ...]) -> str:
    return "; ".join(dict.fromkeys(one.reason for one in rejected if one.reason)) or f"there is no {what}"
