"""What an owner has written for the session manager: policy file and scripts, read together or not at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pyaudiobus.config.policy_file import load_policy
from pyaudiobus.errors import UserError
from pyaudiobus.model.policy import PolicySettings, Settings
from pyaudiobus.model.record import Record
from pyaudiobus.model.settings import BY_NAME, with_setting
from pyaudiobus.policy.chain import Chains
from pyaudiobus.policy.presets import chains_for
from pyaudiobus.session.hook_process import HookProcess, Loaded

log = logging.getLogger("audiobus-session")


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


def read(places: Places) -> Configuration:
    """Read everything. UserError tells what is wrong with the file, or in which order hooks cannot stand."""
    process, loaded = None, Loaded()
    if places.scripts is not None:
        process = HookProcess(places.scripts)
        try:
            loaded = process.load()
        except UserError as error:
            loaded = Loaded(mistakes=(error.what,))
    try:
        names = {word for hook in loaded.hooks for word in (hook.name, f"{hook.question}/{hook.name}")}
        policy = PolicySettings() if places.policy is None else load_policy(places.policy, names)
        chains = chains_for(policy.profile, policy.off, loaded.hooks)
    except UserError:
        if process is not None:
            process.stop()
        raise
    if process is not None and not loaded.hooks:
        process.stop()
        process = None
    for mistake in loaded.mistakes:
        log.warning("a script is left out: %s", mistake)
    return Configuration(policy, chains, process, loaded.mistakes)


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
