"""The policy file: its schema, and how it is read. Scripts are in policy_scripts.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from pyaudiobus.config.conditions import Matches
from pyaudiobus.config.document import Node, parse_document, read_text
from pyaudiobus.config.identities import GroupId, UserId
from pyaudiobus.config.mistakes import Notes, nearest, quoted
from pyaudiobus.config.readers import (
    Key,
    ListOf,
    NamedEntries,
    OneOf,
    Reader,
    TableOf,
    Text,
    Unreadable,
    Whole,
    is_absent,
    refuse,
    scalar,
    table_entries,
)
from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.policy import DevicePolicy, Meeting, PolicySettings, Settings, StreamRole
from pyaudiobus.model.rule import Condition, Grant, Rule
from pyaudiobus.model.settings import SETTINGS, Setting, SettingValue
from pyaudiobus.policy.builtin import HOOKS
from pyaudiobus.policy.presets import PRESETS

__all__ = ["load_policy", "parse_policy", "policy_schema"]

MOST_PRIORITY = 1000


def load_policy(path: str, hooks: Collection[str] = ()) -> PolicySettings:
    """Read a policy file; `hooks` are those of scripts. FileMistakes tells all that is wrong with it; UserError."""
    return parse_policy(read_text(path), path, hooks)


def parse_policy(data: bytes, path: str, hooks: Collection[str] = ()) -> PolicySettings:
    """Read a policy file's bytes; `path` is what mistakes and places name."""
    notes = Notes(path)
    root = parse_document(data, notes)
    settings = PolicySettings()
    if root is not None:
        try:
            settings = policy_schema(hooks).read(root, notes)
        except Unreadable:
            settings = PolicySettings()
    notes.check()
    return settings.replace(path=path)


class _Hook:
    """The name of a hook, with its question where two have it."""

    form = "a hook's name, as `audiobus policy order` shows it"

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def read(self, node: Node, notes: Notes) -> str:
        """Return the name."""
        text = scalar(node, notes, self.form).text
        if text not in self._names:
            raise refuse(node, notes, f"there is no hook {quoted(text)}{nearest(text, self._names)}")
        return text


class _SettingReader:
    """The value of one setting."""

    def __init__(self, setting: Setting) -> None:
        self.form = setting.form
        self._setting = setting

    def read(self, node: Node, notes: Notes) -> SettingValue:
        """Return the value."""
        try:
            return self._setting.parse(scalar(node, notes, self.form).text)
        except UserError as error:
            raise refuse(node, notes, error.what) from None


class _Number:
    """A number within bounds, both included."""

    def __init__(self, least: float, most: float) -> None:
        self.form = f"a number, {least:g} to {most:g}"
        self._least = least
        self._most = most

    def read(self, node: Node, notes: Notes) -> float:
        """Return the number."""
        text = scalar(node, notes, self.form).text
        found = float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) else -1
        if not self._least <= found <= self._most:
            raise refuse(node, notes, f"{quoted(text)} is not {self.form}")
        return found


class _Properties:
    """Properties an object is given; nothing behind a key takes it away."""

    form = "properties and their values"

    def read(self, node: Node, notes: Notes) -> dict[str, str | None]:
        """Return them."""
        found: dict[str, str | None] = {}
        for key, value in table_entries(node, notes, self.form):
            name = _PROPERTY.read(key, notes)
            if name == "media.class" or name.startswith("policy."):
                notes.add(key.place, f"{quoted(name)} is the bus's own; no rule changes it")
            found[name] = None if is_absent(value) else scalar(value, notes, "a value").text
        return found


