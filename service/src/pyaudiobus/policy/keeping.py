"""The part of a plan about what is there before any stream: rules, clients, cards, defaults, power."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.policy import ATTEMPT, MARKS
from pyaudiobus.model.rule import Rule, as_text, fitting
from pyaudiobus.model.snapshot import BUS
from pyaudiobus.policy.actions import Retry, SetDefault, SetProfile, SetProperties, SetRole, SetRoute, Suspend
from pyaudiobus.policy.credentials import governor
from pyaudiobus.policy.device_words import current
from pyaudiobus.policy.draft import Draft
from pyaudiobus.policy.power_state import is_asleep
from pyaudiobus.policy.pseudo import named_subject
from pyaudiobus.policy.streams import DEFAULT_KEYS, UNUSABLE, device_named, is_device, is_stream
from pyaudiobus.policy.verdict import Choice, Wait

RULED_KINDS = ("node", "client", "device")
FIXED = ("media.class",)
"""Properties that are the bus's own."""


def apply_rules(draft: Draft) -> None:
    """Give objects the properties that rules say."""
    if not draft.bus.policy.rules:
        return
    for kind in RULED_KINDS:
        for item in draft.bus.of_kind(kind):
            if draft.concerns(item.serial):
                _rule(draft, item)


def _rule(draft: Draft, item: Item) -> None:
    rules = fitting(draft.bus.policy.rules, item)
    changes = _changes(rules, item)
    if not changes:
        return
    names = ", ".join(rule.name for rule in rules if rule.properties)
    action = SetProperties(item.serial, tuple(sorted(changes.items())), f"rule {names} says so", "")
    after = item.replace(properties={**item.properties, **{k: v for k, v in changes.items() if v is not None}})
    back = _changes(fitting(draft.bus.policy.rules, after), after)
    if any(key in changes for key in back):
        draft.notes.append(f"rules contradict each other about {item.name} ({item.serial}): {', '.join(sorted(back))}")
        return
    draft.do(action)


def _changes(rules: list[Rule], item: Item) -> dict[str, str | None]:
    wanted: dict[str, str | None] = {}
    for rule in rules:
        wanted.update(rule.properties)
    return {
        key: value
        for key, value in wanted.items()
        if item.properties.get(key) != value and key not in FIXED and not key.startswith(MARKS)
    }


def grant_roles(draft: Draft) -> None:
    """Say what clients may do. The session manager stays what it is: nobody else could make it a manager again."""
    own = governor(draft.bus)
    for client in draft.bus.of_kind("client"):
        if draft.concerns(client.serial) and (own is None or client.serial != own.serial):
            _grant(draft, client)


def _grant(draft: Draft, client: Item) -> None:
    decision = draft.decide(client, "access")
    verdict = decision.verdict
    if not isinstance(verdict, Choice) or not isinstance(verdict.value, str):
        return
    if as_text(client.facts.get("role")) != verdict.value:
        draft.do(SetRole(client.serial, verdict.value, verdict.reason, decision.id))


def set_up_devices(draft: Draft) -> None:
    """Bring cards into their profiles and routes, and try again those that failed."""
    is_stream_news = _is_stream_news(draft)
    for item in (*draft.bus.of_kind("device"), *draft.bus.nodes()):
        is_failed = item.state in UNUSABLE
        if not draft.concerns(item.serial) and not (is_failed and is_stream_news):
            continue
        is_card = item.kind == "device"
        if item.owner == 0 and is_failed and (is_card or is_device(item)):
            _retry(draft, item)
        elif is_card:
            _set_profile(draft, item)
        if ATTEMPT in item.properties and not is_failed:  # when it fails again, that is another story
            draft.do(SetProperties(item.serial, ((ATTEMPT, None),), "it can be used again", ""))
        if "routes" in item.facts:
            _set_route(draft, item)


def _is_stream_news(draft: Draft) -> bool:
    """Tell whether a stream is new or different: it may need a device that is not tried any more."""
    news = (draft.bus.items.get(serial) for serial in draft.dirty or ())
    return any(item is not None and is_stream(item) for item in news)


def _set_profile(draft: Draft, device: Item) -> None:
    decision = draft.decide(device, "profile")
    verdict = decision.verdict
    if isinstance(verdict, Choice) and verdict.value != current(device, "profile"):
        draft.do(SetProfile(device.serial, str(verdict.value), verdict.reason, decision.id))


def _set_route(draft: Draft, device: Item) -> None:
    decision = draft.decide(device, "route")
    verdict = decision.verdict
    if isinstance(verdict, Choice) and verdict.value != current(device, "route"):
        draft.do(SetRoute(device.serial, str(verdict.value), verdict.reason, decision.id))


def _retry(draft: Draft, device: Item) -> None:
    decision = draft.decide(device, "retry")
    verdict = decision.verdict
    if isinstance(verdict, Choice) and isinstance(verdict.value, int):
        draft.do(Retry(device.serial, verdict.value, verdict.reason, decision.id))
        verdict = draft.decide(draft.bus.items[device.serial], "retry").verdict
    if isinstance(verdict, Wait):
        draft.wake(verdict.until)


def choose_defaults(draft: Draft) -> None:
    """Choose the default sink and source."""
    if not draft.concerns(BUS):
        return
    for number, key in enumerate(DEFAULT_KEYS):
        decision = draft.decide(named_subject(key), "default")
        verdict = decision.verdict
        chosen = verdict.value if isinstance(verdict, Choice) else None
        name = draft.bus.items[chosen].name if isinstance(chosen, int) else ""
        meant = device_named(name, key, draft.bus) if name else None  # where two have it, the name means one of them
        draft.settle("default", number, None if meant is None else meant.serial)
        if isinstance(chosen, int) and draft.bus.entry(BUS, key) != name:
            draft.do(SetDefault(chosen, key, name, verdict.reason, decision.id))


def put_to_sleep(draft: Draft) -> None:
    """Close devices that nothing uses."""
    for device in draft.bus.nodes():
        if not is_device(device) or device.owner != 0 or is_asleep(device):
            continue
        if not (device.state == "idle" or draft.concerns(device.serial)):
            continue  # it is used, as before
        decision = draft.decide(device, "power")
        verdict = decision.verdict
        if isinstance(verdict, Choice):
            draft.do(Suspend(device.serial, verdict.reason, decision.id))
        elif isinstance(verdict, Wait):
            draft.wake(verdict.until)
