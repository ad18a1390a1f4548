"""What a player tells while it plays, as values; `as_json` gives the words of the --json contract."""

from __future__ import annotations

from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.format import EncodedFormat, Format
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.record import Record
from pyaudiobus.model.source_events import Flows, Louder, Title, Waiting

JsonObject = dict[str, object]


class Negotiated(Record):
    """A file's stream is linked to a sink."""

    file: str
    mode: str
    """"offload" (the DSP decodes) or "pcm" (we did)."""
    sink: str
    format: Format
    reason: str
    duration: float
    """Seconds."""

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "negotiated",
            "file": self.file,
            "mode": self.mode,
            "sink": self.sink,
            "format": format_as_json(self.format),
            "reason": self.reason,
            "seconds": round(self.duration, 6),
        }


class Notice(Record):
    """Something about the file a person should know; playback goes on."""

    file: str
    text: str

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {"event": "notice", "file": self.file, "text": self.text}


class Started(Record):
    """Sound begins: the ring is full, or holds the whole stream."""

    file: str
    ring_size: int
    """Bytes the sink's buffer holds; 0 where it has none."""
    fragment_size: int
    """Bytes."""

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "started",
            "file": self.file,
            "buffer": self.ring_size,
            "fragment_size": self.fragment_size,
        }


class Playing(Record):
    """Where the stream is now."""

    file: str
    position: Position
    duration: float
    """Seconds."""
    fill: float
    """How full the device's buffer is, 0 to 1."""
    latency: float = 0.0
    """Seconds of sound between here and the listener: what is in the device's buffer and not heard."""

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "position",
            "file": self.file,
            "seconds": round(self.position.seconds, 6),
            "uncertainty": round(self.position.uncertainty, 6),
            "fill": round(self.fill, 3),
            "latency": round(self.latency, 6),
        }


class Drained(Record):
    """The device says that everything was heard."""

    file: str

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {"event": "drained", "file": self.file}


class Summary(Record):
    """The last word about a file that played to its end."""

    file: str
    mode: str
    seconds: float
    counters: Counters

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "summary",
            "file": self.file,
            "mode": self.mode,
            "seconds": round(self.seconds, 6),
            "bytes_sent": self.counters.bytes_sent,
            "bytes_consumed": self.counters.bytes_consumed,
            "wakeups": self.counters.wakeups,
            "underruns": self.counters.underruns,
        }


class Paused(Record):
    """It holds; nothing is heard."""

    file: str
    position: Position

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return _at("paused", self.file, self.position)


class Resumed(Record):
    """It goes on."""

    file: str
    position: Position

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return _at("resumed", self.file, self.position)


class Sought(Record):
    """What is heard next is another place of the file."""

    file: str
    position: Position

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return _at("sought", self.file, self.position)


class Suspended(Record):
    """The device was given back so that it can sleep; the stream keeps its place."""

    file: str
    position: Position

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return _at("suspended", self.file, self.position)


class TrackChanged(Record):
    """A file follows another."""

    file: str
    previous: str
    gap: float
    """Seconds between the last frame of the one and the first of the other; 0 where nothing lies between them."""
    gapless: bool
    """Whether the device went on by itself, with no stop in between."""

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "track-changed",
            "file": self.file,
            "previous": self.previous,
            "gap": round(self.gap, 6),
            "gapless": self.gapless,
        }


class Stalled(Record):
    """The device does not do what it should; what comes of it is told by Recovered, Moved or an error."""

    file: str
    position: Position
    reason: str

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {**_at("stalled", self.file, self.position), "reason": self.reason}


class Recovered(Record):
    """The same device plays again, from where it was heard last."""

    file: str
    position: Position
    reason: str
    """What had happened."""
    attempts: int
    """How often it was tried."""

    def as_json(self) -> JsonObject:
        """One line of --json."""
        told = _at("recovered", self.file, self.position)
        return {**told, "reason": self.reason, "attempts": self.attempts}


class Moved(Record):
    """The stream goes on elsewhere, at the place where it was."""

    file: str
    position: Position
    mode: str
    sink: str
    format: Format
    reason: str

    def as_json(self) -> JsonObject:
        """One line of --json."""
        told = _at("moved", self.file, self.position)
        told.update(mode=self.mode, sink=self.sink, format=format_as_json(self.format), reason=self.reason)
        return told


class Stopped(Record):
    """Somebody ended it before its end."""

    file: str
    position: Position

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return _at("stopped", self.file, self.position)


class Failed(Record):
    """A file did not play, or not to its end; the next one is played."""

    file: str
    error: AudiobusError

    def as_json(self) -> JsonObject:
        """One line of --json."""
        error = self.error
        return {
            "event": "error",
            "file": self.file,
            "error": error.what,
            "facts": list(error.facts),
            "advice": error.advice,
        }


Source = Waiting | Flows | Title | Louder
"""What is told in source_events.py."""
Change = Paused | Resumed | Sought | Suspended | TrackChanged | Stalled | Recovered | Moved | Stopped | Failed | Source
"""What need not happen to a file that plays."""
Event = Negotiated | Notice | Started | Playing | Change | Drained | Summary


def _at(event: str, file: str, position: Position) -> JsonObject:
    return {
        "event": event,
        "file": file,
        "seconds": round(position.seconds, 6),
        "uncertainty": round(position.uncertainty, 6),
    }


def format_as_json(form: Format) -> JsonObject:
    """Return a format's fields under the names of the --json contract."""
    if isinstance(form, EncodedFormat):
        return {
            "codec": form.codec.value,
            "rate": form.rate,
            "channels": form.channels,
            "bit_rate": form.bit_rate,
            "bit_depth": form.bit_depth,
        }
    return {"codec": "pcm", "encoding": form.encoding.value, "rate": form.rate, "channels": form.channels}
