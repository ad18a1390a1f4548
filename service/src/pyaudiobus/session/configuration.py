"""What an owner has written for the session manager: policy file and scripts, read together or not at all."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module

from pyaudiobus.errors import UserError
from pyaudiobus.model.policy import PolicySettings, Settings
from pyaudiobus.model.record import Record
from pyaudiobus.model.settings import BY_NAME, with_setting
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.hook import Hook
from pyaudiobus.policy.presets import chains_for, fitting_scripts
from pyaudiobus.session.hook_process import HookProcess, Loaded

log = logging.getLogger("audiobus-session")
POLICY_FILE = "pyaudiobus.config.policy_file"
"""Loaded only where there is a file: it brings YAML, a sixth of all that a start loads."""


class Places(Record):
    """Where it is read from; None where there is none."""

    policy: str | None = None
    scripts: str | None = None


class Configuration(Record):
    """All of it, checked."""

    policy: PolicySettings
    """As the file says, without what people have set since."""
    chains: Chains
    process: HookProcess | None
    """Where the scripts' hooks are asked; None where there are none."""
    mistakes: tuple[str, ...] = ()
    """Scripts that are left out, and why."""
    places: Places = Places()


def read(places: Places, *, is_start: bool = False) -> Configuration:
    """Read everything. UserError tells what is wrong with the file, or in which order hooks cannot stand.

    At a start there is nothing to keep, so scripts that cannot stand where they want to are left out.
    """
    process, loaded = None, Loaded()
    if places.scripts is not None:
        process = HookProcess(places.scripts)
        try:
            loaded = process.load()
        except UserError as error:
            loaded = Loaded(mistakes=(error.what,))
    try:
        names = {word for hook in loaded.hooks for word in (hook.name, f"{hook.question}/{hook.name}")}
        policy = PolicySettings() if places.policy is None else _policy(places.policy, names)
        chains, left_out = _ordered(policy, loaded.hooks, is_start=is_start)
    except UserError:
        if process is not None:
            process.stop()
        raise
    if process is not None and not loaded.hooks:
        process.stop()
        process = None
    mistakes = (*loaded.mistakes, *left_out)
    for mistake in mistakes:
        log.warning("a script is left out: %s", mistake)
    return Configuration(policy, chains, process, mistakes, places)


def _policy(path: str, names: Collection[str]) -> PolicySettings:
    found: PolicySettings = import_module(POLICY_FILE).load_policy(path, names)
    return found


def _ordered(policy: PolicySettings, hooks: Sequence[Hook], *, is_start: bool) -> tuple[Chains, list[str]]:
    if not is_start:
        return chains_for(policy.profile, policy.off, hooks), []
    files = dict.fromkeys(hook.source for hook in hooks)
    scripts = [[hook for hook in hooks if hook.source == file] for file in files]
    return fitting_scripts(policy.profile, policy.off, scripts)


def with_saved(settings: Settings, saved: Mapping[str, str]) -> Settings:
    """Return settings with what people have saved; what is not understood any more is left out, and told."""
    for name, text in saved.items():
        try:
            settings = with_setting(settings, name, text)
        except UserError as error:
            log.warning("a saved setting is left out: %s", error.what)
    return settings


def as_text(settings: Settings) -> dict[str, str]:
    """Write all settings as they are read."""
    return {name: setting.write(getattr(settings, setting.field)) for name, setting in BY_NAME.items()}
