"""The target a stream names, or that somebody gave it."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import verdict_in_line
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import DONT_FALLBACK, LINGER, find_target, is_playback, is_set, wanted_target
from pyaudiobus.policy.verdict import Choice, Pass, Refuse, Rejected, Verdict, Wait


@hook()
def find_named_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the target that metadata or the stream itself names (target.object), if it can be had."""
    wanted, who = wanted_target(stream, bus)
    if not wanted:
        return Pass("it names no target")
    found = find_target(stream, wanted, bus)
    if found is None:
        what = "sink" if is_playback(stream) else "source"
        return _without(stream, f"there is no {what} {wanted!r}")
    reason = refusal(stream, found, bus)
    if not reason:
        return Choice(found.serial, f"{who} ({wanted})")
    rejected = (Rejected(found.serial, found.name, reason),)
    return verdict_in_line(stream, found, bus) or _without(stream, reason, rejected)


def _without(stream: Item, reason: str, rejected: tuple[Rejected, ...] = ()) -> Verdict:
    """Say what becomes of a stream that does not get what it names."""
    if not is_set(stream, DONT_FALLBACK):
        return Pass(reason, rejected)
    if is_set(stream, LINGER):
        return Wait(f"{reason}, and it waits for that (node.linger)", rejected=rejected)
    return Refuse(f"{reason}, and it takes nothing else (node.dont-fallback)", is_final=True, rejected=rejected)
