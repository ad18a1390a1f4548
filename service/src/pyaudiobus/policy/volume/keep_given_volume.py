"""A stream whose program says how loud it is."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.loudness import gains_of
from pyaudiobus.policy.streams import is_stream
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook()
def keep_given_volume(node: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Leave a stream at the volume its program gave it."""
    gains = gains_of(node)
    if is_stream(node) and any(gain != 1 for gain in gains):
        return Choice(gains, "its program gave it that volume")
    return Pass("nobody gave it a volume")
