"""Mixer controls a board file names, and how they stand on its cards."""

from __future__ import annotations

from collections.abc import Callable

from pyaudiobus.devices.alsa_words import captured_stderr
from pyaudiobus.devices.cards import Card
from pyaudiobus.devices.mixer import CardMixer
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.doctor.evidence.sound import Sound
from pyaudiobus.errors import DeviceError, UserError
from pyaudiobus.model.board import Board, Control
from pyaudiobus.model.record import Record


class ControlState(Record):
    """One control that somebody asked for."""

    control: Control
    present: bool | int | str | None
    """What it is now; None if it cannot be used."""
    is_right: bool = False
    """Whether it is as it was asked for."""
    problem: str = ""
    """Why it cannot be used."""
    hint: str = ""
    """The nearest name there is, as a question."""


class CardControls(Record):
    """The controls of one card."""

    card: str
    """Its id."""
    settings: tuple[ControlState, ...]
    """What is set once, when the card appears."""
    routes: tuple[ControlState, ...]
    """What is on while something plays."""


class Mixer(Record):
    """The controls of every card that is there."""

    cards: tuple[CardControls, ...]
    problem: str = ""
    """Why no control can be read."""


Reader = Callable[[Card, tuple[Control, ...]], tuple[ControlState, ...]]


def read_mixer(board: Board, sound: Sound, read: Reader) -> Mixer:
    """Read what the board file names, and where there is none what the drivers are known to need."""
    found = []
    for card in sound.cards:
        known = board.card(card.id)
        settings = known.controls if known else ()
        routes = _routes(board, card.id) if board.path else quirks_for(card.driver).routes
        if not settings and not routes:
            continue
        try:
            found.append(CardControls(card.id, read(card, settings), read(card, routes)))
        except UserError as error:
            return Mixer((), error.what)
    return Mixer(tuple(found))


def _routes(board: Board, card_id: str) -> tuple[Control, ...]:
    outputs = (output for sink in board.sinks if sink.card == card_id for output in sink.outputs)
    return tuple({control.name: control for output in outputs for control in output.controls}.values())


def read_controls(card: Card, wanted: tuple[Control, ...]) -> tuple[ControlState, ...]:
    """Look at the controls of a card, through ALSA, which complains on stderr. UserError without pyalsaaudio."""
    mixer = CardMixer(card.number, card.id)
    with captured_stderr():
        return tuple(read_control(mixer, control) for control in wanted)


def read_control(mixer: CardMixer, control: Control) -> ControlState:
    """Look at one control. UserError where pyalsaaudio is missing."""
    try:
        state = mixer.look(control)
    except DeviceError as error:
        what, _, hint = error.what.removeprefix(f"{control.place}: ").partition("; ")
        return ControlState(control, None, problem=": ".join((what, *error.facts)), hint=hint)
    return ControlState(control, state.value, state.is_right)
