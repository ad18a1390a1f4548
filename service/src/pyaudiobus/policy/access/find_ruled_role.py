"""The role that a rule gives a client."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.rule import fitting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.credentials import KERNEL_FACTS
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["find_granted_role"])
def find_ruled_role(client: Item, bus: Snapshot) -> Verdict:
    """Choose the role of the last rule that fits; what a client says of itself can restrict it, never raise it."""
    for rule in reversed(fitting(bus.policy.rules, client)):
        if rule.role is None:
            continue
        is_proven = all(condition.key in KERNEL_FACTS for match in rule.matches for condition in match)
        if is_proven or rule.role.value == "restricted":
            return Choice(rule.role.value, f"rule {rule.name} says so")
    return Pass("no rule that may give it a role fits")
