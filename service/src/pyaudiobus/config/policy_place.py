"""Where the policy file is. What is in it reads policy_file.py, which brings YAML."""

from __future__ import annotations

import os

POLICY_PATH = "/etc/audiobus/policy.yaml"
POLICY_VARIABLE = "AUDIOBUS_POLICY"
"""Names another file; set and empty, it names none."""


def find_policy_file(option: str | None = None) -> str | None:
    """Return the file's path: the option's value, else the variable's, else the usual one if it is there."""
    named = os.environ.get(POLICY_VARIABLE) if option is None else option
    if named is not None:
        return named or None
    return POLICY_PATH if os.path.exists(POLICY_PATH) else None
