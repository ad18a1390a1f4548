"""The part of a plan that says how streams sound: roles, volumes, volume keys."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import CORKED, DUCKED_FROM, DUCKED_TO, SETTLED, STATE
from pyaudiobus.model.snapshot import BUS, PLAYBACK
from pyaudiobus.policy.actions import Cork, SetKeys, SetProperties, SetVolume
from pyaudiobus.policy.decide import Decision
from pyaudiobus.policy.draft import Draft
from pyaudiobus.policy.loudness import gains_as_text, gains_of, parse_gains, scaled
from pyaudiobus.policy.meetings import duck_level, is_active
from pyaudiobus.policy.pseudo import named_subject
from pyaudiobus.policy.streams import VOLUME_KEYS, is_device, place_of, role_of
from pyaudiobus.policy.verdict import Choice

Noted = tuple[tuple[str, str | None], ...]


def set_first_volumes(draft: Draft) -> None:
    """Give new sinks and streams the volume they begin with; what plays already is left as it is found."""
    for node in draft.bus.nodes():
        if "volume" in node.facts and draft.concerns(node.serial) and _is_new(draft, node):
            _settle(draft, node)


def _is_new(draft: Draft, node: Item) -> bool:
    if is_device(node):
        return SETTLED not in node.properties
    is_adopted = draft.dirty is None and node.state == "running"
    return STATE not in node.properties and not is_adopted


def _settle(draft: Draft, node: Item) -> None:
    decision = draft.decide(node, "volume")
    noted: Noted = ((SETTLED, "yes"),) if is_device(node) else ()
    verdict = decision.verdict
    if isinstance(verdict, Choice) and isinstance(verdict.value, tuple) and verdict.value != gains_of(node):
        ramp = draft.bus.settings.volume_ramp
        draft.do(SetVolume(node.serial, verdict.value, ramp, verdict.reason, decision.id, noted=noted))
    elif noted:
        draft.do(SetProperties(node.serial, noted, verdict.reason, decision.id))


def meet_roles(draft: Draft) -> None:
    """Decide what becomes of each stream beside others, the most important first, as they silence the rest."""
    has_roles = bool(draft.bus.policy.roles)
    playing = [stream for stream in draft.bus.nodes(PLAYBACK) if has_roles or _is_marked(stream)]
    bus = draft.bus
    for stream in sorted(playing, key=lambda one: (-role_of(one, bus).priority, -one.serial)):
        if place_of(stream, draft.bus) is not None:
            _meet(draft, draft.bus.items[stream.serial])


def _is_marked(stream: Item) -> bool:
    return CORKED in stream.properties or DUCKED_FROM in stream.properties


def _meet(draft: Draft, stream: Item) -> None:
    decision = draft.decide(stream, "role")
    verdict = decision.verdict
    answer = verdict.value if isinstance(verdict, Choice) else "mix"
    if answer in ("cork", "pause"):
        if CORKED not in stream.properties and is_active(stream, draft.bus):
            by_player = answer == "pause"
            draft.do(Cork(stream.serial, corked=True, reason=verdict.reason, decision=decision.id, by_player=by_player))
        return
    if CORKED in stream.properties:
        draft.do(Cork(stream.serial, corked=False, reason=verdict.reason, decision=decision.id))
        stream = draft.bus.items[stream.serial]
    if "volume" in stream.facts:
        _duck(draft, stream, decision, is_ducked=answer == "duck")


def _duck(draft: Draft, stream: Item, decision: Decision, *, is_ducked: bool) -> None:
    """Make a stream softer, or as loud as it was. Who changed the volume meanwhile has the last word."""
    present, told = gains_of(stream), stream.properties.get(DUCKED_FROM)
    is_untouched = told is not None and stream.properties.get(DUCKED_TO) == gains_as_text(present)
    original = parse_gains(told) if told is not None and is_untouched else present
    if is_ducked:
        if told is not None and not is_untouched:
            return
        gains = scaled(original, duck_level(stream, draft.bus))
        noted: Noted = ((DUCKED_FROM, gains_as_text(original)), (DUCKED_TO, gains_as_text(gains)))
    elif told is not None:
        gains, noted = original, ((DUCKED_FROM, None), (DUCKED_TO, None))
    else:
        return
    if gains != present or not is_ducked:
        ramp = draft.bus.settings.role_ramp
        draft.do(SetVolume(stream.serial, gains, ramp, decision.verdict.reason, decision.id, noted=noted))


def give_keys(draft: Draft) -> None:
    """Decide what the volume keys change."""
    decision = draft.decide(named_subject(VOLUME_KEYS), "keys")
    verdict = decision.verdict
    if isinstance(verdict, Choice) and isinstance(verdict.value, int):
        name = str(verdict.value)
        if draft.bus.entry(BUS, VOLUME_KEYS) != name:
            draft.do(SetKeys(BUS, name, verdict.reason, decision.id))
