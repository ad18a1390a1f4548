"""A bounded store of bytes that a thread reads ahead from an origin, so that who plays them never waits for them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from math import inf

from pyaudiobus.client.stream.rest import Rest
from pyaudiobus.devices.clock import Clock, Signal
from pyaudiobus.errors import AudiobusError, MediaError
from pyaudiobus.media.origin.origin import Origin, Title

CAPACITY = 2 * 1024 * 1024
"""Bytes that are read ahead at most: two minutes of MP3 at 128 kbit/s, a quarter of one of FLAC."""
PIECE = 32 * 1024
"""Bytes that are read at a time; so much more than the capacity may be held for a moment."""
REFILL_AT = 0.5
"""Share of the capacity that is to be free before a full store is filled again: a radio sleeps meanwhile."""


class Prefetch:
    """Reads an origin from its beginning. All but the thread's own work belongs to the thread that plays.

    The origin is the thread's from now on, and is closed by it. With `holds_time` the thread counts for a clock that
    moves only while everybody sleeps: nothing is played in the time that reading takes.
    """

    def __init__(self, origin: Origin, clock: Clock, *, capacity: int = CAPACITY, holds_time: bool = False) -> None:
        self.name = origin.name
        self.kind = origin.kind
        self.size = origin.size
        self.can_seek = origin.can_seek
        self.is_live = origin.is_live
        self.signal: Signal = clock.signal()
        """Raised when as much is there as wake_at() asked for."""
        self._origin = origin
        self._clock = clock
        self._capacity = capacity
        self._holds_time = holds_time
        self._lock = threading.Lock()
        self._room = Rest(clock, on_clock=holds_time)
        """Where the thread waits for room."""
        self._arrivals = Rest(clock, on_clock=holds_time)
        """Where a thread that decodes waits for bytes."""
        self._pieces: deque[bytes] = deque()
        self._stored = 0
        self._is_full = self._has_ended = self._is_closed = False
        self._error: AudiobusError | None = None
        self._titles: list[Title] = []
        self._news: list[str] = []
        self._seek_to = -1
        self._wake_at = 0.0
        self._wakes = self.signal
        if holds_time:
            clock.join()
        self._thread = threading.Thread(target=self._run, name="prefetch", daemon=True)
        self._thread.start()

    # ---- for who plays ----

    @property
    def stored(self) -> int:
        """Bytes that can be taken now."""
        return self._stored

    @property
    def is_complete(self) -> bool:
        """Nothing comes that is not stored already: it ended or failed, or there is no room for more."""
        return self._has_ended or self._is_full

    @property
    def is_drained(self) -> bool:
        """The origin has ended or failed, and all that came was taken."""
        return self._has_ended and not self._stored

    @property
    def error(self) -> AudiobusError | None:
        """Why the origin failed, if it did."""
        return self._error

    def take(self, most: int) -> bytes:
        """Take what is there, in pieces as they came; nothing where there is nothing now."""
        with self._lock:
            if not self._pieces:
                return b""
            piece = self._pieces.popleft()
            if len(piece) > most:
                self._pieces.appendleft(piece[most:])
                piece = piece[:most]
            self._stored -= len(piece)
            has_room = self._is_full and self._stored <= self._capacity * (1 - REFILL_AT)
            if has_room:
                self._is_full = False
        if has_room:
            self._room.notify()
        return piece

    def look(self, size: int) -> bytes:
        """Return the next bytes without taking them; fewer where no more are stored."""
        with self._lock:
            data = bytearray()
            for piece in self._pieces:
                if len(data) >= size:
                    break
                data += piece
            return bytes(data[:size])

    def skip(self, count: int) -> None:
        """Pass over bytes that are stored."""
        while count and (piece := self.take(count)):
            count -= len(piece)

    def wake_at(self, stored: float, signal: Signal | None = None) -> None:
        """Raise a signal (or one's own) once so many bytes are stored, or no more will be."""
        with self._lock:
            self._wakes = signal or self.signal
            self._wake_at = stored
            self._wake()

    def wait(self, stored: int) -> None:
        """Sleep on the clock until so many bytes are stored, or no more will be."""
        while self._stored < stored and not self.is_complete:
            self.signal.clear()
            self.wake_at(stored)
            self._clock.wait(self.signal, inf)

    def wait_elsewhere(self, is_halted: Callable[[], bool]) -> None:
        """Sleep, in another thread than the one that plays, until something is stored or nothing will be.

        It ends sooner where that thread is halted; who does that calls notify_elsewhere().
        """
        self._arrivals.wait_for(lambda: self._stored or self.is_complete or self._is_closed or is_halted())

    def notify_elsewhere(self) -> None:
        """Have that thread look whether it is halted."""
        self._arrivals.notify()

    def seek(self, offset: int) -> None:
        """Throw away what is stored, and go on at a byte. NotSupported where the origin cannot do that."""
        if not self.can_seek:
            self._origin.seek(offset)
        with self._lock:
            self._pieces.clear()
            self._stored = 0
            self._seek_to = offset
            self._is_full = self._has_ended = False
            self._error = None
        self._room.notify()

    def titles(self) -> tuple[Title, ...]:
        """Take the titles that came with what was read."""
        with self._lock:
            titles, self._titles = tuple(self._titles), []
        return titles

    def news(self) -> tuple[str, ...]:
        """Take what a person should know of the origin."""
        with self._lock:
            news, self._news = tuple(self._news), []
        return news

    def close(self) -> None:
        """Stop reading, and let go of the origin; legal twice."""
        if self._is_closed:
            return
        self._origin.interrupt()  # while it is there: the thread lets go of it once this is closed
        self._is_closed = True
        self._room.notify()
        self._arrivals.notify()
        self._thread.join(timeout=1)

    # ---- the thread ----

    def _run(self) -> None:
        try:
            while self._wait_for_room():
                self._read()
        finally:
            self._origin.close()
            if self._holds_time:
                self._clock.leave()

    def _read(self) -> None:
        error: AudiobusError | None = None
        data = b""
        try:
            if self._seek_to >= 0:
                offset, self._seek_to = self._seek_to, -1
                self._origin.seek(offset)
            data = self._origin.read(PIECE)
        except AudiobusError as failure:
            error = failure
        except Exception as failure:  # a mistake here must end in words, not in a thread that is gone
            error = MediaError(f"{self.name} cannot be read: {failure!r}")
        with self._lock:
            if self._seek_to < 0:  # else it is of the place before
                self._store(data, error)
            self._titles += self._origin.titles()
            self._news += self._origin.news()
        self._arrivals.notify()

    def _store(self, data: bytes, error: AudiobusError | None) -> None:
        self._error = error
        self._has_ended = not data
        if data:
            self._pieces.append(data)
            self._stored += len(data)
        self._is_full = self._stored >= self._capacity
        self._wake()

    def _wake(self) -> None:
        if self._wake_at and (self._stored >= self._wake_at or self.is_complete):
            self._wake_at = 0.0
            self._wakes.set()

    def _wait_for_room(self) -> bool:
        """Sleep while there is nothing to do; False when it is over."""
        self._room.wait_for(lambda: self._is_closed or not (self._is_full or self._has_ended))
        return not self._is_closed
