"""The part of a plan that says where streams are: targets, filters, moves, waiting, refusals."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import REASON, STATE
from pyaudiobus.model.snapshot import SINK, Snapshot
from pyaudiobus.policy.actions import Action, Hold, Keep, Link, Move, TurnDown
from pyaudiobus.policy.decide import Decision
from pyaudiobus.policy.draft import Draft
from pyaudiobus.policy.line import holder_of, line_for
from pyaudiobus.policy.offers import agreed, is_dsp
from pyaudiobus.policy.refusal import refusal
from pyaudiobus.policy.streams import (
    EXCLUSIVE,
    PASSIVE,
    best_first,
    default_for,
    is_available,
    is_device,
    is_playback,
    is_set,
    place_of,
    players_on,
    role_of,
    streams,
)
from pyaudiobus.policy.verdict import Choice, Refuse, Wait


def place_streams(draft: Draft) -> None:
    """Decide whose each DSP is, then where each stream is that is concerned."""
    wanted = {stream.serial for stream in streams(draft.bus) if draft.concerns(stream.serial)} | _elsewhere(draft)
    for sink in best_first(draft.bus.nodes(SINK)):
        if is_dsp(sink, draft.bus):
            wanted |= _share(draft, sink, wanted)
    before = len(draft.actions)
    for stream in _in_turn(draft, wanted):
        _place(draft, stream.serial)
    moved = {action.subject for action in draft.actions[before:] if isinstance(action, Link | Move)}
    for serial in _disturbed(moved, wanted, draft.bus):
        draft.forget(serial, ("target", "filter", "move"))
        _place(draft, serial)


def _disturbed(moved: set[int], wanted: set[int], bus: Snapshot) -> list[int]:
    """Return the streams that have to look again: who wants to be alone at who has come, the rest at who is alone."""
    alone = {stream.serial for stream in bus.items.among(("exclusive", 1)) if is_set(stream, EXCLUSIVE)}
    if not moved or not alone:
        return []
    return sorted((wanted | alone if moved & alone else alone) - moved)


def _elsewhere(draft: Draft) -> set[int]:
    """Return the streams that are not on their default, where there is news of a device: somebody may have left it."""
    bus = draft.bus
    news = (bus.items.get(serial) for serial in draft.dirty or ())
    if not any(item is not None and is_device(item) for item in news):
        return set()
    away = (stream for stream in streams(bus) if place_of(stream, bus) is None)
    elsewhere = (stream for stream in streams(bus) if place_of(stream, bus) is not default_for(stream, bus))
    return {stream.serial for stream in (*away, *elsewhere)}


def _share(draft: Draft, sink: Item, wanted: set[int]) -> set[int]:
    """Decide whose a DSP is; return the streams for which that may be news."""
    line = {stream.serial for stream in line_for(sink, draft.bus)}
    concerned = line | {stream.serial for stream in players_on(sink, draft.bus)}
    if not draft.concerns(sink.serial) and not concerned & wanted:
        return set()
    decision = draft.decide(sink, "owner")
    owner = decision.verdict.value if isinstance(decision.verdict, Choice) else None
    draft.settle("owner", sink.serial, owner)
    return concerned


def _in_turn(draft: Draft, wanted: set[int]) -> list[Item]:
    """Sort streams: first those that have to leave a DSP, then by role, then by age, whatever came first just now."""
    leaving = set()
    for (question, sink), owner in draft.bus.decided.items():
        found = draft.bus.items.get(sink) if question == "owner" else None
        holder = None if found is None else holder_of(found, draft.bus)
        if holder is not None and holder.serial != owner:
            leaving.add(holder.serial)
    known = [draft.bus.items[serial] for serial in wanted if serial in draft.bus.items]
    bus = draft.bus
    return sorted(
        known,
        key=lambda stream: (
            stream.serial not in leaving,
            place_of(stream, bus) is None,
            -role_of(stream, bus).priority,
            stream.serial,
        ),
    )


def _place(draft: Draft, serial: int) -> None:
    stream = draft.bus.items.get(serial)
    if stream is None:
        return
    decision = draft.decide(stream, "target")
    if isinstance(decision.verdict, Choice) and isinstance(decision.verdict.value, int):
        draft.settle("target", serial, decision.verdict.value)
        draft.settle("target by", serial, decision.by)
        _bring(draft, stream, decision)
    else:
        _leave(draft, stream, decision)


def _bring(draft: Draft, stream: Item, decision: Decision) -> None:
    """Link or move a stream to its target, through a filter where there is one."""
    bus, reason, told = draft.bus, decision.verdict.reason, decision.id
    target = bus.items[draft.bus.decided["target", stream.serial]]  # type: ignore[index]  # _place has put it there
    inserted = draft.decide(stream, "filter").verdict
    if isinstance(inserted, Choice) and isinstance(inserted.value, int):
        target, reason = bus.items[inserted.value], inserted.reason
    place = place_of(stream, bus)
    form, _ = agreed(stream, target, bus)
    if place is None:
        draft.do(Link(stream.serial, target.serial, form, reason, told, is_set(stream, PASSIVE)))
    elif place.serial == target.serial:
        _mark(draft, stream, Keep(stream.serial, reason, told))
    else:
        may = draft.decide(stream, "move")
        if isinstance(may.verdict, Choice) and may.verdict.value == "move":
            draft.do(Move(stream.serial, target.serial, form, reason, told))
        else:
            _stay(draft, stream, place, may)


def _stay(draft: Draft, stream: Item, place: Item, decision: Decision) -> None:
    """Leave a stream where it is, or let it wait there for its device."""
    reason = decision.verdict.reason
    if is_available(place):
        _mark(draft, stream, Keep(stream.serial, reason, decision.id))
    else:
        _mark(draft, stream, Hold(stream.serial, f"{place.name} is away, and {reason}", decision.id))


def _leave(draft: Draft, stream: Item, decision: Decision) -> None:
    """Follow a verdict that names no target. Who plays where he may plays on."""
    verdict, place = decision.verdict, place_of(stream, draft.bus)
    if place is not None and not refusal(stream, place, draft.bus):
        _mark(draft, stream, Keep(stream.serial, verdict.reason, decision.id))
        return
    if isinstance(verdict, Refuse):
        _mark(draft, stream, TurnDown(stream.serial, verdict.reason, decision.id, verdict.is_final))
        return
    until = verdict.until if isinstance(verdict, Wait) else None
    draft.wake(until)
    unlink = place is not None and is_available(place)
    _mark(draft, stream, Hold(stream.serial, verdict.reason, decision.id, until, unlink))


def _mark(draft: Draft, stream: Item, action: Action) -> None:
    """Do what changes nothing but what is told only where that is something else."""
    is_told = (action.marks()[STATE], action.reason) in _told(stream, draft.bus)
    if not is_told or (isinstance(action, Hold) and action.unlink):
        draft.do(action)


def _told(stream: Item, bus: Snapshot) -> list[tuple[str, str]]:
    """Return what the bus tells of where a stream is, and why: by its marks, else on its link, or what it waits for."""
    properties = stream.properties
    if STATE in properties:
        return [(properties[STATE], properties.get(REASON, ""))]
    links = bus.links_from(stream.serial) if is_playback(stream) else bus.links_into(stream.serial)
    told = [("linked", str(link.facts.get("reason"))) for link in links]
    told.append(("waiting", str(stream.facts.get("waits"))))
    return told
