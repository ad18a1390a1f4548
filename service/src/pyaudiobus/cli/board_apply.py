"""`audiobus board apply`: sets the controls that a board file gives its cards, once, as they come up."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from pyaudiobus.cli.board_in_use import add_board_argument
from pyaudiobus.cli.printing import put_line
from pyaudiobus.config.board_file import load_board
from pyaudiobus.config.compiled_board import COMPILED_PATH, stamp_of, write_compiled
from pyaudiobus.config.locate import BOARD_PATH, find_board
from pyaudiobus.config.mistakes import nearest
from pyaudiobus.devices.cards import Card, cards
from pyaudiobus.devices.mixer import CardMixer
from pyaudiobus.doctor.wait import Events
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.board import Board, BoardCard
from pyaudiobus.model.control import Control

FAILED = 1
_LONGEST_WAIT = 86_400.0
"""Seconds."""
_LOOK = 2.0
"""Seconds after which to look for a card without having been told of it."""


def add_apply_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--card", metavar="ID", help="this card alone")
    parser.add_argument("--wait", metavar="SECONDS", type=_seconds, default=0.0, help="wait so long for cards to come")
    add_board_argument(parser)


def apply_board(arguments: argparse.Namespace) -> int:
    """Set every control that can be set. 0 if all could be, else 1; a card that nobody waits for is no failure."""
    board = _compiled(arguments.board)
    if board is None:
        put_line("there is no board file: nothing to set")
        return 0
    wanted = [card for card in board.cards if arguments.card in (None, card.id)]
    if not wanted:
        put_line(f"{board.path} says nothing of {arguments.card or 'any card'}: nothing to set")
        return 0
    must_come = bool(arguments.card or arguments.wait)
    present = wait_for_cards([card.id for card in wanted], arguments.wait)
    return max([_apply_card(card, present, must_come=must_come) for card in wanted])


def wait_for_cards(ids: Sequence[str], seconds: float) -> dict[str, Card]:
    """Return the cards that are there, by id, as soon as all of these are, or when time is up."""
    deadline = time.monotonic() + seconds
    with Events() as events:
        while True:
            present = {card.id: card for card in cards().values()}
            left = deadline - time.monotonic()
            if left <= 0 or present.keys() >= set(ids):
                return present
            events.wait(min(left, _LOOK))


def _compiled(option: str | None) -> Board | None:
    """Read the board file; if it is the system's own, leave it for players as they read it fastest."""
    path = find_board(option)
    if path is None:
        return None
    stamp = stamp_of(path)
    board = load_board(path)
    if path == BOARD_PATH and stamp is not None and stamp == stamp_of(path):
        with suppress(OSError):  # no such folder, or not ours to write in: players read the file itself
            write_compiled(board, stamp, COMPILED_PATH)
    return board


def _apply_card(card: BoardCard, present: dict[str, Card], *, must_come: bool) -> int:
    found = present.get(card.id)
    if found is None:
        hint = nearest(card.id, present) if present else "; the kernel lists no sound card"
        words = f"{card.place}: there is no sound card {card.id!r}{hint}"
        put_line(f"audiobus: {words}" if must_come else words, sys.stderr if must_come else sys.stdout)
        return FAILED if must_come else 0
    if card.driver and found.driver != card.driver:
        put_line(
            f"audiobus: {card.place}: card {card.id} has the driver {found.driver!r}, and the board file says "
            f"{card.driver!r}: none of its controls was set",
            sys.stderr,
        )
        return FAILED
    mixer = CardMixer(found.number, card.id)
    return max([_set(mixer, card, control) for control in card.controls], default=0)


def _set(mixer: CardMixer, card: BoardCard, control: Control) -> int:
    try:
        is_changed = mixer.set(control) is not None
    except AudiobusError as error:
        put_line(f"audiobus: {error}", sys.stderr)
        return FAILED
    put_line(f"{card.id}: {control} {'' if is_changed else '(it was so already)'}".rstrip())
    return 0


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"{text!r} is no time to wait: write seconds, up to a day")
    return seconds
