"""The way back to a DSP of the bus for a file that plays decoded. Loaded only where one does."""

from __future__ import annotations

import time
from math import inf

from pyaudiobus.client.conversation import Answer
from pyaudiobus.client.happenings import close_all
from pyaudiobus.client.remote import Remote
from pyaudiobus.devices.clock import Signal
from pyaudiobus.protocol.messages import CreateStream, Named, StreamCreated
from pyaudiobus.protocol.words import EncodedShape

RETURN_AFTER = 5.0
"""Seconds between two questions whether a DSP takes it."""
Offer = tuple[StreamCreated, tuple[int, ...]]


class Comeback:
    """Asks now and then for a DSP, and keeps what it is given until that is taken."""

    def __init__(self, remote: Remote, wish: CreateStream, signal: Signal) -> None:
        """Take what to ask for, a corked stream, and what is raised when a DSP can be had."""
        self._wish = wish
        self._remote = remote
        self._signal = signal
        self._look_at = time.monotonic() + RETURN_AFTER
        self._is_asking = False
        self._is_open = True
        self._offer: Offer | None = None

    def look(self) -> float:
        """Ask, if it is time to; return when to call again. The answer may take as long as another plays."""
        if not self._is_asking and time.monotonic() >= self._look_at:
            self._is_asking = True
            self._remote.ask_for_descriptors("create-stream", self._wish, self._answered)
        return inf if self._is_asking else self._look_at

    def take(self) -> Offer | None:
        """Return a corked stream on a DSP and its descriptors, which are the caller's, if there is one."""
        offer, self._offer = self._offer, None
        return offer

    def close(self) -> None:
        """Take nothing any more."""
        self._is_open = False
        if (offer := self.take()) is not None:
            self._decline(*offer)

    def _answered(self, answer: Answer) -> None:
        self._is_asking, self._look_at = False, time.monotonic() + RETURN_AFTER
        created = answer.body
        if not isinstance(created, StreamCreated):
            close_all(answer.descriptors)
        elif self._is_open and isinstance(created.shape, EncodedShape):
            self._offer = created, answer.descriptors
            self._signal.set()
        else:
            self._decline(created, answer.descriptors)

    def _decline(self, created: StreamCreated, descriptors: tuple[int, ...]) -> None:
        close_all(descriptors)
        if self._remote.is_open:
            self._remote.ask_later("destroy", Named(created.serial), lambda _: None)
