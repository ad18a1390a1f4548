"""The target that a rule in the policy file gives a stream."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.rule import fitting
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import find_target
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_named_target"])
def find_ruled_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the target of the last rule that fits the stream and names one."""
    rules = [rule for rule in fitting(bus.policy.rules, stream) if rule.target]
    if not rules:
        return Pass("no rule names a target for it")
    rule = rules[-1]
    found = find_target(stream, rule.target, bus)
    if found is None:
        return Pass(f"rule {rule.name} names {rule.target}, which is not there")
    if reason := refusal(stream, found, bus):
        return Pass(f"rule {rule.name}: {reason}", (Rejected(found.serial, found.name, reason),))
    return Choice(found.serial, f"rule {rule.name} says so")
