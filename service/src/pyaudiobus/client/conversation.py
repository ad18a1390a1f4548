"""A client's side of the protocol without I/O: requests that wait, answers that come, events and whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyaudiobus.protocol.frames import FrameKind
from pyaudiobus.protocol.messages import Hello, Refusal, Sender
from pyaudiobus.protocol.wire import FEATURES, VERSION, Message, Refused, Unknown, Wire
from pyaudiobus.protocol.words import Body

Answered = Callable[[Any, tuple[int, ...]], None]
"""Called with the body of an answer (a Refused where it was refused) and its descriptors."""
Heard = Callable[[str, Any, tuple[int, ...]], None]
"""Called with an event's name, body and descriptors."""


class Conversation:
    """Joins requests with their answers."""

    def __init__(self, heard: Heard) -> None:
        self._wire = Wire(Sender.CLIENT)
        self._waiting: dict[int, Answered] = {}
        self._heard = heard

    def greet(self, name: str, properties: dict[str, str], answered: Answered) -> bytes:
        """Return the bytes that open a conversation."""
        return self.ask("hello", Hello(VERSION, FEATURES, name, properties), answered)

    def ask(self, name: str, body: Body, answered: Answered, descriptors: tuple[int, ...] = ()) -> bytes:
        """Return the bytes of a request."""
        sequence, data = self._wire.request(name, body, descriptors)
        self._waiting[sequence] = answered
        return data

    def receive(self, data: bytes, descriptors: tuple[int, ...]) -> None:
        """Take what arrived. PeerError where the daemon breaks the rules."""
        for message in self._wire.receive(data, descriptors):
            self._take(message)

    def lost(self, error: Exception) -> None:
        """The connection is gone: everything that waits is answered with an error."""
        waiting, self._waiting = self._waiting, {}
        for answered in waiting.values():
            answered(error, ())

    def _take(self, message: Message | Unknown) -> None:
        if isinstance(message, Unknown):
            return
        if message.kind is FrameKind.EVENT:
            self._heard(message.name, message.body, message.descriptors)
            return
        answered = self._waiting.pop(message.sequence)
        body = Refused(message.body) if isinstance(message.body, Refusal) else message.body
        answered(body, message.descriptors)
