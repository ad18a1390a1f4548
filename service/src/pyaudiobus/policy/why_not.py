"""Why a stream is not where somebody expects it, in words, and how it would come there."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.decide import Decision, Step, ask_plainly
from pyaudiobus.policy.line import owner_of
from pyaudiobus.policy.offers import agreed, has_encoded, is_dsp
from pyaudiobus.policy.refusal import refusal, wrong_kind
from pyaudiobus.policy.streams import DONT_MOVE, is_set, place_of, players_on, why_unavailable
from pyaudiobus.policy.verdict import Choice


def why_not(stream: Item, device: Item, decision: Decision, bus: Snapshot, chains: Chains) -> list[str]:
    """Return the lines that tell why a stream is not on a device. `decision` is about its target."""
    verdict, place = decision.verdict, place_of(stream, bus)
    is_there = place is not None and place.serial == device.serial
    if is_there and isinstance(verdict, Choice) and verdict.value == device.serial:
        return [f"{stream.name} is on {device.name}: {verdict.reason}"]
    lines = [f"{stream.name} is not on {device.name}" if not is_there else f"{stream.name} is on {device.name} still"]
    reason = refusal(stream, device, bus)
    said = [step for step in decision.steps if any(one.serial == device.serial for one in step.outcome.rejected)]
    if reason:
        lines.append(f"  it cannot be: {reason}")
    lines += [f"  {step.hook} looked at it: {told}" for step in said if (told := _rejection(step, device)) != reason]
    if not reason:
        lines += _instead(stream, device, decision, bus, chains)
    way = _way_past(stream, device, bus) if reason else _way_to(stream, device, bus)
    return [*lines, f"  to have it there: {way}"] if way else lines


def _rejection(step: Step, device: Item) -> str:
    return next(one.reason for one in step.outcome.rejected if one.serial == device.serial)


def _instead(stream: Item, device: Item, decision: Decision, bus: Snapshot, chains: Chains) -> list[str]:
    """Say who decided before whoever would have chosen it."""
    later = [hook for hook in chains["target"].hooks if hook.name in decision.not_asked]
    wanting = [hook.name for hook in later if _chooses(ask_plainly(hook, stream, bus), device.serial)]
    told = f"  it would fit, but {decision.by or 'nobody'} decided: {decision.verdict.reason}"
    return [told, *(f"  {name} would choose it, and is asked later" for name in wanting)]


def _chooses(outcome: object, serial: int) -> bool:
    return isinstance(outcome, Choice) and outcome.value == serial


def _way_to(stream: Item, device: Item, bus: Snapshot) -> str:
    """Return what brings a stream to a device that it could have."""
    if stream.number("sync_group"):
        return "its program has to take it out of its group of streams, or begin the whole group there"
    if place_of(stream, bus) is not None and is_set(stream, DONT_MOVE):
        return "its program has to allow it to be moved (node.dont-move)"
    if not bus.settings.linking_allow_moving_streams:
        return "audiobus settings set linking.allow-moving-streams on, and move it"
    return f"audiobus move {_word(stream, bus)} {_word(device, bus)}"


def _way_past(stream: Item, device: Item, bus: Snapshot) -> str:
    """Return what removes the reason for which a stream cannot have a device; empty where nothing does."""
    others = [other for other in players_on(device, bus) if other.serial != stream.serial]
    if wrong_kind(stream, device) or device.properties.get("node.link-group"):
        return ""
    if why_unavailable(device):
        return f"{device.name} has to come back first (audiobus explain {_word(device, bus)})"
    if agreed(stream, device, bus)[1]:
        return "its program has to offer a format that is played there" + (
            "; play decodes with --decode" if has_encoded(stream, bus) else ""
        )
    if is_dsp(device, bus):
        owner = owner_of(device, bus)
        turn = "let it wait for its turn before it begins: audiobus settings set encoded.when-busy wait"
        return f"{turn}; or give it a more important role than {owner.name} has" if owner is not None else turn
    if others:
        return f"audiobus move {_word(others[0], bus)} elsewhere, or end it"
    return ""


def _word(item: Item, bus: Snapshot) -> str:
    """Return the name by which an object is found, if no other has it; else its serial."""
    alike = bus.items.among(("name", item.name))
    return item.name if item.name and len(alike) == 1 and " " not in item.name else str(item.serial)
