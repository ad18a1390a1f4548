"""Whether streams follow the default."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import place_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["stay_if_dont_reconnect"])
def stay_unless_following(stream: Item, bus: Snapshot) -> Verdict:
    """Leave a stream where it is though the default is another (linking.follow-default-target is off)."""
    if bus.settings.linking_follow_default_target:
        return Pass("streams follow the default")
    if bus.decided.get(("target by", stream.serial)) not in ("find_default_target", "find_best_target"):
        return Pass("what it follows is not the default")
    place = place_of(stream, bus)
    if place is None or refusal(stream, place, bus):
        return Pass("it cannot stay where it is")
    return Choice("stay", "streams do not follow the default (linking.follow-default-target is off)")
