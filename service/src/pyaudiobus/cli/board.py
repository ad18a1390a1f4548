"""`audiobus board`: whether a board file is right, what it says, and its controls set on the cards that are there."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from enum import Enum

from pyaudiobus.cli.board_apply import add_apply_arguments, apply_board
from pyaudiobus.cli.board_in_use import add_board_argument, read_board
from pyaudiobus.cli.printing import put_line
from pyaudiobus.config.board_file import load_board
from pyaudiobus.config.locate import BOARD_PATH, BOARD_VARIABLE, find_board
from pyaudiobus.config.mistakes import FileMistakes
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import Board, BoardCard, BoardSink, DspNeeds
from pyaudiobus.model.record import Record


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="tell every mistake in board files")
    check.add_argument("files", nargs="*", metavar="FILE", help="by default the board file in use")
    check.set_defaults(act=_check)
    show = actions.add_parser("show", help="tell what the board file says")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    add_board_argument(show)
    show.set_defaults(act=_show)
    apply = actions.add_parser("apply", help="set the controls of the cards that are there")
    add_apply_arguments(apply)
    apply.set_defaults(act=apply_board)


def command(arguments: argparse.Namespace) -> int:
    """Do one of the three."""
    act: Callable[[argparse.Namespace], int] = arguments.act
    return act(arguments)


def _check(arguments: argparse.Namespace) -> int:
    """Tell of each file whether it is right; 2 if one is not."""
    code = 0
    for file in arguments.files or [_in_use()]:
        try:
            board = load_board(file)
        except FileMistakes as error:
            for mistake in error.mistakes:
                put_line(str(mistake), sys.stderr)
            code = error.exit_code
        except UserError as error:
            put_line(f"audiobus: {error}", sys.stderr)
            code = error.exit_code
        else:
            put_line(f"{file}: no mistakes ({_count(len(board.cards), 'card')}, {_count(len(board.sinks), 'sink')})")
    return code


def _in_use() -> str:
    path = find_board()
    if path is None:
        raise UserError(
            "there is no board file",
            advice=f"Name one, or put it where players look: {BOARD_VARIABLE} or {BOARD_PATH}.",
        )
    return path


def _show(arguments: argparse.Namespace) -> int:
    board = read_board(arguments.board)
    if board is None:
        raise UserError(
            "there is no board file", advice=f"Put it where players look: {BOARD_VARIABLE} or {BOARD_PATH}."
        )
    if arguments.json:
        put_line(json.dumps(_as_json(board)))
    else:
        for line in _lines(board):
            put_line(line)
    return 0


def _as_json(value: object) -> object:
    if isinstance(value, Record):
        return {field: _as_json(getattr(value, field)) for field in type(value)._fields}
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _lines(board: Board) -> Iterator[str]:
    yield f"{board.name or 'a board without a name'}  ({board.path})"
    yield from _dsp_lines(board.dsp)
    for card in board.cards:
        yield from _card_lines(card)
    for sink in board.sinks:
        yield from _sink_lines(sink)
    yield f"encoded audio goes to  {board.encoded_sink or 'the first compress sink'}"
    yield f"decoded audio goes to  {board.pcm_sink or 'the default output of ALSA'}"


def _dsp_lines(dsp: DspNeeds) -> Iterator[str]:
    for what, names in (
        ("processor", (dsp.remoteproc,) if dsp.remoteproc else ()),
        ("firmware", dsp.firmware),
        ("modules", dsp.modules),
    ):
        if names:
            yield f"{what:9}  {' '.join(names)}"


def _card_lines(card: BoardCard) -> Iterator[str]:
    yield f"card {card.id}" + (f"  (driver {card.driver})" if card.driver else "")
    yield from (f"    {control}" for control in card.controls)
    for profile in card.profiles:
        usual = " (used where nobody chooses)" if profile.name == card.profile else ""
        yield f"    profile {profile.name}{usual}" + ("" if profile.sinks is None else f": {' '.join(profile.sinks)}")
        yield from (f"        {control}" for control in profile.controls)


def _sink_lines(sink: BoardSink) -> Iterator[str]:
    yield f"sink {sink.name}  ({sink.kind.value}, card {sink.card}, device {sink.device})"
    if sink.codecs is not None:
        yield f"    codecs  {' '.join(codec.value for codec in sink.codecs) or 'none'}"
    for name, value in sink.quirks.given().items():
        yield f"    quirk   {name.replace('_', '-')}: {_shown(value)}"
    if sink.volume:
        yield f"    volume  {sink.volume}"
    for output in sink.outputs:
        usual = " (used where nobody names one)" if output.name == sink.output else ""
        yield f"    output  {output.name}{usual}"
        yield from (f"        {control}" for control in output.controls)


def _shown(value: bool | int | tuple[str, ...]) -> str:  # noqa: FBT001  # a value of the file, not a flag
    if isinstance(value, tuple):
        return " ".join(value)
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
