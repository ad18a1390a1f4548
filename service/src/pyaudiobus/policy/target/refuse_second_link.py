"""A stream that asked for it ends with its first device."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import STATE
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import DONT_RECONNECT, LINGER, is_set, place_of
from pyaudiobus.policy.verdict import Pass, Refuse, Verdict, Wait

BUFFERS = {"tlength", "fragsize"}
"""Facts of a stream that has had a device: its buffers were settled with it."""


@hook(after=["wait_unless_autoconnect"], before=["find_named_target"])
def refuse_second_link(stream: Item, bus: Snapshot) -> Verdict:
    """End what was linked once and does not want to be linked again (node.dont-reconnect)."""
    if not is_set(stream, DONT_RECONNECT):
        return Pass("it may be linked again")
    was_linked = stream.properties.get(STATE) == "linked" or bool(BUFFERS & stream.facts.keys())
    if not was_linked or place_of(stream, bus) is not None:
        return Pass("it has not lost what it was linked to")
    told = "what it was linked to is gone, and it wants nothing else (node.dont-reconnect)"
    if is_set(stream, LINGER):
        return Wait(f"{told}; it does not want to be ended (node.linger)")
    return Refuse(told, is_final=True)
