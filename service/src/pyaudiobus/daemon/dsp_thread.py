"""The thread of one compressed sink: all its device calls are made there, because any of them may block."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

from pyaudiobus.daemon.feed import Feed
from pyaudiobus.devices.clock import Clock
from pyaudiobus.errors import AudiobusError
from pyaudiobus.nodes.compressed_sink.node import CompressedSink

log = logging.getLogger("audiobusd")
MOST_ORDERS = 1024
"""Orders that wait; a device that blocks must not let more pile up."""
PATIENCE = 3.0
"""Seconds until a thread that is stuck in its driver is left behind, so that the daemon can end."""
Result = TypeVar("Result")
Done = Callable[[Any], None]
"""Called in the loop with what an order returned, or with the AudiobusError that it raised."""
Failed = Callable[[AudiobusError], None]
"""Called in the loop when a feed could not go on; the device was given back then."""


class Overloaded(AudiobusError):
    """The device's thread does not come along."""


class DspThread:
    """Does orders in turn, and between them what the present feed wants done."""

    def __init__(self, sink: CompressedSink, clock: Clock) -> None:
        """Start it."""
        self._sink = sink
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._orders: deque[tuple[Callable[[], object], Done]] = deque()
        self._feed: Feed | None = None
        self._failed: Failed = _nothing
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name=sink.name[:15], daemon=True)
        self._thread.start()

    # ---- in the loop ----

    def do(self, order: Callable[[], object], done: Done) -> None:
        """Have something done there. Overloaded."""
        if len(self._orders) >= MOST_ORDERS:
            raise Overloaded(f"{self._sink.name} does not answer; {MOST_ORDERS} orders wait for its driver")
        self._give(order, done)

    def must(self, order: Callable[[], object], done: Done) -> None:
        """Have something done that cannot be left out: there is one such order for each stream."""
        self._give(order, done)

    def wake(self) -> None:
        """Let it look: a client has stored something."""
        self._sink.signal.set()

    def stop(self) -> None:
        """Do what was ordered, then end."""
        self._is_stopping = True
        self._sink.signal.set()
        self._thread.join(PATIENCE)

    def _give(self, order: Callable[[], object], done: Done) -> None:
        self._orders.append((order, done))
        if self._thread.is_alive():
            self._sink.signal.set()
        else:  # it has ended with its sink: nobody else is left to do it
            self._obey()

    # ---- in the thread ----

    def play(self, feed: Feed, failed: Failed) -> None:
        """Look after a feed from now on; to be ordered."""
        self._feed, self._failed = feed, failed

    def play_nothing(self) -> None:
        """Let go of the feed; to be ordered."""
        self._feed = None

    def _run(self) -> None:
        deadline = inf
        while True:
            self._rest(deadline)
            self._sink.signal.clear()
            self._obey()
            if self._is_stopping and not self._orders:
                break
            deadline = self._step()
        if self._feed is not None:
            with contextlib.suppress(AudiobusError):
                self._feed.release()

    def _rest(self, deadline: float) -> None:
        """Sleep until there is something to do that is not done in every burst, or, where that is not known, any."""
        signal = self._sink.signal
        if not signal.is_set() and self._with_feed(Feed.rest):
            return
        while not self._clock.wait(signal, deadline):
            glanced = self._sink.glance()
            if glanced is None:
                return
            deadline = glanced

    def _obey(self) -> None:
        while self._orders:
            order, done = self._orders.popleft()
            try:
                self._tell(done, order())
            except AudiobusError as error:
                self._tell(done, error)
            except Exception as error:
                log.exception("a mistake of the daemon in the thread of %s", self._sink.name)
                self._tell(done, AudiobusError(f"{self._sink.name}: a mistake of the daemon ({error})"))

    def _step(self) -> float:
        """Do what is due until nothing is ordered; return when to look again."""
        deadline = self._with_feed(Feed.step)
        if deadline is None:
            return inf
        return self._sink.now() if self._orders else deadline

    def _with_feed(self, what: Callable[[Feed], Result]) -> Result | None:
        """Have something done with the present feed; None where there is none, or it has failed."""
        feed = self._feed
        if feed is None:
            return None
        try:
            return what(feed)
        except AudiobusError as error:
            self._give_up(feed, error)
        except Exception as error:
            log.exception("a mistake of the daemon in the thread of %s", self._sink.name)
            self._give_up(feed, AudiobusError(f"{self._sink.name}: a mistake of the daemon ({error})"))
        return None

    def _give_up(self, feed: Feed, error: AudiobusError) -> None:
        """Give the device back first: whoever comes next may have it."""
        self._feed = None
        with contextlib.suppress(AudiobusError):
            feed.show()
        with contextlib.suppress(AudiobusError):
            feed.release()
        self._tell(self._failed, error)

    def _tell(self, done: Done, result: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(done, result)


def _nothing(_: AudiobusError) -> None:
    """Do what nobody waits for."""
