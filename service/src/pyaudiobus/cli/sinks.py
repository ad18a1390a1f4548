"""What a name means on this board: a sink, its card, its way out. Opens no device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyaudiobus.cli.load import NEAREST, load
from pyaudiobus.devices.cards import Card, cards
from pyaudiobus.errors import UserError
from pyaudiobus.model.board import Board, BoardSink, SinkKind
from pyaudiobus.model.control import Control

_FLAGS = {SinkKind.COMPRESS: "--device", SinkKind.PCM: "--pcm"}


def sink_named(board: Board, name: str, kind: SinkKind) -> BoardSink:
    """Return a sink by what somebody typed for it. UserError where there is none of that name and kind."""
    sink = board.sink(name)
    if sink is None:
        known = [other.name for other in board.sinks if other.kind is kind]
        raise UserError(f"{board.path} has no {kind.value} sink {name!r}{load(NEAREST)(name, known)}")
    if sink.kind is not kind:
        raise UserError(
            f"{sink.place}: {name!r} is a {sink.kind.value} sink, and {_FLAGS[kind]} takes a {kind.value} sink",
            advice=f"Write {_FLAGS[sink.kind]} {name}.",
        )
    return sink


def card_of(board: Board, sink: BoardSink, root: str = "/") -> Card:
    """Return the card a sink is on. UserError, naming the file's line, where it is not there or has another driver."""
    listed = cards(root).values()
    card = next((card for card in listed if card.id == sink.card), None)
    if card is None:
        close = load(NEAREST)(sink.card, [card.id for card in listed]) if listed else "; the kernel lists no sound card"
        raise UserError(
            f"{sink.place}: there is no sound card {sink.card!r} for the sink {sink.name!r}{close}",
            advice="Find out what keeps it from appearing with: audiobus doctor",
        )
    known = board.card(sink.card)
    if known is not None and known.driver and card.driver != known.driver:
        raise UserError(
            f"{known.place}: card {card.id} has the driver {card.driver!r}, and the board file says {known.driver!r}",
            advice="Correct the board file if this is the right card: controls and quirks depend on the driver.",
        )
    return card


def pcm_sink_for(board: Board, routes: Sequence[str]) -> BoardSink | None:
    """Return the sink for decoded audio: the default one, unless only others have the output that was asked for."""
    default = board.sink(board.pcm_sink)
    leading_there = [
        sink for sink in board.sinks if sink.kind is SinkKind.PCM and any(sink.output_named(route) for route in routes)
    ]
    return leading_there[0] if leading_there and default not in leading_there else default


def controls_for(
    board: Board, sink: BoardSink, routes: Sequence[str], otherwise: tuple[Control, ...], *, strict: bool
) -> tuple[Control, ...]:
    """Return what stands on while a sink plays: one of its outputs, and the mixer controls that --route names.

    `otherwise` is for a sink without outputs. UserError where --route names several outputs, or nearly one, or, if
    `strict`, one that only another sink has.
    """
    outputs = [output for output in sink.outputs if output.name in routes]
    if len(outputs) > 1:
        raise UserError(f"{sink.name} plays on one output, and --route names {' and '.join(o.name for o in outputs)}")
    chosen = outputs[0] if outputs else sink.output_named(sink.output)
    standing = chosen.controls if chosen is not None else otherwise
    return standing + tuple(_extra_controls(board, sink, routes, strict=strict))


def _extra_controls(board: Board, sink: BoardSink, routes: Sequence[str], *, strict: bool) -> Iterator[Control]:
    for route in routes:
        if sink.output_named(route):
            continue
        hint = load(NEAREST)(route, [output.name for output in sink.outputs])
        is_elsewhere = any(other.output_named(route) for other in board.sinks)
        if (is_elsewhere and strict) or ("did you mean" in hint and not is_elsewhere and " " not in route):
            raise UserError(f"{sink.place}: the sink {sink.name!r} has no output {route!r}{hint}")
        if not is_elsewhere:
            yield Control(route, value=True, place="--route")
