"""The volume keys belong to the default sink while nothing important is heard."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import DEFAULT_SINK, Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import default_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["follow_active_role"])
def follow_default_sink(subject: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Choose the default sink."""
    sink = default_of(DEFAULT_SINK, bus)
    return Pass("there is no default sink") if sink is None else Choice(sink.serial, "it is the default sink")
