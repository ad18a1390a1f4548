"""The defaults that were chosen before, the latest first."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.defaults import why_not_default
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import device_named
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_chosen_default"])
def find_remembered_default(subject: Item, bus: Snapshot) -> Verdict:
    """Choose what was the default most recently and can be used now (default.remember)."""
    if not bus.settings.default_remember:
        return Pass("earlier choices are not remembered (default.remember is off)")
    rejected: list[Rejected] = []
    for name in bus.memory.defaults.get(subject.name, ()):
        found = device_named(name, subject.name, bus)
        reason = f"{name} is not there" if found is None else why_not_default(subject.name, found, bus)
        if found is not None and not reason:
            return Choice(found.serial, "it was chosen before", tuple(rejected))
        rejected.append(Rejected(found.serial if found else 0, name, reason))
    return Pass("; ".join(one.reason for one in rejected) or "none was chosen before", tuple(rejected))
