"""What an interactive player shows of what plays, as two lines for a terminal of any width. Draws nothing."""

from __future__ import annotations

from pyaudiobus.cli.table import columns, one_line, short
from pyaudiobus.model.events import Event, Negotiated, Paused, Playing, Resumed, Sought, Stopped, Summary, Suspended
from pyaudiobus.model.source_events import Flows, Louder, Title, Waiting

PLAYING, PAUSED, WAITING, STOPPED = "playing", "paused", "waiting", "stopped"
_MARKS = {PLAYING: ">", PAUSED: "=", WAITING: "~", STOPPED: "."}
_BAR = 20
_SHORTEST_BAR = 8
_GAP = "  "


class NowPlaying:
    """The present track, by the events that told of it."""

    def __init__(self) -> None:
        self.status = STOPPED
        self.file = self.title = self.artist = ""
        self.mode = self.sink = self.reason = ""
        self.position = self.duration = self.fill = self.buffered = 0.0
        self.number = self.count = 0
        self.wakeups: float | None = None
        """A minute."""
        self.volume: float | None = None
        """Per cent."""

    def take(self, event: Event) -> None:
        """Follow an event."""
        if isinstance(event, Negotiated):
            self.file, self.duration = event.file, event.duration
            self.mode, self.sink, self.reason = event.mode, event.sink, event.reason
            self.position, self.fill, self.status = 0.0, 0.0, PLAYING
        elif isinstance(event, Playing):
            self.position, self.fill = event.position.seconds, event.fill
        elif isinstance(event, Title):
            self.title, self.artist = event.title, ""
        elif isinstance(event, Louder):
            self.volume = event.percent
        elif isinstance(event, Summary):
            self.position, self.status = event.seconds, STOPPED
        elif isinstance(event, Paused | Resumed | Sought | Suspended | Stopped | Waiting | Flows):
            self._move(event)

    def _move(self, event: Paused | Resumed | Sought | Suspended | Stopped | Waiting | Flows) -> None:
        self.position = event.position.seconds
        if isinstance(event, Waiting | Flows):
            self.buffered = event.buffered
        self.status = _AFTER.get(type(event), self.status)

    # ---- as lines ----

    def lines(self, width: int) -> list[str]:
        """Return two lines that are no wider than this."""
        return [cut(f"{_MARKS[self.status]} {self._name()}", width), self._figures(width)]

    def _name(self) -> str:
        name = " - ".join(part for part in (self.artist, self.title) if part)
        return one_line(name or short(self.file))

    def _figures(self, width: int) -> str:
        """Return position and what else there is room for: the most important first, in the order of reading."""
        time = minutes(self.position) + (f" / {minutes(self.duration)}" if self.duration else "")
        parts = {
            "state": self._state(),
            "queue": f"{self.number} of {self.count}" if self.count > 1 else "",
            "fill": f"DSP {self.fill:.0%}" if self.mode == "offload" else f"buffer {self.fill:.0%}",
            "mode": self.mode if self.mode == "offload" else "decoded",
            "volume": "" if self.volume is None else f"vol {self.volume:.0f}%",
            "wakeups": "" if self.wakeups is None else f"{self.wakeups:.0f} wakeups/min",
            "sink": self.sink,
        }
        room = width - columns(time)
        kept = {}
        for name, told in parts.items():
            part = one_line(told)
            if part and columns(part) + len(_GAP) <= room:
                kept[name] = part
                room -= columns(part) + len(_GAP)
        bar = self._bar(room - len(_GAP))
        return cut(_GAP.join(part for part in (time, bar, *kept.values()) if part), width)

    def _state(self) -> str:
        if self.status == WAITING:
            return f"waiting for the source, {self.buffered:.1f} s"
        return self.status if self.status in (PAUSED, STOPPED) else ""

    def _bar(self, room: int) -> str:
        size = min(_BAR, room - 2)
        if size < _SHORTEST_BAR or not self.duration:
            return ""
        done = round(size * min(1.0, self.position / self.duration))
        return f"[{'#' * done}{'.' * (size - done)}]"


_AFTER: dict[type[Event], str] = {
    Paused: PAUSED,
    Suspended: PAUSED,
    Resumed: PLAYING,
    Waiting: WAITING,
    Flows: PLAYING,
    Stopped: STOPPED,
}


def minutes(seconds: float) -> str:
    """Return "3:07", or with hours "1:03:07"."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def cut(text: str, width: int) -> str:
    """Return as much of a text as takes so many columns; one that is cut ends with a ~."""
    if columns(text) <= width:
        return text
    kept = ""
    for char in text:
        if columns(kept + char) > width - 1:
            break
        kept += char
    return kept + "~" if width > 0 else ""
