"""Who governs the bus: a session manager while one is there and answers, else the daemon's static policy.

The daemon asks ("session-asked") only when there is something to decide, so that neither side wakes while nothing
happens. A session manager that does not answer in time is away: whatever waits for it is decided here at once, and so
is all that comes, until it answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pyaudiobus.daemon.client import Client, Denied
from pyaudiobus.daemon.objects import Facts
from pyaudiobus.daemon.static_policy import Busy
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.session_messages import (
    SessionAsked,
)

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
GRACE_SECONDS = 2
"""For as long after a session manager has gone, what it made softer or silent stays so: it may be restarting."""
GONE = "there is no session manager any more"
AWAY = "the session manager does not answer"
UNDECIDED = "the session manager did not decide"


class Undecided(Protocol):
    """What waits for the session manager: a new stream, a new client."""

    serial: int
    question: int
    """The number under which it was asked about; 0: it is decided to wait, for as long as somebody governs."""

    def fall_back(self, why: str) -> None:
        """Decide without a session manager."""


class Governing:
    """The session manager of one bus, as the daemon sees it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.holder: Client | None = None
        self.is_away = False
        self._patience = 0.5
        self._number = 0
        self._unanswered = 0
        """The number that it was asked last, while it has not answered; 0: it has."""
        self._is_more = False
        """Something came since."""
        self._undecided: dict[int, Undecided] = {}
        self._fallbacks: dict[object, tuple[int, Callable[[], None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._grace: asyncio.TimerHandle | None = None

    # ---- who ----

    @property
    def governs(self) -> bool:
        """Whether somebody decides who answers."""
        return self.holder is not None and not self.is_away

    def facts(self) -> Facts:
        """Return who is the session manager (0: nobody) and whether it governs, is away, or there is none."""
        if self.holder is None:
            return {"session": 0, "session_state": "none"}
        return {"session": self.holder.serial, "session_state": "away" if self.is_away else "governs"}

    def claim(self, client: Client, patience: int) -> None:
        """Let a client govern; `patience` in milliseconds. Denied, Busy."""
        if client.permissions.role is not Role.MANAGER:
            raise Denied(
                "only a manager may be the session manager",
                facts=[f"you are {client.permissions.role.value}"],
                advice="The daemon's configuration says who is a manager (access:).",
            )
        if self.holder not in (None, client):
            raise self._busy(self.holder)
        self._stop_grace()
        self.holder, self.is_away, self._patience = client, False, patience / 1000
        log.info("client %d (pid %d) is the session manager", client.serial, client.credentials.pid)
        self._tell()

    def _busy(self, holder: Client | None) -> Busy:
        assert holder is not None  # noqa: S101  # else nobody is in the way
        facts = [f"{holder.name} (client {holder.serial}, pid {holder.credentials.pid}) is it"]
        if self.is_away:
            facts.append("it does not answer")
        return Busy(
            "there is a session manager already", facts=facts, advice=f"End it with: audiobus kill {holder.serial}"
        )

    def check(self, client: Client) -> None:
        """Denied where a client is not the session manager."""
        if client is not self.holder:
            raise Denied("only the session manager may do that", advice="Claim the session first.")

    def left(self, client: Client, why: str) -> None:
        """Govern without a client, if it was the session manager."""
        if client is not self.holder:
            return
        self.holder, self.is_away = None, False
        log.warning("the session manager left (%s); the static policy decides", why)
        self._stop_waiting()
        self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._grace_over)
        self._tell()
        self._bus.questions.session_left()
        self._decide_all(GONE)

    def close(self) -> None:
        """Wait for nobody any more."""
        self.holder = None
        self._undecided.clear()
        self._fallbacks.clear()
        self._stop_waiting()
        self._stop_grace()

    def _stop_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def _grace_over(self) -> None:
        self._grace = None
        self._bus.orders.let_all_be()

    def _tell(self) -> None:
        self._bus.registry.changed(self._bus.core, self.facts())

    # ---- what is to be decided ----

    def concern(self, matter: object, fallback: Callable[[], None]) -> None:
        """Leave a matter to the session manager, which hears of it by events; without one, do `fallback` now."""
        if not self.governs:
            fallback()
            return
        self._fallbacks[matter] = (self._number + 1, fallback)
        self._ask()

    def wait_for_decision(self, waiting: Undecided) -> None:
        """Have something decided, at the latest when the patience is over. There must be a session manager."""
        waiting.question = self._number + 1
        self._undecided[waiting.serial] = waiting
        self._ask()

    def decided(self, waiting: Undecided, *, is_to_wait: bool = False) -> None:
        """Note that something was decided, and be it that it has to wait."""
        waiting.question = 0
        if not is_to_wait:
            self._undecided.pop(waiting.serial, None)

    def _ask(self) -> None:
        if self._is_more:
            return
        self._is_more = True
        if not self._unanswered:
            asyncio.get_running_loop().call_soon(self._ask_now)

    def _ask_now(self) -> None:
        """Ask about everything that came since the last question."""
        if not self.governs or self.holder is None or not self._is_more:
            return
        self._is_more = False
        self._number += 1
        self._unanswered = self._number
        self._timer = asyncio.get_running_loop().call_later(self._patience, self._too_late)
        self.holder.tell("session-asked", SessionAsked(self._number))

    def answered(self, number: int) -> None:
        """Take the answer: all before the question is decided, or falls to the static policy."""
        if number != self._unanswered:
            return
        self._stop_waiting()
        if self.is_away:
            self.is_away = False
            log.info("the session manager answers again")
            self._tell()
        self._fallbacks = {key: kept for key, kept in self._fallbacks.items() if kept[0] > number}
        for waiting in [one for one in self._undecided.values() if 0 < one.question <= number]:
            self._fall_back(waiting, UNDECIDED)
        if self._is_more:
            self._ask_now()

    def _too_late(self) -> None:
        self._timer = None
        self.is_away = True
        self._is_more = False
        self._bus.incidents.tell(
            "session away", f"the session manager did not answer within {self._patience:g} s; the static policy decides"
        )
        self._tell()
        self._decide_all(AWAY)

    def _stop_waiting(self) -> None:
        self._unanswered = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _decide_all(self, why: str) -> None:
        self._is_more = False
        fallbacks, self._fallbacks = self._fallbacks, {}
        for _, fallback in fallbacks.values():
            fallback()
        for waiting in tuple(self._undecided.values()):
            self._fall_back(waiting, why)
        self._bus.orders.place_waiting()

    def _fall_back(self, waiting: Undecided, why: str) -> None:
        self._undecided.pop(waiting.serial, None)
        waiting.fall_back(why)
