"""A DSP for a stream that can be played undecoded."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.line import verdict_in_line, why_it_stays
from pyaudiobus.policy.offers import agreed, has_encoded, is_dsp
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import best_first, devices_for, is_playback, place_of
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Verdict, Wait


@hook(after=["find_role_target"])
def find_dsp_target(stream: Item, bus: Snapshot) -> Verdict:
    """Choose the best DSP that is free and plays an encoded format of the stream, or let it wait for one."""
    if not is_playback(stream) or not has_encoded(stream, bus):
        return Pass("it offers nothing encoded")
    place = place_of(stream, bus)
    if place is not None and not is_dsp(place, bus):
        return _way_back(stream, bus)
    sinks = [sink for sink in best_first(devices_for(stream, bus)) if is_dsp(sink, bus)]
    if place is not None and place in sinks:
        sinks = [place, *(sink for sink in sinks if sink.serial != place.serial)]
    return _first_free(stream, sinks, bus)


def _way_back(stream: Item, bus: Snapshot) -> Verdict:
    """Choose a DSP for what plays decoded, if it can go on there and one is free; it waits for none."""
    if reason := why_it_stays(stream, bus):
        return Pass(f"it plays decoded, and goes on so: {reason}")
    verdict = _first_free(stream, [sink for sink in best_first(devices_for(stream, bus)) if is_dsp(sink, bus)], bus)
    if isinstance(verdict, Choice):
        return verdict
    return Pass(f"it plays decoded until a DSP is free: {verdict.reason}", verdict.rejected)


def _first_free(stream: Item, sinks: list[Item], bus: Snapshot) -> Verdict:
    rejected: list[Rejected] = []
    waits: list[Verdict] = []
    for sink in sinks:
        reason = refusal(stream, sink, bus)
        if not reason:
            return Choice(sink.serial, f"it plays {agreed(stream, sink, bus)[0]} undecoded", tuple(rejected))
        rejected.append(Rejected(sink.serial, sink.name, reason))
        if (verdict := verdict_in_line(stream, sink, bus)) is not None:
            waits.append(verdict)
    if waits:
        first = next((verdict for verdict in waits if isinstance(verdict, Wait)), waits[0])
        return first.replace(rejected=tuple(rejected))
    return Pass("; ".join(one.reason for one in rejected) or "there is no DSP", tuple(rejected))
