"""What a player tells of where its bytes come from, and how loud they are; the other events are in events.py."""

from __future__ import annotations

from pyaudiobus.model.position import Position
from pyaudiobus.model.record import Record


class Waiting(Record):
    """The source is late, and nothing is heard until more came."""

    file: str
    position: Position
    buffered: float
    """Seconds that are there."""

    def as_json(self) -> dict[str, object]:
        """One line of --json."""
        return _buffered("waiting", self)


class Flows(Record):
    """Enough came from the source, and it goes on."""

    file: str
    position: Position
    buffered: float
    """Seconds that are there."""

    def as_json(self) -> dict[str, object]:
        """One line of --json."""
        return _buffered("flows", self)


class Title(Record):
    """What is heard from now on, as a station says."""

    file: str
    title: str

    def as_json(self) -> dict[str, object]:
        """One line of --json."""
        return {"event": "title", "file": self.file, "title": self.title}


def _buffered(event: str, told: Waiting | Flows) -> dict[str, object]:
    seconds, buffered = round(told.position.seconds, 6), round(told.buffered, 3)
    return {"event": event, "file": told.file, "seconds": seconds, "buffered": buffered}


class Louder(Record):
    """Somebody changed the volume."""

    file: str
    percent: float
    """Of the cube scale."""

    def as_json(self) -> dict[str, object]:
        """One line of --json."""
        return {"event": "volume", "file": self.file, "percent": round(self.percent, 2)}
