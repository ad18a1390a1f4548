"""What clients ask the session manager, on its way there and back. What the words mean is the session's business."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Answer, Client, Denied
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.session_messages import (
    AnswerQuestion,
    SessionQuestion,
    SessionSaid,
)

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

Later = Callable[[Answer | AudiobusError], None]
MOST = 64
"""Questions that wait for an answer."""
PATIENCE = 5.0
"""Seconds."""
ADVICE = "Start it with: systemctl start audiobus-session"


class NoAnswer(AudiobusError):
    """There is nobody who could answer."""


class Questions:
    """The questions of one bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._number = 0
        self._waiting: dict[int, tuple[Later, asyncio.TimerHandle]] = {}

    def ask(self, client: Client, question: str, arguments: dict[str, str], later: Later) -> None:
        """Ask the session manager. NoAnswer where there is none, or it is away."""
        if client.permissions.hides:
            raise Denied(
                "who may not see others may not ask the session manager",
                advice="What becomes of its own streams a program hears by their events.",
            )
        holder = self._bus.governing.holder
        if holder is None:
            raise NoAnswer("there is no session manager to ask; the daemon's static policy decides", advice=ADVICE)
        if self._bus.governing.is_away:
            raise NoAnswer("the session manager does not answer; the daemon's static policy decides")
        if len(self._waiting) >= MOST:
            raise AudiobusError(f"{MOST} questions wait for the session manager; one more would be too many")
        self._number += 1
        number = self._number
        timer = asyncio.get_running_loop().call_later(PATIENCE, self._give_up, number)
        self._waiting[number] = (later, timer)
        is_manager = client.permissions.role is Role.MANAGER
        holder.tell("session-question", SessionQuestion(number, client.serial, is_manager, question, arguments))

    def answered(self, answer: AnswerQuestion) -> None:
        """Hand on an answer; nothing where nobody waits for it any more."""
        later = self._taken(answer.number)
        if later is None:
            return
        if answer.error:
            later(AudiobusError(answer.error, facts=answer.lines, advice=answer.advice))
        else:
            later(Answer(SessionSaid(answer.lines)))

    def session_left(self) -> None:
        """Tell all that there is nobody to answer."""
        for number in tuple(self._waiting):
            self._end(number, "the session manager left before it answered")

    def _give_up(self, number: int) -> None:
        self._end(number, f"the session manager did not answer within {PATIENCE:g} s")

    def _end(self, number: int, why: str) -> None:
        later = self._taken(number)
        if later is not None:
            later(NoAnswer(why))

    def _taken(self, number: int) -> Later | None:
        found = self._waiting.pop(number, None)
        if found is None:
            return None
        found[1].cancel()
        return found[0]
