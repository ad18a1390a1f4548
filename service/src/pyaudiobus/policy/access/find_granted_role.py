"""The role that the policy file grants a client."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.credentials import why_not_granted
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook()
def find_granted_role(client: Item, bus: Snapshot) -> Verdict:
    """Choose the first grant that fits what the kernel tells of the client: socket, user, group, cgroup, program."""
    rejected: list[Rejected] = []
    for grant in bus.policy.access:
        reason = why_not_granted(client, grant)
        if not reason:
            return Choice(grant.role.value, f"grant {grant.name} fits it", tuple(rejected))
        rejected.append(Rejected(0, grant.name, reason))
    return Pass("; ".join(f"{one.name}: {one.reason}" for one in rejected) or "nothing is granted", tuple(rejected))
