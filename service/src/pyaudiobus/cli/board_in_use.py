"""The board file as a command uses it: found when somebody needs it, read once, cheaply where it was compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyaudiobus.cli.load import BOARD_FILE, COMPILED_BOARD, load
from pyaudiobus.config.locate import find_board

if TYPE_CHECKING:
    import argparse

    from pyaudiobus.model.board import Board


def add_board_argument(parser: argparse.ArgumentParser) -> None:
    """Describe --board."""
    parser.add_argument(
        "--board",
        metavar="FILE",
        help="the board file (AUDIOBUS_BOARD, else /etc/audiobus/board.yaml); '' for none",
    )


def read_board(option: str | None = None) -> Board | None:
    """Return the board that --board, the environment or the system names; None where there is no board file.

    UserError tells all that is wrong with the file.
    """
    path = find_board(option)
    if path is None:
        return None
    board: Board | None = load(COMPILED_BOARD)(path)
    return load(BOARD_FILE)(path) if board is None else board


class BoardInUse:
    """One command's board file, read when it is first asked for."""

    def __init__(self, option: str | None = None) -> None:
        self._option = option
        self._found: Board | None = None
        self._is_read = False

    def board(self) -> Board | None:
        """Return the board, None where there is no file."""
        if not self._is_read:
            self._found = read_board(self._option)
            self._is_read = True
        return self._found
