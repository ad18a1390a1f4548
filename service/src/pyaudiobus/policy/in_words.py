"""Actions in words, a line each: what `audiobus policy check` prints and a product's tests expect."""

from __future__ import annotations

from pyaudiobus.model.snapshot import DEFAULT_SINK, Snapshot
from pyaudiobus.policy.actions import (
    Action,
    Duck,
    Hold,
    Keep,
    Link,
    Move,
    Pause,
    Retry,
    SetDefault,
    SetKeys,
    SetProfile,
    SetProperties,
    SetRole,
    SetRoute,
    SetVolume,
    Suspend,
    TurnDown,
)
from pyaudiobus.policy.loudness import gains_as_text


def in_words(action: Action, bus: Snapshot) -> str:
    """Return an action in words: "link music to dsp as mp3/44100/2"."""
    name = name_of(action.subject, bus)
    if isinstance(action, Link | Move):
        verb = "link" if isinstance(action, Link) else "move"
        form = f" as {action.format}" if action.format else ""
        return f"{verb} {name} to {name_of(action.target, bus)}{form}"
    if isinstance(action, Keep | Hold | TurnDown):
        return {Keep: f"keep {name} where it is", Hold: f"let {name} wait", TurnDown: f"refuse {name}"}[type(action)]
    return _of_sound(action, name, bus) or _of_device(action, name)


def _of_sound(action: Action, name: str, bus: Snapshot) -> str:
    if isinstance(action, SetVolume):
        return f"set the volume of {name} to {gains_as_text(action.gains)}"
    if isinstance(action, Duck):
        return f"duck {name} to {action.gain:g}" if action.gain != 1 else f"duck {name} no more"
    if isinstance(action, Pause):
        return f"{'pause' if action.paused else 'resume'} {name}"
    if isinstance(action, SetDefault):
        return f"make {name} the default {'sink' if action.key == DEFAULT_SINK else 'source'}"
    if isinstance(action, SetKeys):
        return f"let the volume keys change {name_of(int(action.name), bus)}"
    return ""


def _of_device(action: Action, name: str) -> str:
    if isinstance(action, SetRole):
        return f"let {name} be {action.role}"
    if isinstance(action, SetProperties):
        given = " ".join(key if value is None else f"{key}={value}" for key, value in action.changes)
        return f"set of {name}: {given}"
    if isinstance(action, Suspend):
        return f"suspend {name}"
    if isinstance(action, SetProfile | SetRoute):
        what, value = ("profile", action.profile) if isinstance(action, SetProfile) else ("route", action.route)
        return f"use {what} {value} of {name}"
    return f"try {name} again" if isinstance(action, Retry) else ""


def name_of(serial: int, bus: Snapshot) -> str:
    """Return the name of an object; its serial where it is not there, or has none."""
    found = bus.items.get(serial)
    return found.name if found is not None and found.name else str(serial)
