"""`audiobus play` as a player on the bus: it says what plays, and obeys `audiobus player`. Loaded only with a daemon.

Nothing is said while it simply plays: a position is told with the moment when it was measured, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from pyaudiobus.cli.labels import labels_of
from pyaudiobus.cli.loudness import percent
from pyaudiobus.cli.now_playing import PLAYING, STOPPED, NowPlaying
from pyaudiobus.cli.queue import Queue
from pyaudiobus.cli.report import Report
from pyaudiobus.client.controls import Controls
from pyaudiobus.client.player import Player
from pyaudiobus.client.players import AnnouncedPlayer, announce
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.events import Event, Negotiated, Playing
from pyaudiobus.protocol.player_messages import PlayerAsked

NAME = "audiobus play"
MOST_SHOWN = 64
"""Tracks of a queue that are told."""
LONGEST = 1024
"""Characters of a title."""


class AnnouncingReport:
    """Another report, and the bus."""

    def __init__(self, inner: Report, remote: Remote, add: Callable[[str, int], None]) -> None:
        """`add` puts a place into the queue, behind so many tracks."""
        self.interval = inner.interval
        self._inner = inner
        self._remote = remote
        self._add = add
        self._now = NowPlaying()
        self._queue: Queue | None = None
        self._controls: Controls | None = None
        self._player: AnnouncedPlayer | None = None

    @contextmanager
    def attend(self, player: Player, queue: Queue) -> Iterator[None]:
        """Be a player on the bus meanwhile. A bus that does not know players has none."""
        self._queue, self._controls = queue, player.controls
        if "players" in self._remote.features:
            self._player = announce(self._remote, NAME, self._obey, abilities=self._abilities())
        inner: AbstractContextManager[object] = self._inner.attend(player, queue)
        with inner:
            yield
        if self._player is not None:
            self._player.close()

    def show(self, event: Event) -> None:
        """Show one event, and tell the bus where it is news to it."""
        self._inner.show(event)
        before = self._now.status
        self._now.take(event)
        if isinstance(event, Playing) and before == PLAYING:
            return
        if isinstance(event, Negotiated):
            self._introduce(event)
        self._tell()

    def fail(self, file: str, error: AudiobusError) -> None:
        """Show why a file did not play."""
        self._inner.fail(file, error)
        self._now.status = STOPPED
        self._tell()

    def interrupted(self) -> None:
        """The person stopped it."""
        self._inner.interrupted()

    # ---- what is told ----

    def _introduce(self, event: Negotiated) -> None:
        title, artist = "", ""
        if self._queue is not None:
            self._queue.follow(event.file)
            title = self._queue.title(event.file)
        if not title:
            title, artist = labels_of(event.file)
        self._now.title, self._now.artist = title, artist

    def _tell(self) -> None:
        now, queue, player = self._now, self._queue, self._player
        if player is None or queue is None:
            return
        player.tell(
            status=now.status,
            abilities=self._abilities(),
            title=_told(now.title),
            artist=_told(now.artist),
            place=_told(now.file),
            position=now.position,
            length=now.duration,
            number=queue.number,
            queue=tuple(_told(name) for name in queue.names(MOST_SHOWN)),
            queue_length=queue.count,
            volume=self._gain(),
        )

    def _gain(self) -> float:
        """Return the linear gain, as far as somebody has changed it; 1 is how every stream begins."""
        return 1.0 if self._now.volume is None else (self._now.volume / 100) ** 3

    def _abilities(self) -> tuple[str, ...]:
        queue = self._queue
        able = ["pause", "resume", "toggle", "stop", "previous", "open", "volume"]
        if queue is not None and queue.number < queue.count:
            able.append("next")
        if self._now.duration:
            able.append("seek")
        return tuple(able)

    # ---- what is asked ----

    def _obey(self, asked: PlayerAsked) -> None:
        controls, queue = self._controls, self._queue
        if controls is None or queue is None:
            return
        if asked.command == "seek":
            (controls.seek_by if asked.is_relative else controls.seek)(asked.seconds)
        elif asked.command == "volume":
            controls.set_volume(percent(asked.value))
        elif asked.command == "open":
            self._add(asked.place, queue.number)
            controls.next()
        else:
            _PLAIN[asked.command](controls)


_PLAIN: dict[str, Callable[[Controls], None]] = {
    "pause": Controls.pause,
    "resume": Controls.resume,
    "toggle": Controls.toggle,
    "stop": Controls.stop,
    "next": Controls.next,
    "previous": Controls.previous,
}


def _told(text: str) -> str:
    """Return somebody's text as it can be sent."""
    return text.encode("utf-8", "replace").decode("utf-8", "replace")[:LONGEST]