_NAME = Text("a name of letters, digits, dots, dashes and underscores", r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_GLOB = Text("a name, or a pattern with * and ?", r"[^\x00-\x1f\x7f]{1,256}")
_PROPERTY = Text("a property's name", r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")
_MEETING = OneOf({meeting.value: meeting for meeting in Meeting})
_ROLE = OneOf({role.value: role for role in Role})

_STREAM_ROLE: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("priority", Whole(0, MOST_PRIORITY), "The higher is the more important.", 0),
    Key("targets", ListOf(_NAME), "The sinks or sources it is for, the preferred one first.", ()),
    Key("lower-priority", _MEETING, "What becomes of streams of lower priority while one of these plays.", Meeting.MIX),
    Key("same-priority", _MEETING, "What becomes of earlier streams of the same priority.", Meeting.MIX),
    Key("duck-to", _Number(0, 1), "Gain of those that are ducked; default: the setting `role.duck-level`."),
    Key("volume", _Number(0, 4), "Gain of a stream that has no volume remembered."),
)
_RULE: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("match", Matches(), "What the objects are like that are meant.", needed=True),
    Key("properties", _Properties(), "Properties they are given; nothing behind a key takes it away.", {}),
    Key("target", _NAME, "Where such streams go, unless they name a target themselves.", ""),
    Key("role", _ROLE, "What such clients may do."),
)
_GRANT: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("role", _ROLE, "What they may do.", needed=True),
    Key("sockets", ListOf(_GLOB), "Sockets they came by; patterns with * and ?.", ()),
    Key("users", ListOf(UserId()), "Users, by name or number.", ()),
    Key("groups", ListOf(GroupId()), "Groups, by name or number; one is enough.", ()),
    Key("cgroups", ListOf(_GLOB), "Control groups; patterns.", ()),
    Key("executables", ListOf(_GLOB), "Paths of programs; patterns.", ()),
)
_DEVICE: TableOf[dict[str, object]] = TableOf(
    dict,
    Key("profiles", ListOf(_NAME), "Profiles of the card, the preferred one first.", ()),
    Key("routes", ListOf(_NAME), "Routes of the sink or source, the preferred one first.", ()),
)


def _stream_role(name: str, values: dict[str, Any], place: str) -> StreamRole:
    lower, same = values.pop("lower_priority"), values.pop("same_priority")
    return StreamRole(name=name, lower=lower, same=same, place=place, **values)


def _rule(name: str, values: dict[str, Any], place: str) -> Rule:
    matches: tuple[tuple[Condition, ...], ...] = values.pop("match")
    return Rule(name=name, matches=matches, place=place, **values)


def _grant(name: str, values: dict[str, Any], place: str) -> Grant:
    return Grant(name=name, place=place, **values)


def _device(name: str, values: dict[str, Any], place: str) -> DevicePolicy:
    return DevicePolicy(name=name, place=place, **values)


def _named(form: str, values: Reader[Any], make: Callable[[str, Any, str], Any]) -> NamedEntries[Any]:
    return NamedEntries(form, _NAME if make is not _device else _GLOB, values, make)


def _settings(**given: SettingValue | None) -> Settings:
    fields = {setting.name.replace("-", "_"): setting.field for setting in SETTINGS}
    return Settings().replace(**{fields[name]: value for name, value in given.items() if value is not None})


def policy_schema(hooks: Collection[str] = ()) -> TableOf[PolicySettings]:
    """Return the schema of a whole file; `hooks` are those of scripts."""
    known = {found.name for found in HOOKS} | {f"{found.question}/{found.name}" for found in HOOKS} | set(hooks)
    return TableOf(
        PolicySettings,
        Key("profile", OneOf({name: name for name in PRESETS}), "Which set of hooks is used.", "main"),
        Key("off", ListOf(_Hook(sorted(known))), "Hooks that are switched off.", ()),
        Key("settings", _SETTINGS, "Settings as they are at the start.", Settings()),
        Key("roles", _named("roles by their names", _STREAM_ROLE, _stream_role), "Roles of streams (media.role).", ()),
        Key("rules", _named("rules by their names", _RULE, _rule), "Rules, in their order; the last one counts.", ()),
        Key("access", _named("grants by names", _GRANT, _grant), "Who may do what; the first that fits counts.", ()),
        Key("devices", _named("devices by names", _DEVICE, _device), "Profiles and routes, by name or pattern.", ()),
    )


_SETTINGS = TableOf(_settings, *(Key(setting.name, _SettingReader(setting), setting.meaning) for setting in SETTINGS))
