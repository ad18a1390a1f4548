"""What nothing holds goes where it belongs."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Verdict


@hook(after=["stay_unless_following"])
def move_to_target(stream: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Take a stream to its target."""
    return Choice("move", "nothing holds it where it is")
