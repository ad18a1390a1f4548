"""A free DSP goes to who waits for it."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import line_for
from pyaudiobus.policy.streams import role_of
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict


@hook(after=["keep_owner"])
def choose_first_in_line(sink: Item, bus: Snapshot) -> Verdict:
    """Give a free sink to the most important role that wants it, and among equals to who came first."""
    line = line_for(sink, bus)
    if not line:
        return Pass("nobody wants it")
    first = role_of(line[0], bus)
    rejected = tuple(Rejected(other.serial, other.name, _why_later(line[0], other, bus)) for other in line[1:])
    told = f"of {len(line)} that want it, its role {first.name} is the most important" if rejected else "it wants it"
    return Choice(line[0].serial, told if first.name or not rejected else "it came first", rejected)


def _why_later(first: Item, other: Item, bus: Snapshot) -> str:
    mine, theirs = role_of(other, bus), role_of(first, bus)
    if mine.priority < theirs.priority:
        return f"its role {mine.name or 'none'} ({mine.priority}) comes after {theirs.name} ({theirs.priority})"
    return f"it came after {first.name}"
