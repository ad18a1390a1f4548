"""Who is in line for a sink that plays one stream at a time, and what becomes of who has to wait."""

from __future__ import annotations

from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import WhenBusy
from pyaudiobus.model.snapshot import PLAYBACK, Snapshot
from pyaudiobus.policy.offers import Takes, has_encoded, has_pcm, is_dsp, offers_of, takes_of
from pyaudiobus.policy.streams import (
    AUTOCONNECT,
    DONT_FALLBACK,
    DONT_MOVE,
    DONT_RECONNECT,
    find_target,
    is_off,
    is_set,
    place_of,
    players_on,
    role_of,
    wanted_target,
    why_unavailable,
)
from pyaudiobus.policy.verdict import Refuse, Rejected, Verdict, Wait


def holder_of(sink: Item, bus: Snapshot) -> Item | None:
    """Return the stream that plays there now."""
    return next(iter(players_on(sink, bus)), None)


def line_for(sink: Item, bus: Snapshot) -> list[Item]:
    """List who wants a sink: the most important role first, and among equals who came first."""
    takes = takes_of(sink, bus)
    if why_unavailable(sink):
        return []
    encoded = bus.items.derived(_encoded, bus.policy, lambda: _encoded(bus))
    wanting = [stream for stream in encoded if _wants(stream, sink, takes, bus)]
    return sorted(wanting, key=lambda stream: (-role_of(stream, bus).priority, stream.serial))


def _wants(stream: Item, sink: Item, takes: Takes, bus: Snapshot) -> bool:
    """Tell whether a stream would play there if it could. One that plays decoded would where it can go back."""
    if not _fits(stream, takes, bus) or is_off(stream, AUTOCONNECT) or (stream.serial, sink.serial) in bus.failures:
        return False
    place = place_of(stream, bus)
    if any(
        owner == stream.serial and key[0] == "owner" and key[1] != sink.serial for key, owner in bus.decided.items()
    ):
        return place is not None and place.serial == sink.serial
    wanted, _ = wanted_target(stream, bus)
    named = find_target(stream, wanted, bus) if wanted else None
    if named is not None:
        return named.serial == sink.serial
    if wanted and is_set(stream, DONT_FALLBACK):
        return False
    return place is None or place.serial == sink.serial or (is_decoded(stream, bus) and not why_it_stays(stream, bus))


def is_decoded(stream: Item, bus: Snapshot) -> bool:
    """Tell whether a stream plays decoded what could be played undecoded."""
    place = place_of(stream, bus)
    return place is not None and has_encoded(stream, bus) and not is_dsp(place, bus)


def why_it_stays(stream: Item, bus: Snapshot) -> str:
    """Return why a stream that plays decoded stays so though a DSP may be free; empty where it would go there."""
    if not bus.settings.encoded_return:
        return "what plays decoded stays so (encoded.return is off)"
    if stream.facts.get("may_return") is not True:
        losses = stream.number("losses")
        failed = f"its device has failed ({losses} times in this track)"
        return failed if losses else "its program cannot go on undecoded in the middle"
    for key in (DONT_MOVE, DONT_RECONNECT):
        if is_set(stream, key):
            return f"it does not want to be moved ({key})"
    if stream.number("sync_group"):
        return "it belongs to a group of streams that sound together"
    if stream.facts.get("corked") is True or stream.facts.get("held") is True:
        return "it is paused; a DSP is for who is heard"
    return ""


def _encoded(bus: Snapshot) -> tuple[Item, ...]:
    return tuple(stream for stream in bus.nodes(PLAYBACK) if has_encoded(stream, bus))


def _fits(stream: Item, takes: Takes, bus: Snapshot) -> bool:
    codecs = takes.codecs
    offers = (offer for offer in offers_of(stream, bus) if isinstance(offer, EncodedFormat))
    return any(offer.codec.value in codecs or "encoded" in codecs for offer in offers)


def owner_of(sink: Item, bus: Snapshot) -> Item | None:
    """Return whose a sink is: as this plan has decided, else who plays there."""
    owner = bus.decided.get(("owner", sink.serial))
    return bus.items.get(owner) if isinstance(owner, int) else holder_of(sink, bus)


def verdict_in_line(stream: Item, sink: Item, bus: Snapshot) -> Verdict | None:
    """Return what becomes of a stream that wants a sink which is another's; None: it is decoded, or wants another."""
    owner = owner_of(sink, bus)
    if owner is None or owner.serial == stream.serial or not is_dsp(sink, bus):
        return None
    line = [other.serial for other in line_for(sink, bus)]
    if stream.serial not in line or is_decoded(stream, bus):
        return None
    holder = holder_of(sink, bus)
    is_holder = holder is not None and holder.serial == stream.serial
    is_preempted = is_holder or stream.facts.get("parked") is True
    wish = bus.settings.encoded_preempted if is_preempted else bus.settings.encoded_when_busy
    told = f"{sink.name} plays {owner.name}, and one encoded stream at a time"
    if is_preempted and role_of(owner, bus).priority > role_of(stream, bus).priority:
        told = f"{owner.name} took {sink.name}, as its role {role_of(owner, bus).name} is more important"
    rejected = (Rejected(sink.serial, sink.name, told),)
    if has_pcm(stream, bus) and (wish is WhenBusy.DECODE or (is_preempted and not can_wait(stream))):
        return None
    if wish is WhenBusy.REFUSE:
        return Refuse(told, rejected=rejected)
    return Wait(f"{told}; it is {_place_in(line, owner.serial, stream.serial)} in line", rejected=rejected)


def can_wait(stream: Item) -> bool:
    """Tell whether a stream that has a DSP can go on later where it left it: where its frames lie has to be known."""
    return stream.facts.get("can_wait") is not False


def _place_in(line: list[int], owner: int, stream: int) -> str:
    waiting = [other for other in line if other != owner]
    number = waiting.index(stream) + 1
    return {1: "first", 2: "second", 3: "third"}.get(number, f"number {number}")
