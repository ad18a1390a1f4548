"""Where the board file and the policy file lie. Opens nothing, and loads nothing that reads them."""

from __future__ import annotations

import os

BOARD_VARIABLE = "AUDIOBUS_BOARD"
"""Names another board file; set and empty, it names none."""
BOARD_PATH = "/etc/audiobus/board.yaml"
POLICY_VARIABLE = "AUDIOBUS_POLICY"
"""The same for the policy file."""
POLICY_PATH = "/etc/audiobus/policy.yaml"


def find_board(option: str | None = None) -> str | None:
    """Return the board file's path: --board's value, else the variable's, else the usual one if it is there."""
    return _find(option, BOARD_VARIABLE, BOARD_PATH)


def find_policy_file(option: str | None = None) -> str | None:
    """Return the policy file's path: --policy's value, else the variable's, else the usual one if it is there."""
    return _find(option, POLICY_VARIABLE, POLICY_PATH)


def _find(option: str | None, variable: str, usual: str) -> str | None:
    named = os.environ.get(variable) if option is None else option
    if named is not None:
        return named or None
    return usual if os.path.exists(usual) else None
