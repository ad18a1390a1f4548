"""The volume of a role."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import is_stream, role_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["restore_volume"])
def use_role_volume(node: Item, bus: Snapshot) -> Verdict:
    """Give a stream the volume that its role begins with."""
    role = role_of(node, bus)
    if not is_stream(node) or role.volume is None:
        return Pass("no role says how loud it begins")
    return Choice((role.volume,), f"streams of the role {role.name} begin with it")
