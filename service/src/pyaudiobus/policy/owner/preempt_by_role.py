"""A more important role takes the DSP."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import can_wait, holder_of, line_for
from pyaudiobus.policy.offers import has_pcm
from pyaudiobus.policy.streams import role_of
from pyaudiobus.policy.verdict import Choice, Pass, Verdict


@hook(after=["keep_exclusive_owner"])
def preempt_by_role(sink: Item, bus: Snapshot) -> Verdict:
    """Give a sink to the first in line if its role has a higher priority than who plays there (encoded.preempt)."""
    if not bus.settings.encoded_preempt:
        return Pass("nobody is sent away (encoded.preempt is off)")
    holder, line = holder_of(sink, bus), line_for(sink, bus)
    if holder is None or not line:
        return Pass("nobody plays there" if holder is None else "nobody waits for it")
    first, mine = role_of(line[0], bus), role_of(holder, bus)
    if first.priority <= mine.priority:
        return Pass(f"nobody who waits is more important than {holder.name}")
    if not has_pcm(holder, bus) and not can_wait(holder):
        return Pass(f"{holder.name} can neither be decoded nor go on later where it was")
    told = f"role {first.name} ({first.priority}) comes before {mine.name or 'no role'} ({mine.priority})"
    return Choice(line[0].serial, told)
