"""Plays one file after another on a bus and tells what happens, as an iterator of events. Prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from math import inf
from typing import Protocol, runtime_checkable

from pyaudiobus.client.bus import Bus, Connection
from pyaudiobus.client.controls import Ask, Controls, Wish
from pyaudiobus.client.file_node import FileNode, Opener
from pyaudiobus.client.turn import Track, Turn
from pyaudiobus.engine.frame_runs import native_runs
from pyaudiobus.errors import AudiobusError, DeviceError, NotSupported
from pyaudiobus.media.encoded import open_encoded
from pyaudiobus.model import events, source_events
from pyaudiobus.model.changes import Change, Flowing, Joined, Mended, Relocated, Slept, Starved, Titled, Troubled
from pyaudiobus.model.events import Event
from pyaudiobus.model.position import Position

EPSILON = 1e-6
"""Seconds; clocks and media times that differ by less are equal."""
BACK_TO_START = 3.0
"""Seconds of a file after which "previous" means its start, not the file before it."""


LOUDEST = 100.0
"""Per cent that a player goes up to; more is for those who know what they do (audiobus volume)."""


@runtime_checkable
class Audible(Protocol):
    """A connection whose stream has a volume of its own."""

    def volume(self) -> float:
        """The linear gain it has. NotSupported."""

    def set_volume(self, gain: float) -> None:
        """Have another. NotSupported."""


class TrackLoudness(Protocol):
    """How loud files are to be."""

    def gain(self, name: str, now: Callable[[], float]) -> float | None:
        """Return the linear gain for a file; None leaves it. `now` tells how loud it is."""


class Player:
    """One player on one bus.

    `report_every` is the media time between two Playing events, in seconds; None sends them only
    when the sink wakes anyway, so that a quiet player costs no wakeups of its own; infinity sends none at all.
    """

    def __init__(
        self,
        bus: Bus,
        open_decoded: Opener,
        report_every: float | None = None,
        loudness: TrackLoudness | None = None,
    ) -> None:
        """`loudness` is what each file is to be as loud as; None leaves it as it is."""
        self.controls = Controls()
        """What may be asked of it while it plays, from any thread."""
        self._loudness = loudness
        self._bus = bus
        self._open_decoded = open_decoded
        self._report_every = report_every

    def play(self, path: str) -> Iterator[Event]:
        """Play one file to its end. MediaError and DeviceError end the iteration; the device is closed then."""
        for event in self.play_all((path,)):
            if isinstance(event, events.Failed):
                raise event.error
            yield event

    def play_all(self, tracks: Sequence[str | Track], *, gapless: bool = True) -> Iterator[Event]:
        """Play files in turn; one that fails (Failed) does not keep the next from playing.

        `tracks` is looked at again after each of them: a list that grows plays on. With `gapless` the device goes on
        from one to the next by itself where it can; what lies between two files is told (TrackChanged) either way.
        """
        turn = Turn(tracks, gapless=gapless)
        while turn.place < len(tracks):
            yield from self._play(turn)

    def _play(self, turn: Turn) -> Generator[Event]:
        """Play the present file, and those that are joined to it; leave the turn at what comes next."""
        try:
            yield from self._connect(turn)
        except AudiobusError as error:
            yield events.Failed(turn.name, error)
            turn.move(1)
        finally:
            self.controls.wake(None)
            turn.close()

    def _connect(self, turn: Turn) -> Generator[Event]:
        node = turn.node = self._open(turn.track)
        connection = turn.connection = self._bus.connect(node, joins=turn.has_next)
        self.controls.wake(connection.signal)
        yield from _introduce(turn, node, connection)
        yield from self._set_loudness(turn, connection)
        connection.start()
        deadline = connection.step()
        yield events.Started(turn.name, connection.queued()[1], connection.fragment_size())
        if turn.ended is not None:
            yield events.TrackChanged(turn.name, turn.previous, self._bus.clock.now() - turn.ended, gapless=False)
        yield self._playing(turn, connection)
        yield from self._run(turn, connection, deadline)

    def _run(self, turn: Turn, connection: Connection, deadline: float | None) -> Generator[Event]:
        while deadline is not None:
            if connection.wants_next:
                self._queue_next(turn, connection)
                deadline = connection.step()
                yield from self._tell_news(turn, connection)
                continue
            is_sink_due = self._sleep(turn, connection, deadline)
            yield from self._tell_news(turn, connection)  # what is asked is meant for the file that is heard
            yield from self._obey(turn, connection)
            if turn.is_left:
                return
            if is_sink_due:
                deadline = connection.step()
            yield from self._tell_news(turn, connection)
            if self._is_report_due(turn, is_over=deadline is None):
                yield self._playing(turn, connection)
        turn.ended = self._bus.clock.now()
        yield events.Drained(turn.name)
        mode, seconds = connection.terms.mode, connection.position().seconds
        yield events.Summary(turn.name, mode, seconds, connection.counters())
        turn.move(1)

    def _tell_news(self, turn: Turn, connection: Connection) -> Generator[Event]:
        news = connection.news()
        for place, change in enumerate(news):
            is_of_last = any(isinstance(later, Joined) for later in news[place + 1 :])  # which has ended meanwhile
            position = Position(turn.duration, 0.0) if is_of_last else connection.position()
            yield from self._tell(turn, connection, change, position)

    def _is_report_due(self, turn: Turn, *, is_over: bool) -> bool:
        """Tell whether to tell the position; never twice at one instant to those who want it at intervals."""
        every, told, now = self._report_every, turn.told_at, self._bus.clock.now()
        turn.told_at = now
        return every != inf and not turn.is_paused and (is_over or every is None or now > told)

    def _sleep(self, turn: Turn, connection: Connection, deadline: float) -> bool:
        """Sleep until the sink or a report is due, or something is asked; tell whether the sink is to be looked after.

        Whoever asks wakes the sink too: what it clears when it is looked after may have been meant for us.
        """
        if self.controls.is_waiting:
            return True
        clock, every = self._bus.clock, self._report_every
        report = inf if every is None or turn.is_paused else clock.now() + every
        signalled = clock.wait(connection.signal, min(deadline, report))
        return signalled or clock.now() + EPSILON >= deadline

    def _playing(self, turn: Turn, connection: Connection) -> events.Playing:
        queued, size = connection.queued()
        fill = queued / size if size else 0.0
        return events.Playing(turn.name, connection.position(), turn.duration, fill, connection.latency())

    # ---- what is asked ----

    def _obey(self, turn: Turn, connection: Connection) -> Generator[Event]:
        while not turn.is_left and (wish := self.controls.take()) is not None:
            try:
                yield from self._do(turn, connection, wish)
            except NotSupported as error:
                yield events.Notice(turn.name, error.what)

    def _do(self, turn: Turn, connection: Connection, wish: Wish) -> Generator[Event]:
        ask = wish.ask
        if ask is Ask.TOGGLE:
            ask = Ask.RESUME if turn.is_paused else Ask.PAUSE
        if ask is Ask.PAUSE and not turn.is_paused:
            connection.pause()
            turn.is_paused = True
            yield events.Paused(turn.name, connection.position())
        elif ask is Ask.RESUME and turn.is_paused:
            connection.start()
            turn.is_paused = False
            yield events.Resumed(turn.name, connection.position())
        elif ask in (Ask.SEEK, Ask.SEEK_BY):
            yield from self._seek(turn, connection, wish)
        elif ask in (Ask.NEXT, Ask.PREVIOUS, Ask.STOP):
            yield from self._leave(turn, connection, ask)
        elif ask in (Ask.VOLUME, Ask.VOLUME_BY):
            yield source_events.Louder(turn.name, change_volume(connection, wish))

    def _seek(self, turn: Turn, connection: Connection, wish: Wish) -> Generator[Event]:
        origin = connection.position().seconds if wish.ask is Ask.SEEK_BY else 0.0
        connection.seek(min(max(0.0, origin + wish.seconds), turn.duration or inf))
        turn.unqueue()
        yield events.Sought(turn.name, connection.position())

    def _leave(self, turn: Turn, connection: Connection, ask: Ask) -> Generator[Event]:
        position = connection.position()
        if ask is Ask.PREVIOUS and (position.seconds > BACK_TO_START or turn.place == 0):
            yield from self._seek(turn, connection, Wish(Ask.SEEK, 0.0))
            return
        yield events.Stopped(turn.name, position)
        turn.ended = self._bus.clock.now()
        turn.leave({Ask.NEXT: 1, Ask.PREVIOUS: -1, Ask.STOP: len(turn.tracks)}[ask])

    # ---- what follows ----

    def _queue_next(self, turn: Turn, connection: Connection) -> None:
        """Open the file after the present one and have it joined; what fails is met, and told, when it is its turn."""
        turn.unqueue()
        is_scaled = (
            self._loudness is not None and connection.terms.mode == "pcm"
        )  # what is written is as loud as the last
        if not turn.has_next or is_scaled:
            connection.queue(None)
            return
        track = turn.tracks[turn.place + 1]
        if not isinstance(track, str) and not track.joins:
            connection.queue(None)
            return
        try:
            node = self._open(track)
        except AudiobusError:
            connection.queue(None)
            return
        if connection.queue(node):
            turn.queued = node
        else:
            node.close()

    def _tell(self, turn: Turn, connection: Connection, change: str | Change, position: Position) -> Generator[Event]:
        if isinstance(change, Joined):
            yield from self._join(turn, connection, change)
            return
        name = turn.name
        if isinstance(change, str):
            yield events.Notice(name, change)
        elif isinstance(change, Slept):
            yield events.Suspended(name, position)
        elif isinstance(change, Troubled):
            yield events.Stalled(name, position, change.reason)
        elif isinstance(change, Mended):
            yield events.Recovered(name, position, change.reason, change.attempts)
        elif isinstance(change, Starved):
            yield source_events.Waiting(name, position, change.buffered)
        elif isinstance(change, Flowing):
            yield source_events.Flows(name, position, change.buffered)
        elif isinstance(change, Titled):
            yield source_events.Title(name, change.title)
        elif isinstance(change, Relocated):
            self.controls.wake(connection.signal)
            terms = connection.terms
            position = Position(change.seconds, position.uncertainty)
            yield events.Moved(name, position, terms.mode, terms.sink, terms.format, change.reason)

    def _join(self, turn: Turn, connection: Connection, joined: Joined) -> Generator[Event]:
        yield events.Summary(turn.name, connection.terms.mode, turn.duration, joined.counters)
        turn.join()
        assert turn.node is not None  # noqa: S101  # it was queued, else nothing would have been joined
        yield from _introduce(turn, turn.node, connection)
        yield from self._set_loudness(turn, connection)
        yield events.TrackChanged(turn.name, turn.previous, joined.gap, joined.gapless)
        yield events.Started(turn.name, connection.queued()[1], connection.fragment_size())

    def _set_loudness(self, turn: Turn, connection: Connection) -> Generator[Event]:
        """Make it as loud as the file is to be, or tell why that cannot be."""
        if self._loudness is None or not isinstance(connection, Audible):
            return
        try:
            gain = self._loudness.gain(turn.name, connection.volume)
            if gain is not None:
                connection.set_volume(gain)
        except (NotSupported, DeviceError) as refusal:
            yield events.Notice(turn.name, f"it plays as loud as it is: {refusal.what}")

    def _open(self, track: str | Track) -> FileNode:
        if not isinstance(track, str):
            return track.open()
        return FileNode(track, open_encoded(track, native_runs()), self._open_decoded)


def _introduce(turn: Turn, node: FileNode, connection: Connection) -> Generator[Event]:
    """Tell where a file plays, and what is wrong with it."""
    terms = connection.terms
    yield events.Negotiated(turn.name, terms.mode, terms.sink, terms.format, terms.reason, node.duration)
    for text in node.warnings:
        yield events.Notice(turn.name, text)


def change_volume(connection: Connection, wish: Wish) -> float:
    """Set or change a stream's volume; return the per cent of the cube scale that it has now. NotSupported."""
    if not isinstance(connection, Audible):
        raise NotSupported("there is no volume to change here", advice="Use the volume of the board or the sound card.")
    before = 0.0 if wish.ask is Ask.VOLUME else connection.volume() ** (1 / 3) * 100
    percent = min(max(0.0, before + wish.percent), LOUDEST)
    connection.set_volume((percent / 100) ** 3)
    return percent
