"""What a player tells while it plays, as values; `as_json` gives the words of the --json contract."""

from __future__ import annotations

from pyaudiobus.model.format import EncodedFormat, Format
from pyaudiobus.model.position import Counters, Position
from pyaudiobus.model.record import Record

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

    def as_json(self) -> JsonObject:
        """One line of --json."""
        return {
            "event": "position",
            "file": self.file,
            "seconds": round(self.position.seconds, 6),
            "uncertainty": round(self.position.uncertainty, 6),
            "fill": round(self.fill, 3),
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


Event = Negotiated | Notice | Started | Playing | Drained | Summary


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
