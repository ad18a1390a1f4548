"""What people and programs ask of a player while it plays, from any thread. Obeying is the player's business."""

from __future__ import annotations

import threading
from collections import deque
from enum import Enum

from pyaudiobus.devices.clock import Signal
from pyaudiobus.model.record import Record

MOST_ASKED = 256
"""Wishes that wait at most; beyond that the oldest is forgotten. A player obeys all of them at its next wakeup."""


class Ask(Enum):
    """The kinds of wishes."""

    PAUSE = "pause"
    RESUME = "resume"
    TOGGLE = "toggle"
    SEEK = "seek"
    SEEK_BY = "seek by"
    NEXT = "next"
    PREVIOUS = "previous"
    STOP = "stop"
    VOLUME = "volume"
    VOLUME_BY = "volume by"


class Wish(Record):
    """One of them."""

    ask: Ask
    seconds: float = 0.0
    """Where to seek to, or how far."""
    percent: float = 0.0
    """How loud, on the cube scale, or how much louder."""


class Controls:
    """The controls of one player. Every call returns at once, and wakes the player if it sleeps.

    Wishes are obeyed in the order they come; seeks that follow each other become one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: deque[Wish] = deque(maxlen=MOST_ASKED)
        self._sleeper: Signal | None = None

    def pause(self) -> None:
        """Hold; nothing happens if it holds already."""
        self._put(Wish(Ask.PAUSE))

    def resume(self) -> None:
        """Go on; nothing happens if it plays."""
        self._put(Wish(Ask.RESUME))

    def toggle(self) -> None:
        """Hold if it plays, go on if it holds."""
        self._put(Wish(Ask.TOGGLE))

    def seek(self, seconds: float) -> None:
        """Go to a media time of the present file; before the start is the start, past the end is the end."""
        self._put(Wish(Ask.SEEK, seconds))

    def seek_by(self, seconds: float) -> None:
        """Go so far from where it is, back if it is less than 0."""
        self._put(Wish(Ask.SEEK_BY, seconds))

    def next(self) -> None:
        """Leave the present file for the one after it; after the last one playing ends."""
        self._put(Wish(Ask.NEXT))

    def previous(self) -> None:
        """Go to the start of the present file, or right after that to the file before it."""
        self._put(Wish(Ask.PREVIOUS))

    def stop(self) -> None:
        """End playing."""
        self._put(Wish(Ask.STOP))

    def set_volume(self, percent: float) -> None:
        """Be so loud, in per cent of the cube scale."""
        self._put(Wish(Ask.VOLUME, percent=percent))

    def change_volume(self, percent: float) -> None:
        """Be so much louder, or softer if it is less than 0."""
        self._put(Wish(Ask.VOLUME_BY, percent=percent))

    # ---- the player's side ----

    def wake(self, sleeper: Signal | None) -> None:
        """Raise this signal from now on when something is asked."""
        with self._lock:
            self._sleeper = sleeper
            if sleeper is not None and self._wishes:
                sleeper.set()

    @property
    def is_waiting(self) -> bool:
        """Whether something was asked and not taken."""
        return bool(self._wishes)

    def take(self) -> Wish | None:
        """Take the oldest wish; None if there is none."""
        if not self._wishes:
            return None
        with self._lock:
            return self._wishes.popleft() if self._wishes else None

    def _put(self, wish: Wish) -> None:
        with self._lock:
            last = self._wishes[-1] if self._wishes else None
            if last is not None and last.ask in _SEEKS and wish.ask in _SEEKS:
                self._wishes.pop()
                wish = wish if wish.ask is Ask.SEEK else Wish(last.ask, last.seconds + wish.seconds)
            self._wishes.append(wish)
            if self._sleeper is not None:
                self._sleeper.set()


_SEEKS = (Ask.SEEK, Ask.SEEK_BY)
