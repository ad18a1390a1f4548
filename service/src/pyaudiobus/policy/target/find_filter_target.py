"""Where a filter's own stream goes: to the next filter, then to what the filter is for."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.filters import filter_of, next_filter, target_of
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import DONT_FALLBACK, LINGER, is_set
from pyaudiobus.policy.verdict import Choice, Pass, Refuse, Rejected, Verdict, Wait


@hook(after=["find_group_target"])
def find_filter_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the next filter behind a smart filter, else that filter's own target (filter.smart.target)."""
    own = filter_of(stream, bus)
    if own is None:
        return Pass("it is no filter's stream")
    following = next_filter(own, bus)
    if following is not None and not refusal(stream, following, bus):
        return Choice(following.serial, f"{following.name} is the next filter behind {own.name}")
    wanted = target_of(own, bus)
    if wanted is None:
        return _without(stream, own)
    if reason := refusal(stream, wanted, bus):
        return Pass(reason, (Rejected(wanted.serial, wanted.name, reason),))
    return Choice(wanted.serial, f"{own.name} is a filter for it")


def _without(stream: Item, own: Item) -> Verdict:
    named = own.properties.get("filter.smart.target")
    if named and is_set(stream, DONT_FALLBACK) and is_set(stream, LINGER):
        return Wait(f"the filter's target {named} is not there, and it waits for that (node.linger)")
    if named and is_set(stream, DONT_FALLBACK):
        return Refuse(f"the filter's target {named} is not there, and it takes nothing else", is_final=True)
    return Pass(f"the filter's target {named} is not there" if named else f"{own.name} is a filter for any device")
