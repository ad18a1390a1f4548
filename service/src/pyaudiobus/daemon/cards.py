"""The sound cards of the bus: those of the board file, and those that are there. Their sinks are made in devices.py."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from pyaudiobus.daemon.bus import Bus
from pyaudiobus.daemon.card_object import CardObject
from pyaudiobus.devices.cards import Card, cards
from pyaudiobus.devices.mixer import MixerRoutes
from pyaudiobus.errors import AudiobusError, DeviceLost
from pyaudiobus.model.board import Board, BoardCard
from pyaudiobus.model.control import Control

log = logging.getLogger("audiobusd")
SetControls = Callable[[int, tuple[Control, ...]], None]
"""Sets controls of the card of a number, all or none. DeviceError."""


class Cards:
    """Knows them, and brings each into a profile."""

    def __init__(
        self, bus: Bus, root: str, refit: Callable[[CardObject], None], set_controls: SetControls | None = None
    ) -> None:
        """`refit` makes and forgets a card's sinks as its profile says; `set_controls` is another one, for tests."""
        self._bus = bus
        self._root = root
        self._refit = refit
        self._set_controls = set_controls or _set_controls
        self._known: dict[str, CardObject] = {}

    def start(self, board: Board | None) -> None:
        """Make the board file's cards known, be they there or not, then all there are."""
        for card in board.cards if board is not None else ():
            self._add(card)
        self.look()

    def of(self, card: str) -> CardObject | None:
        """Return the card that an id or a number means."""
        found = self._known.get(card)
        return found or next((one for one in self._known.values() if str(one.number) == card), None)

    def allows(self, card: str, sink: str) -> bool:
        """Tell whether a card's profile has a sink or source."""
        found = self.of(card)
        return found is None or found.goes_for.sinks is None or sink in found.goes_for.sinks

    # ---- coming and going ----

    def look(self) -> None:
        """See which cards are there; bring those that have come into the profile they had, or are to have."""
        present = {card.id or str(card.number): card for card in cards(self._root).values()}
        for card_id, card in present.items():
            if card_id not in self._known:
                self._add(BoardCard(card_id, card.driver))
        for name, known in self._known.items():
            if name in present:
                self._came(known, present[name])
            elif known.number is not None or not known.error:
                self._went(known)

    def went(self, number: int) -> None:
        """Note that the card of a number was taken out."""
        for known in self._known.values():
            if known.number == number:
                self._went(known)

    def _add(self, card: BoardCard) -> None:
        self._known[card.id] = self._bus.registry.add(CardObject(self._bus.registry.new_serial(), card, self))

    def _came(self, known: CardObject, card: Card) -> None:
        if known.number == card.number:
            return
        known.number, known.error, known.profile = card.number, "", ""
        driver = known.properties.get("alsa.driver")
        if driver and card.driver and driver != card.driver:
            known.error = f"card {known.name} has the driver {card.driver}, not {driver}"
        self._told(known)
        if known.error:
            return
        if known.wanted:
            self._settle(known)
        else:  # a session manager may remember what it was
            self._bus.governing.concern(("card", known.serial), partial(self._settle, known))

    def _went(self, known: CardObject) -> None:
        known.number, known.profile = None, ""
        known.error = f"there is no sound card {known.name!r}"
        self._told(known)

    def _settle(self, known: CardObject) -> None:
        """Bring a card into the profile it had, or the usual one, where it is in none."""
        if known.profile or known.number is None:
            return
        try:
            self.choose(known, known.wanted or known.usual, is_saved=known.is_saved)
        except AudiobusError as error:
            log.warning("card %s: %s", known.name, error.what)

    # ---- profiles ----

    def choose(self, card: CardObject, profile: str, *, is_saved: bool) -> None:
        """Bring a card into a profile: its sinks go that are not in it, its controls are set, its sinks come.

        DeviceLost while it is away, DeviceError where a control cannot be set: it keeps the profile it has.
        UserError for a profile it has not got.
        """
        wanted, before = card.named(profile), card.profile
        if card.number is None:
            raise DeviceLost(f"card {card.name} is not there", advice="See which cards there are: audiobus card")
        card.wanted = profile
        if profile != before:
            self._switch(card, wanted.controls, before)
        card.is_saved = is_saved
        self._told(card)

    def _switch(self, card: CardObject, controls: tuple[Control, ...], before: str) -> None:
        card.profile = card.wanted
        self._refit(card)
        try:
            if controls:
                self._set_controls(card.number or 0, controls)
        except AudiobusError as error:
            card.profile, card.error = before, error.what
            self._told(card)
            self._refit(card)
            raise
        card.error = ""

    def try_again(self, card: CardObject) -> None:
        """Look for a card, and bring it into the profile into which it could not be brought. Its facts tell why not."""
        self.look()
        if card.number is not None and card.error and card.wanted:
            with suppress(AudiobusError):
                self.choose(card, card.wanted, is_saved=card.is_saved)

    def _told(self, card: CardObject) -> None:
        self._bus.registry.changed(card, card.facts())


def _set_controls(card: int, controls: tuple[Control, ...]) -> None:
    MixerRoutes(card, controls).switch_on()
