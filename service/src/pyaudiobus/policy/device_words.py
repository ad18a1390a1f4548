"""What devices say of their profiles and routes, and what the policy file says of them."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import DevicePolicy
from pyaudiobus.model.rule import as_text
from pyaudiobus.model.snapshot import Snapshot


def available(device: Item, what: str) -> tuple[str, ...]:
    """List the profiles or routes that a device has and can use; `what` is the fact: "profiles", "routes"."""
    words = (as_text(device.facts.get(what)) or "").split()
    gone = (as_text(device.facts.get(f"{what}.unavailable")) or "").split()
    return tuple(word for word in words if word not in gone)


def current(device: Item, what: str) -> str:
    """Return the profile or route it has; `what` is the fact: "profile", "route"."""
    return as_text(device.facts.get(what)) or ""


def policy_for(device: Item, bus: Snapshot) -> DevicePolicy | None:
    """Return the first entry of the policy file that means a device."""
    return next((known for known in bus.policy.devices if fnmatchcase(device.name, known.name)), None)
