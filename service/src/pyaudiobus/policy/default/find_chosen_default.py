"""The default that somebody chose."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.defaults import chosen_name, why_not_default
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import device_named
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook()
def find_chosen_default(subject: Item, bus: Snapshot) -> Verdict:
    """Choose what people made the default (audiobus default), while it can be used."""
    name = chosen_name(subject.name, bus)
    if not name:
        return Pass("nobody chose one")
    found = device_named(name, subject.name, bus)
    if found is None:
        return Pass(f"{name} was chosen and is not there")
    if reason := why_not_default(subject.name, found, bus):
        return Pass(reason, (Rejected(found.serial, found.name, reason),))
    return Choice(found.serial, "it was chosen")
