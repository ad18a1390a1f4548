"""The part of a plan that says how streams sound: roles, volumes, volume keys."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import SETTLED
from pyaudiobus.model.snapshot import BUS, PLAYBACK
from pyaudiobus.policy.actions import Duck, Pause, SetKeys, SetProperties, SetVolume
from pyaudiobus.policy.draft import Draft
from pyaudiobus.policy.loudness import gains_of
from pyaudiobus.policy.meetings import duck_level, has_rival, is_active
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
    """Tell whether it was never heard: what plays already is left as it is found."""
    if is_device(node):
        return SETTLED not in node.properties
    return place_of(node, draft.bus) is None


def _settle(draft: Draft, node: Item) -> None:
    decision = draft.decide(node, "volume")
    noted: Noted = ((SETTLED, "yes"),) if is_device(node) else ()
    verdict = decision.verdict
    if not isinstance(verdict, Choice) or not isinstance(verdict.value, tuple):
        return
    if verdict.value != gains_of(node):
        ramp = draft.bus.settings.volume_ramp
        draft.do(SetVolume(node.serial, verdict.value, ramp, verdict.reason, decision.id, noted=noted))
    elif noted:
        draft.do(SetProperties(node.serial, noted, verdict.reason, decision.id))


def meet_roles(draft: Draft) -> None:
    """Decide what becomes of each stream beside others, the most important first, as they silence the rest."""
    bus = draft.bus
    for stream in sorted(bus.nodes(PLAYBACK), key=lambda one: (-role_of(one, bus).priority, -one.serial)):
        is_met = _is_touched(stream) or has_rival(stream, draft.bus)
        if is_met and place_of(stream, draft.bus) is not None:
            _meet(draft, draft.bus.items[stream.serial])


def _is_touched(stream: Item) -> bool:
    return stream.facts.get("held") is True or "duck" in stream.facts


def _meet(draft: Draft, stream: Item) -> None:
    decision = draft.decide(stream, "role")
    verdict = decision.verdict
    answer = verdict.value if isinstance(verdict, Choice) else "mix"
    is_held = stream.facts.get("held") is True
    if answer in ("cork", "pause"):
        if not is_held and is_active(stream, draft.bus):
            draft.do(Pause(stream.serial, True, verdict.reason, decision.id))  # noqa: FBT003
        return
    if is_held:
        draft.do(Pause(stream.serial, False, verdict.reason, decision.id))  # noqa: FBT003
    gain = duck_level(stream, draft.bus) if answer == "duck" else 1.0
    if stream.facts.get("duck", 1.0) != gain:
        draft.do(Duck(stream.serial, gain, draft.bus.settings.role_ramp, verdict.reason, decision.id))


def give_keys(draft: Draft) -> None:
    """Decide what the volume keys change."""
    decision = draft.decide(named_subject(VOLUME_KEYS), "keys")
    verdict = decision.verdict
    if isinstance(verdict, Choice) and isinstance(verdict.value, int):
        name = str(verdict.value)
        if draft.bus.entry(BUS, VOLUME_KEYS) != name:
            draft.do(SetKeys(BUS, name, verdict.reason, decision.id))
