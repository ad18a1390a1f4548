"""Events as JSON, one object a line: the contract of --json. Loaded only when it is asked for."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext

from pyaudiobus.cli.printing import put_line
from pyaudiobus.cli.queue import Queue
from pyaudiobus.cli.report import DEFAULT_INTERVAL, complain
from pyaudiobus.client.player import Player
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.events import Event


class JsonReport:
    """One object a line; errors as objects too, and as sentences on stderr."""

    def __init__(self, program: str, *, interval: float | None = None) -> None:
        self.interval: float | None = interval or DEFAULT_INTERVAL
        self._program = program

    def attend(self, player: Player, queue: Queue) -> AbstractContextManager[object]:
        """Nothing is to be done beside telling events."""
        del player, queue
        return nullcontext()

    def show(self, event: Event) -> None:
        """Print one event."""
        put_line(json.dumps(event.as_json()))

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print the error as an event, and for people on stderr."""
        facts = list(error.facts)
        put_line(
            json.dumps({"event": "error", "file": file, "error": error.what, "facts": facts, "advice": error.advice})
        )
        complain(self._program, error)

    def interrupted(self) -> None:
        """Say that it was stopped."""
        put_line(json.dumps({"event": "interrupted"}))
