"""A stream that its program links by itself is left alone."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.streams import AUTOCONNECT, is_off
from pyaudiobus.policy.verdict import Pass, Verdict, Wait


@hook(before=["find_named_target"])
def wait_unless_autoconnect(stream: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001  # every hook has these arguments
    """Leave alone what does not want to be linked (node.autoconnect is off)."""
    if is_off(stream, AUTOCONNECT):
        return Wait("it is linked by its own program (node.autoconnect is off)")
    return Pass("it wants to be linked")
