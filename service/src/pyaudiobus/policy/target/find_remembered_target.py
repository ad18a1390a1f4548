"""Where somebody moved a stream like this one before."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.identity import stream_key
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import find_target
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_ruled_target"])
def find_remembered_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the target to which such a stream was moved by hand, if it can be had (linking.restore-targets)."""
    if not bus.settings.linking_restore_targets:
        return Pass("targets are not remembered (linking.restore-targets is off)")
    name = bus.memory.targets.get(stream_key(stream), "")
    if not name:
        return Pass("nobody moved such a stream")
    found = find_target(stream, name, bus)
    if found is None:
        return Pass(f"such a stream was moved to {name}, which is not there")
    if reason := refusal(stream, found, bus):
        return Pass(reason, (Rejected(found.serial, found.name, reason),))
    return Choice(found.serial, "such a stream was moved there before")
