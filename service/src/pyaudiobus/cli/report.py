"""How events look to a person or a program: a progress line on a terminal, plain lines in a pipe, or JSON."""

from __future__ import annotations

import json
import sys
from typing import Protocol, TextIO

from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.events import Drained, Event, Negotiated, Notice, Playing, Started, Summary
from pyaudiobus.model.format import EncodedFormat

BAR_WIDTH = 20


class Report(Protocol):
    """Where a player's events go."""

    interval: float | None
    """Media seconds between two positions; None for none but the sink's own wakeups."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def fail(self, file: str, error: AudiobusError) -> None:
        """Show why a file did not play, or not to its end."""

    def interrupted(self) -> None:
        """The person stopped it."""


class JsonReport:
    """One object a line; errors as objects too, and as sentences on stderr."""

    interval: float | None = 0.5

    def __init__(self, program: str) -> None:
        self._program = program

    def show(self, event: Event) -> None:
        """Print one event."""
        _line(json.dumps(event.as_json(), ensure_ascii=False))

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print the error as an event, and for people on stderr."""
        facts = list(error.facts)
        _line(json.dumps({"event": "error", "file": file, "error": error.what, "facts": facts, "advice": error.advice}))
        complain(self._program, error)

    def interrupted(self) -> None:
        """Say that it was stopped."""
        _line(json.dumps({"event": "interrupted"}))


class LineReport:
    """Plain lines for pipes and logs; positions only when the sink wakes anyway."""

    interval: float | None = None

    def __init__(self, program: str, *, quiet: bool = False) -> None:
        self._program = program
        self._quiet = quiet

    def show(self, event: Event) -> None:
        """Print one event."""
        if isinstance(event, Notice):
            _line(f"{self._program}: {event.file}: {event.text}", sys.stderr)
        elif not self._quiet:
            for text in describe(event):
                _line(text)

    def fail(self, file: str, error: AudiobusError) -> None:
        """Print the error."""
        del file  # every error names its file or its device itself
        complain(self._program, error)

    def interrupted(self) -> None:
        """Say that it was stopped."""
        if not self._quiet:
            _line("interrupted")


class TerminalReport(LineReport):
    """Plain lines, and between them one line that is drawn again and again."""

    interval: float | None = 0.5

    def __init__(self, program: str) -> None:
        super().__init__(program)
        self._drawn = False

    def show(self, event: Event) -> None:
        """Print one event, or draw the progress line."""
        if isinstance(event, Playing):
            _put("\r\x1b[K" + progress_line(event))
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
            _put("\r\x1b[K")
            self._drawn = False

    def _end_line(self) -> None:
        if self._drawn:
            _put("\n")
            self._drawn = False


def choose_report(program: str, *, as_json: bool, quiet: bool = False) -> Report:
    """Return the report that fits where stdout goes."""
    if as_json:
        return JsonReport(program)
    if sys.stdout.isatty() and not quiet:
        return TerminalReport(program)
    return LineReport(program, quiet=quiet)


def describe(event: Event) -> list[str]:
    """Return the lines that tell a person about one event."""
    if isinstance(event, Negotiated):
        rate = f" at {event.format.bit_rate / 1000:.0f} kbit/s" if isinstance(event.format, EncodedFormat) else ""
        return [
            f"{event.file}",
            f"    {event.mode} on {event.sink}: {event.format}{rate}, {clock_time(event.duration)}",
            f"    because {event.reason}",
        ]
    if isinstance(event, Started):
        pieces = event.ring_size // event.fragment_size if event.fragment_size else 0
        return [f"    buffer {event.ring_size} bytes in {pieces} fragments of {event.fragment_size}"]
    if isinstance(event, Playing):
        return ["    " + progress_line(event)]
    if isinstance(event, Drained):
        return ["    drained: everything was heard"]
    if isinstance(event, Summary):
        count = event.counters
        carried = f"{count.bytes_sent} bytes sent, {count.bytes_consumed} consumed"
        return [
            f"    {clock_time(event.seconds)} played, {carried}, {count.wakeups} wakeups, {count.underruns} underruns"
        ]
    return [event.text]


def progress_line(event: Playing) -> str:
    """Return position, duration and how full the device's buffer is."""
    full = round(event.fill * BAR_WIDTH)
    bar = "#" * full + "." * (BAR_WIDTH - full)
    now, end = clock_time(event.position.seconds), clock_time(event.duration)
    return f"{now} / {end}  buffer [{bar}] {event.fill:4.0%}"


def clock_time(seconds: float) -> str:
    """Return "3:07.5", or with hours "1:03:07.5"."""
    tenths = int(seconds * 10 + 0.5)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def complain(program: str, error: AudiobusError) -> None:
    """Print one error on stderr: the sentence, the facts, what to do."""
    _line(f"{program}: {error}", sys.stderr)


def _line(text: str, stream: TextIO | None = None) -> None:
    _put(text + "\n", stream)


def _put(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    stream.write(text)
    stream.flush()
