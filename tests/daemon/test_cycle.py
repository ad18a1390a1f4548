"""A cycle under the control thread: no command is lost, however many there are, and a standstill is noticed."""

from __future__ import annotations

import asyncio

import pytest

from pyaudiobus.daemon import cycle as cycle_module
from pyaudiobus.daemon.cycle import Cycle
from pyaudiobus.engine.driver import DriverEvent, EventKind, SampleCode, null_device
from pyaudiobus.errors import AudiobusError

QUEUE = 1024


class Made(Cycle):
    """A cycle on the null device that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[DriverEvent] = []
        self.stalls = 0
        device = null_device(48_000, 2, SampleCode.S16, 192_000)
        super().__init__("test", device, 480, priority=0, hear=self.heard.append, stalled=self._count)

    def _count(self) -> None:
        self.stalls += 1


async def settled(cycle: Cycle) -> None:
    done = asyncio.Event()
    cycle.settle(done.set)
    await done.wait()


def test_more_commands_than_the_queue_holds_are_all_done_in_order() -> None:
    async def scenario() -> None:
        cycle = Made()
        tags: list[int] = []
        for tag in range(1, 4 * QUEUE):
            cycle.settle(lambda tag=tag: tags.append(tag))  # type: ignore[misc]
            cycle.do(lambda driver: driver.set_quantum(480))
        await settled(cycle)
        assert tags == list(range(1, 4 * QUEUE))
        cycle.stop()

    asyncio.run(scenario())


def test_what_has_to_be_done_now_is_refused_while_others_wait() -> None:
    async def scenario() -> None:
        cycle = Made()

        def flood(driver: object) -> None:
            for _ in range(QUEUE + 1):
                driver.set_quantum(480)  # type: ignore[attr-defined]

        with pytest.raises(AudiobusError):
            cycle.must(flood)
        cycle.must(lambda driver: driver.set_quantum(960))
        await settled(cycle)
        assert cycle.counters().quantum == 960
        cycle.stop()

    asyncio.run(scenario())


def test_a_barrier_is_passed_at_once_where_nothing_was_ordered() -> None:
    async def scenario() -> None:
        cycle = Made()
        passed: list[int] = []
        cycle.settle(lambda: passed.append(1))
        assert passed == [1]
        cycle.stop()

    asyncio.run(scenario())


def test_barriers_are_passed_when_the_cycle_ends() -> None:
    async def scenario() -> None:
        cycle = Made()
        passed: list[int] = []
        cycle.do(lambda driver: driver.set_quantum(960))
        cycle.settle(lambda: passed.append(1))
        cycle.stop()
        assert passed == [1]

    asyncio.run(scenario())


def test_a_cycle_that_does_not_move_while_it_runs_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(cycle_module, "WATCH_SECONDS", 0)
        cycle = Made()
        cycle._take(DriverEvent(EventKind.RUNNING, 0, 0, 0, 0))  # it says so, and does nothing
        while not cycle.stalls:
            await asyncio.sleep(0)
        cycle._take(DriverEvent(EventKind.IDLE, 0, 0, 0, 0))
        cycle.stop()

    asyncio.run(scenario())
