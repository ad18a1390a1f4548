"""A session manager by hand: it governs, hears what there is, and decides what the test says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Self

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.session_messages import (
    AdmitClient,
    ClaimSession,
    HoldStream,
    PlaceStream,
    RefuseStream,
    SessionAsked,
)
from pyaudiobus.protocol.wire import Message, Refused
from pyaudiobus.protocol.words import Body, ObjectInfo
from tests.daemon.bench import PATIENCE, Observer, Raw


class Governor:
    """It has claimed the session."""

    def __init__(self, remote: Remote, patience: int = 10_000) -> None:
        self.remote = remote
        self.picture = Observer(remote)
        remote.ask("claim-session", ClaimSession(patience))
        self._asked: list[Any] = []

    def stream(self, name: str) -> ObjectInfo:
        """Wait until there is a stream of that name, and the daemon has asked about it."""
        self.picture.until(lambda: self.picture.named(name))
        found = self.picture.named(name)
        assert found is not None
        return found

    def asked(self) -> int:
        """Wait until the daemon asks; return the number."""
        while True:
            for event in self.remote.happenings():
                if event.name == "session-asked":
                    return int(event.body.number)
                self._asked.append(event)
            assert self.remote.wait(timeout=PATIENCE), "nobody asks"

    def answer(self) -> None:
        """Say that all is decided about which the daemon has asked, or will ask next."""
        self.remote.ask("answer-session", SessionAsked(self.asked()))

    def place(self, stream: str, target: str, **more: Any) -> int:
        """Link a stream; return the link's serial."""
        sink = self.picture.named(target)
        assert sink is not None
        made = self.remote.ask("place-stream", PlaceStream(self.stream(stream).serial, sink.serial, **more))
        serial: int = made.serial
        return serial

    def hold(self, stream: str, reason: str) -> None:
        self.remote.ask("hold-stream", HoldStream(self.stream(stream).serial, reason=reason))

    def refuse(self, stream: str, reason: str) -> None:
        self.remote.ask("refuse-stream", RefuseStream(self.stream(stream).serial, reason=reason))

    def admit(self, name: str, role: str = "") -> int:
        """Let a client in that has that name; return its serial."""
        self.picture.until(lambda: self.picture.named(name, "client"))
        found = self.picture.named(name, "client")
        assert found is not None
        self.remote.ask("admit-client", AdmitClient(found.serial, role))
        return found.serial

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remote.close()


def close_received(message: Message) -> Message:
    """Close the descriptors that came with a message, and return it."""
    for descriptor in message.descriptors:
        os.close(descriptor)
    return message


def heard(raw: Raw, name: str) -> Iterator[Any]:
    """Yield the events of a name as they come."""
    while True:
        for event in raw.events:
            if event.name == name:
                yield event.body
        raw.hear()


def code_of(remote: Remote, name: str, body: Body) -> str:
    """Ask for what is refused, and return the code."""
    with pytest.raises(Refused) as refused:
        remote.ask(name, body)
    return refused.value.code.value
