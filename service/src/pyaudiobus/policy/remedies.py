"""What a person can do to have a hook decide otherwise. SUBJECT stands for the serial of what it is about."""

from __future__ import annotations

OPEN = ("find_named_target", "find_ruled_target", "find_role_target", "find_chosen_default", "find_granted_role")
"""Hooks that decide as soon as somebody tells them what he wants."""
REMEDIES = {
    "wait_unless_autoconnect": "let its program ask for a link (node.autoconnect)",
    "find_named_target": "name a target: audiobus move SUBJECT SINK",
    "find_ruled_target": "write a rule with a target into the policy file",
    "find_role_target": "give its role targets in the policy file (roles: NAME: targets)",
    "find_dsp_target": "wait for the DSP, or not: audiobus settings set encoded.when-busy decode|wait|refuse",
    "find_default_target": "choose another default: audiobus default SINK",
    "find_best_target": "give a device another priority.session by a rule",
    "wait_for_device": "a device that fits, or formats that a device plays",
    "find_chosen_default": "choose another: audiobus default NAME",
    "find_best_default": "give a device another priority.session by a rule",
    "preempt_by_role": "give its role another priority in the policy file (roles: NAME: priority)",
    "stay_if_unmovable": "its program has to allow it to be moved (node.dont-move)",
    "stay_unless_following": "audiobus settings set linking.follow-default-target on",
    "pause_for_role": "let the other role pause nobody (lower-priority: mix)",
    "cork_for_role": "let the other role hold nobody (lower-priority: mix)",
    "duck_for_role": "give the other role another duck-to in the policy file",
    "restore_volume": "audiobus settings set volume.restore-streams off, or volume.restore-sinks off",
    "use_safe_volume": "audiobus settings set volume.boot GAIN",
    "suspend_when_idle": "audiobus settings set power.suspend-after SECONDS",
    "find_granted_role": "write a grant for it into the policy file (access:)",
    "restrict_sandboxed": "grant it a role in the policy file (access:), which comes first",
    "keep_chosen_profile": "choose another: audiobus card profile CARD PROFILE",
    "keep_chosen_route": "choose another: audiobus card route SINK ROUTE",
    "use_configured_profile": "name a profile in the policy file (devices:)",
    "use_configured_route": "name a route in the policy file (devices:)",
    "retry_with_backoff": "audiobus settings set device.retry-longest SECONDS",
}
