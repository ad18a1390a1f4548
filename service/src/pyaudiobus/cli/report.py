"""How events look to a person or a program: a progress line on a terminal, plain lines in a pipe, or JSON."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from math import inf
from typing import Protocol

from pyaudiobus.cli.load import INTERACTIVE, JSON_REPORT, load
from pyaudiobus.cli.printing import put, put_line
from pyaudiobus.cli.queue import Queue
from pyaudiobus.client.player import Player
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.events import (
    Change,
    Drained,
    Event,
    Failed,
    Moved,
    Negotiated,
    Notice,
    Paused,
    Playing,
    Recovered,
    Resumed,
    Sought,
    Stalled,
    Started,
    Stopped,
    Summary,
    Suspended,
    TrackChanged,
)
from pyaudiobus.model.format import EncodedFormat
from pyaudiobus.model.source_events import Flows, Louder, Title, Waiting

BAR_WIDTH = 20
UNASKED_INTERVAL = 10.0
"""Media seconds between two positions at least, where they are told only because the sink woke."""
SMALLEST_FRAGMENT = 512
"""Bytes; what takes less at a time takes any number of frames, and has no fragments worth telling."""
DEFAULT_INTERVAL = 0.5
"""Media seconds between two positions, for those who want them all the time."""

_SIMPLE = {
    Paused: "paused",
    Resumed: "resumed",
    Sought: "went to another place, now",
    Suspended: "the device sleeps, paused",
    Stopped: "stopped",
}


class Report(Protocol):
    """Where a player's events go."""

    interval: float | None
    """Media seconds between two positions; None for none but the sink's own wakeups."""

    def attend(self, player: Player, queue: Queue) -> AbstractContextManager[object]:
        """Return what is entered while a player plays a queue."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def fail(self, file: str, error: AudiobusError) -> None:
        """Show why a file did not play, or not to its end."""

    def interrupted(self) -> None:
        """The person stopped it."""


class LineReport:
    """Plain lines for pipes and logs; positions only when the sink wakes anyway."""

    def __init__(self, program: str, *, quiet: bool = False, interval: float | None = None) -> None:
        self.interval = interval
        self._program = program
        self._quiet = quiet
        self._told = -inf

    def attend(self, player: Player, queue: Queue) -> AbstractContextManager[object]:
        """Nothing is to be done beside showing events."""
        del player, queue
        return nullcontext()

    def show(self, event: Event) -> None:
        """Print one event."""
        if isinstance(event, Notice):
            put_line(f"{self._program}: {event.file}: {event.text}", sys.stderr)
        elif not self._quiet and self._is_news(event):
            if isinstance(event, Negotiated):
                put_line(event.file)
            for text in describe(event):
                put_line(f"    {text}")

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print the error."""
        del file  # every error names its file or its device itself
        complain(self._program, error)

    def interrupted(self) -> None:
        """Say that it was stopped."""
        if not self._quiet:
            put_line("interrupted")

    def _is_news(self, event: Event) -> bool:
        """Leave out positions nobody asked for that come close upon each other."""
        if not isinstance(event, Playing) or self.interval is not None:
            return True
        seconds = event.position.seconds
        if 0 <= seconds - self._told < UNASKED_INTERVAL:
            return False
        self._told = seconds
        return True


