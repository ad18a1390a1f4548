"""A driver and its place in the control thread: commands that are not lost, events as they come, a watch over it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from pyaudiobus.engine.driver import Counters, CycleRecord, Driver, DriverEvent, EventKind
from pyaudiobus.errors import AudiobusError

if TYPE_CHECKING:
    from pyaudiobus.engine._engine import CData

log = logging.getLogger("audiobusd")
T = TypeVar("T")
Order = Callable[[Driver], object]
RETRY_SECONDS = 0.002
MAX_LATE = 8192
"""Commands that wait for room in the cycle's queue; more, and the cycle is taken for dead."""
WATCH_SECONDS = 5
"""Longer than the longest quantum."""


class Cycle:
    """One device's cycle. Belongs to the control thread."""

    def __init__(
        self,
        name: str,
        device: CData,
        quantum: int,
        *,
        priority: int,
        hear: Callable[[DriverEvent], None],
        stalled: Callable[[], None],
    ) -> None:
        """Start it. `hear` gets its events, `stalled` is called when it does not move although it runs."""
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._driver = Driver(device, quantum, priority=priority)
        self._hear = hear
        self._stalled = stalled
        self._late: deque[Order] = deque()
        self._batch: list[Order] | None = None
        """What together() has collected; None outside of it."""
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        """What is to be called when so many orders are done."""
        self._ordered = 0
        self._settled = 0
        """Orders that are known to be done."""
        self._pinged: int | None = None
        """Orders that will be known to be done when the cycle answers; None: it was not asked."""
        self._watch: asyncio.TimerHandle | None = None
        self._seen = -1
        self._driver.start()
        self._loop.add_reader(self._driver.fileno(), self._fetch)

    def stop(self) -> None:
        """End it; every ring that it used is given back. Legal once."""
        self._loop.remove_reader(self._driver.fileno())
        self._stop_watching()
        self._late.clear()
        self._batch = None
        self._driver.stop()
        waiting, self._waiting = self._waiting, []
        for _, then in waiting:
            then()

    def must(self, order: Callable[[Driver], T]) -> T:
        """Have something done in the next cycle, or not at all: AudiobusError where it takes no commands now."""
        if self._late:
            raise AudiobusError(f"{self._name} is too busy to take commands now", advice="Try again.")
        with self._driver.together():
            done = order(self._driver)
        self._ordered += 1
        return done

    def do(self, order: Order) -> None:
        """Have something done in the next cycle; where its queue is full, as soon as it is not, in order."""
        if self._batch is not None:
            self._batch.append(order)
            return
        self._ordered += 1
        self._put(order)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have all that is ordered inside by do() done before one and the same cycle."""
        orders: list[Order] = []
        self._batch = orders
        try:
            yield
        finally:
            is_stopped, self._batch = self._batch is None, None
            if orders and not is_stopped:
                self.do(lambda driver: [order(driver) for order in orders])

    @property
    def is_settled(self) -> bool:
        """Whether all was done that has been ordered."""
        return self._settled == self._ordered

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` when all was done that has been ordered: at once if it was."""
        if self.is_settled:
            then()
            return
        self._waiting.append((self._ordered, then))
        if self._pinged is None:
            self._ping()

    def counters(self) -> Counters:
        """Return what the cycle has counted."""
        return self._driver.counters()

    def records(self, most: int) -> list[CycleRecord]:
        """Return the last cycles, oldest first."""
        return self._driver.records(most)

    def _ping(self) -> None:
        """Have the cycle say when it is so far; once at a time, so that its answers find room."""
        self._pinged = self._ordered
        self._put(lambda driver: driver.ping(0))

    def _ponged(self) -> None:
        self._settled, self._pinged = self._pinged or 0, None
        done = [then for ordered, then in self._waiting if ordered <= self._settled]
        self._waiting = [(ordered, then) for ordered, then in self._waiting if ordered > self._settled]
        if self._waiting:
            self._ping()
        for then in done:
            then()

    # ---- a full queue ----

    def _put(self, order: Order) -> None:
        if self._late or not self._try(order):
            self._keep(order)

    def _try(self, order: Order) -> bool:
        try:
            with self._driver.together():
                order(self._driver)
        except AudiobusError:
            return False
        return True

    def _keep(self, order: Order) -> None:
        if len(self._late) >= MAX_LATE:
            log.error("%s takes no commands: %d wait", self._name, MAX_LATE)
            raise AudiobusError(f"{self._name} does not take commands any more")
        if not self._late:
            self._loop.call_later(RETRY_SECONDS, self._retry)
        self._late.append(order)

    def _retry(self) -> None:
        while self._late and self._try(self._late[0]):
            self._late.popleft()
        if self._late:
            self._loop.call_later(RETRY_SECONDS, self._retry)

    # ---- what it tells ----

    def _fetch(self) -> None:
        for event in self._driver.events():
            self._take(event)

    def _take(self, event: DriverEvent) -> None:
        if event.kind is EventKind.PONG:
            self._ponged()
            return
        if event.kind is EventKind.RUNNING:
            self._start_watching()
        elif event.kind in (EventKind.IDLE, EventKind.FAILED):
            self._stop_watching()
        self._hear(event)

    # ---- the watch: only while it runs ----

    def _start_watching(self) -> None:
        self._stop_watching()
        self._seen = self._driver.counters().cycles
        self._watch = self._loop.call_later(WATCH_SECONDS, self._look)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        cycles = self._driver.counters().cycles
        if cycles == self._seen:
            log.error("the cycle of %s does not move although it runs (%d cycles)", self._name, cycles)
            self._stalled()
        self._seen = cycles
        self._watch = self._loop.call_later(WATCH_SECONDS, self._look)
