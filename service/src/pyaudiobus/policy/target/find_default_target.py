"""The default sink or source."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import default_for, is_playback
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["find_dsp_target"])
def find_default_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the default sink or source, if it fits this stream."""
    what = "sink" if is_playback(stream) else "source"
    found = default_for(stream, bus)
    if found is None:
        return Pass(f"no default {what} is there")
    if reason := refusal(stream, found, bus):
        return Pass(reason, (Rejected(found.serial, found.name, reason),))
    return Choice(found.serial, f"it is the default {what}")
