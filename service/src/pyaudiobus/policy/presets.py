"""Sets of hooks for kinds of product: which are left out. `profile` in the policy file names one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pyaudiobus.errors import UserError
from pyaudiobus.policy.builtin import HOOKS
from pyaudiobus.policy.chain import Chains, HookError, chains_of
from pyaudiobus.policy.hook import Hook

_MEMORY = ("find_remembered_target", "find_remembered_default", "restore_volume", "restore_profile", "restore_route")
_FILTERS = ("find_filter_target", "insert_smart_filter")
_ROLES = ("find_role_target", "pause_for_role", "cork_for_role", "duck_for_role", "use_role_volume")
_ROLES_MORE = ("preempt_by_role", "follow_active_role")

PRESETS: dict[str, tuple[str, ...]] = {
    "main": (),
    "embedded": _MEMORY,
    "minimal": (*_MEMORY, *_FILTERS, *_ROLES, *_ROLES_MORE, "find_group_target", "find_ruled_target"),
}
"""The hooks that a set leaves out. main: none; embedded: what remembers; minimal: what names no default or device."""
MEANINGS = {
    "main": "everything",
    "embedded": "nothing is remembered: every start is the same",
    "minimal": "targets by name, by default, by priority; one stream on a DSP; no roles, filters, rules or memory",
}


def fitting_scripts(profile: str, off: Collection[str], scripts: Sequence[Sequence[Hook]]) -> tuple[Chains, list[str]]:
    """Make the chains with as many scripts as fit together; return them, and why each of the others is left out.

    Every script is the hooks of one file. UserError where the profile, or what is switched off, does not exist.
    """
    taken: list[Hook] = []
    left = [tuple(script) for script in scripts]
    while True:
        fitting = next((script for script in left if not _why_not((*taken, *script))), None)
        if fitting is None:
            break
        left.remove(fitting)
        taken.extend(fitting)
    known = {name for found in (*HOOKS, *taken) for name in (found.name, f"{found.question}/{found.name}")}
    lost = {name for script in left for found in script for name in (found.name, f"{found.question}/{found.name}")}
    chains = chains_for(profile, [name for name in off if name in known or name not in lost], taken)
    return chains, [f"{script[0].source}: {_why_not((*taken, *script))}" for script in left]


def _why_not(scripts: Sequence[Hook]) -> str:
    try:
        chains_of((*HOOKS, *scripts))
    except HookError as error:
        return "; ".join((error.what, *error.facts))
    return ""


def chains_for(profile: str, off: Collection[str] = (), scripts: Iterable[Hook] = ()) -> Chains:
    """Make the chains of a profile with owners' scripts, without what is switched off. UserError, HookError."""
    if profile not in PRESETS:
        raise UserError(f"there is no profile {profile!r}", facts=[f"profiles: {', '.join(PRESETS)}"])
    return chains_of((*HOOKS, *scripts), {*PRESETS[profile], *off})
