"""The route that the policy file names."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.device_words import available, policy_for
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["restore_route"])
def use_configured_route(device: Item, bus: Snapshot) -> Verdict:
    """Choose the first of the policy file's routes for this sink or source that is available."""
    policy = policy_for(device, bus)
    wanted = policy.routes if policy is not None else ()
    known = available(device, "routes")
    for name in wanted:
        if name in known:
            return Choice(name, "the policy file names it")
    rejected = tuple(Rejected(0, name, f"{name} is not available") for name in wanted)
    return Pass("; ".join(one.reason for one in rejected) or "the policy file names none", rejected)
