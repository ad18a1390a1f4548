"""The device for a stream's role."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import verdict_in_line
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import best_first, devices_for, role_of
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_filter_target"])
def find_role_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the first device that is for the stream's role: by the role's targets, else device.intended-roles."""
    name = stream.properties.get("media.role", "")
    if not name:
        return Pass("it has no role")
    devices = _meant(stream, name, bus)
    if not devices:
        return Pass(f"no device is there for the role {name}")
    rejected: list[Rejected] = []
    for device in devices:
        reason = refusal(stream, device, bus)
        if not reason:
            return Choice(device.serial, f"it is for the role {name}", tuple(rejected))
        if (verdict := verdict_in_line(stream, device, bus)) is not None:
            return verdict
        rejected.append(Rejected(device.serial, device.name, reason))
    return Pass("; ".join(one.reason for one in rejected), tuple(rejected))


def _meant(stream: Item, name: str, bus: Snapshot) -> list[Item]:
    devices = devices_for(stream, bus)
    targets = role_of(stream, bus).targets
    named = [device for target in targets for device in devices if device.name == target]
    intended = [device for device in devices if name.lower() in _roles(device)]
    return [*named, *(device for device in best_first(tuple(intended)) if device not in named)]


def _roles(device: Item) -> list[str]:
    return device.properties.get("device.intended-roles", "").lower().replace(",", " ").split()
