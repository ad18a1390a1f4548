"""Where the board file lies. Opens nothing."""

from __future__ import annotations

import os

BOARD_VARIABLE = "AUDIOBUS_BOARD"
"""Names another board file; set and empty, it names none."""
BOARD_PATH = "/etc/audiobus/board.yaml"


def find_board(option: str | None = None) -> str | None:
    """Return the board file's path: --board's value, else the variable's, else the usual one if it is there."""
    named = os.environ.get(BOARD_VARIABLE) if option is None else option
    if named is not None:
        return named or None
    return BOARD_PATH if os.path.exists(BOARD_PATH) else None
