"""Plays one file after another on a bus and tells what happens, as an iterator of events. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from pyaudiobus.client.bus import Bus, Connection
from pyaudiobus.client.file_node import FileNode, Opener
from pyaudiobus.engine.frame_runs import native_runs
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model.events import Drained, Event, Negotiated, Notice, Playing, Started, Summary

EPSILON = 1e-6
"""Seconds; clocks and media times that differ by less are equal."""


class Player:
    """One player on one bus.

    `report_every` is the media time between two Playing events, in seconds; None sends them only
    when the sink wakes anyway, so that a quiet player costs no wakeups of its own; infinity sends none at all.
    """

    def __init__(self, bus: Bus, open_decoded: Opener, report_every: float | None = None) -> None:
        self._bus = bus
        self._open_decoded = open_decoded
        self._report_every = report_every

    def play(self, path: str) -> Iterator[Event]:
        """Play one file to its end. MediaError and DeviceError end the iteration; the device is closed then."""
        encoded = open_encoded(path, native_runs())
        node = FileNode(path, encoded, self._open_decoded)
        try:
            connection = self._bus.connect(node)
            try:
                terms = connection.terms
                yield Negotiated(path, terms.mode, terms.sink, terms.format, terms.reason, node.duration)
                for text in encoded.warnings if encoded else ():
                    yield Notice(path, text)
                yield from self._run(path, connection, node.duration)
            finally:
                connection.close()
        finally:
            node.close()

    def _run(self, path: str, connection: Connection, duration: float) -> Iterator[Event]:
        connection.start()
        deadline = connection.step()
        yield Started(path, connection.queued()[1], connection.fragment_size())
        yield self._playing(path, connection, duration)
        while deadline is not None:
            deadline, is_due = self._sleep(connection, deadline)
            for text in connection.news():
                yield Notice(path, text)
            if is_due:
                yield self._playing(path, connection, duration)
        yield Drained(path)
        seconds = connection.position().seconds
        yield Summary(path, connection.terms.mode, seconds, connection.counters())

    def _sleep(self, connection: Connection, deadline: float) -> tuple[float | None, bool]:
        """Sleep until the sink or a report is due; return the sink's next deadline and whether to report."""
        clock = self._bus.clock
        every = self._report_every
        report = inf if every is None else clock.now() + every
        signalled = clock.wait(connection.signal, min(deadline, report))
        if signalled or clock.now() + EPSILON >= deadline:
            return connection.step(), every != inf
        return deadline, True

    def _playing(self, path: str, connection: Connection, duration: float) -> Playing:
        queued, size = connection.queued()
        return Playing(path, connection.position(), duration, queued / size if size else 0.0)