class TerminalReport(LineReport):
    """Plain lines, and between them one line that is drawn again and again."""

    def __init__(self, program: str, *, interval: float | None = None) -> None:
        super().__init__(program, interval=interval or DEFAULT_INTERVAL)
        self._drawn = False

    def show(self, event: Event) -> None:
        """Print one event, or draw the progress line."""
        if isinstance(event, Playing):
            put("\r\x1b[K" + progress_line(event))
            self._drawn = True
            return
        self._wipe()
        super().show(event)

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print the error under the progress line."""
        self._end_line()
        super().fail(file, error)

    def interrupted(self) -> None:
        """Leave the position on the screen."""
        self._end_line()
        super().interrupted()

    def _wipe(self) -> None:
        if self._drawn:
            put("\r\x1b[K")
            self._drawn = False

    def _end_line(self) -> None:
        if self._drawn:
            put("\n")
            self._drawn = False


def choose_report(program: str, *, as_json: bool, interval: float | None = None, has_keys: bool = False) -> Report:
    """Return the report that fits where stdout goes; `interval` is in media seconds, None for the report's own.

    With `has_keys` a terminal gets the interactive player.
    """
    if as_json:
        report: Report = load(JSON_REPORT)(program, interval=interval)
        return report
    if sys.stdout.isatty() and has_keys and os.environ.get("TERM", "dumb") != "dumb":
        interactive: Report = load(INTERACTIVE)(program, interval=interval)
        return interactive
    if sys.stdout.isatty():
        return TerminalReport(program, interval=interval)
    return LineReport(program, interval=interval)


def describe(event: Event) -> list[str]:
    """Return the lines that tell a person about one event."""
    if isinstance(event, Negotiated):
        lines = _describe_terms(event)
    elif isinstance(event, Started):
        lines = [_describe_buffer(event)]
    elif isinstance(event, Playing):
        lines = [progress_line(event)]
    elif isinstance(event, Drained):
        lines = ["drained: everything was heard"]
    elif isinstance(event, Summary):
        lines = [_describe_summary(event)]
    elif isinstance(event, Notice):
        lines = [event.text]
    else:
        lines = [_describe_change(event)]
    return lines


def _describe_change(event: Change) -> str:
    if isinstance(event, TrackChanged):
        return "follows without a gap" if event.gapless else f"follows after a gap of {event.gap * 1000:.0f} ms"
    if isinstance(event, Failed):
        return event.error.what
    if isinstance(event, Title):
        return f"title: {event.title}"
    if isinstance(event, Louder):
        return f"volume {event.percent:.0f}%"
    at = clock_time(event.position.seconds)
    if isinstance(event, Waiting | Flows):
        what = "waiting for the source" if isinstance(event, Waiting) else "goes on"
        return f"{what} at {at}, {event.buffered:.1f} s buffered"
    return _describe_incident(event, at)


def _describe_incident(event: Change, at: str) -> str:
    if isinstance(event, Stalled):
        return f"trouble at {at}: {event.reason}"
    if isinstance(event, Recovered):
        return f"recovered at {at}, attempt {event.attempts}: {event.reason}"
    if isinstance(event, Moved):
        return f"goes on at {at}, {event.mode} on {event.sink}: {event.reason}"
    return f"{_SIMPLE[type(event)]} at {at}"


def _describe_terms(event: Negotiated) -> list[str]:
    rate = f" at {event.format.bit_rate / 1000:.0f} kbit/s" if isinstance(event.format, EncodedFormat) else ""
    terms = f"{event.mode} on {event.sink}: {event.format}{rate}, {length_time(event.duration)}"
    return [terms, f"because {event.reason}"]


def _describe_buffer(event: Started) -> str:
    if event.fragment_size < SMALLEST_FRAGMENT:
        return f"buffer {event.ring_size} bytes"
    pieces = event.ring_size // event.fragment_size
    return f"buffer {event.ring_size} bytes in {pieces} fragments of {event.fragment_size}"


def _describe_summary(event: Summary) -> str:
    count = event.counters
    carried = f"{count.bytes_sent} bytes sent, {count.bytes_consumed} consumed"
    return f"{clock_time(event.seconds)} played, {carried}, {count.wakeups} wakeups, {count.underruns} underruns"


def progress_line(event: Playing) -> str:
    """Return position, duration and how full the device's buffer is."""
    full = round(event.fill * BAR_WIDTH)
    bar = "#" * full + "." * (BAR_WIDTH - full)
    now, end = clock_time(event.position.seconds), length_time(event.duration)
    return f"{now} / {end}  buffer [{bar}] {event.fill:4.0%}"


def length_time(seconds: float) -> str:
    """Return a length as clock_time() does, or that nobody knows it."""
    return clock_time(seconds) if seconds else "?"


def clock_time(seconds: float) -> str:
    """Return "3:07.5", or with hours "1:03:07.5"."""
    tenths = int(seconds * 10 + 0.5)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def complain(program: str, error: AudiobusError) -> None:
    """Print one error on stderr: the sentence, the facts, what to do."""
    put_line(f"{program}: {error}", sys.stderr)
