"""Victims are born, live for a moment, and are killed; what they had has to go, and nobody else may notice."""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from pathlib import Path

from pyaudiobus.model.record import Record
from tests.daemon.bench import Daemon, Observer
from tests.daemon.bystander import Bystander
from tests.daemon.conftest import TWO_SINKS
from tests.daemon.soak.nursery import Nursery

SOCKETS = """
sockets:
  {folder}/bus: {{}}
  {folder}/wild: {{role: restricted}}
"""
"""Who comes by the second socket can harm nothing that is not its own, whatever it tries."""
AT_ONCE = 8
"""Born at once; up to twice as many live."""
LONGEST_LIFE = 0.08
"""Seconds."""


class Outcome(Record):
    """What was seen."""

    kills: int
    delays: tuple[float, ...]
    """Seconds from each death until nothing of the victim was on the bus; those that had something."""
    own_delays: tuple[float, ...]
    """The same without the time for which one of those who take part was ready to run, and waited for a processor."""
    descriptors: tuple[int, int]
    """Of the daemon, before and after."""
    resident: tuple[int, int, int]
    """Bytes of the daemon: before, after half of them, and after all."""


Delay = tuple[float, float]
"""Seconds that passed, and those without what one of them waited for a processor."""


def _wild_path(daemon: Daemon) -> str:
    """Tell where victims connect."""
    return daemon.path.removesuffix("bus") + "wild"


def launched(folder: Path) -> Daemon:
    """Start a daemon for it."""
    return Daemon(folder, TWO_SINKS + SOCKETS.format(folder=folder))


def kill_many(daemon: Daemon, kills: int, seed: int) -> Outcome:
    """Kill so many clients of a daemon, and a few before the first look at its memory."""
    chance = random.Random(seed)
    gc.freeze()  # nor is it the bus's delay when the observer's collector looks through what it has loaded
    with Nursery(_wild_path(daemon)) as nursery, daemon.remote("killer") as remote:
        observer = Observer(remote)
        bystander = Bystander(daemon)
        observer.sync()
        _spree(daemon.process.pid, observer, nursery, chance, kills // 10)
        _wait_for_the_last(daemon, observer)
        descriptors, resident = [daemon.descriptors()], [daemon.resident()]
        delays: list[Delay] = []
        for half in (kills // 2, kills - kills // 2):
            delays += _spree(daemon.process.pid, observer, nursery, chance, half)
            _wait_for_the_last(daemon, observer)
            descriptors.append(daemon.descriptors())
            resident.append(daemon.resident())
        bystander.check()
    seen, own = zip(*delays, strict=True) if delays else ((), ())
    return Outcome(kills, seen, own, (descriptors[0], descriptors[2]), (resident[0], resident[1], resident[2]))


def _spree(bus: int, observer: Observer, nursery: Nursery, chance: random.Random, kills: int) -> list[Delay]:
    """Keep some alive, and kill several at once, so that on a busy machine it is not the killer that takes the time."""
    alive: dict[str, int] = {}
    delays: list[Delay] = []
    for first in range(0, kills, AT_ONCE):
        for number in range(first, min(first + AT_ONCE, kills)):
            alive[f"victim-{number}"] = nursery.bear(f"victim-{number}", chance.randrange(2**32))
        observer.remote.wait(timeout=chance.random() * LONGEST_LIFE)
        is_last = first + AT_ONCE >= kills
        names = chance.sample(sorted(alive), len(alive) if is_last else len(alive) // 2 + 1)
        delays += _kill(bus, observer, {name: alive.pop(name) for name in names}, nursery)
    return delays


def _wait_for_the_last(daemon: Daemon, observer: Observer) -> None:
    """Wait until the daemon has let go of those too that died before they said who they are, and so were never seen.

    It takes connections in their order: when it has answered one more, it has taken all before, and read their end.
    """
    with daemon.remote("last", _wild_path(daemon)):
        pass
    observer.until(lambda: observer.kinds()["client"] == 2)
    observer.sync()


def _kill(bus: int, observer: Observer, victims: dict[str, int], nursery: Nursery) -> list[Delay]:
    """Return how long each that had something on the bus was to be seen there."""
    observer.sync()
    left = {name for name in victims if observer.has(name)}
    before = {pid: _queued(pid) for pid in (bus, os.getpid(), *victims.values())}

    def waited(*pids: int) -> float:
        """What one of them waited is at least what the machine is to blame for: they may wait at the same time."""
        return max(_queued(pid) - before[pid] for pid in pids)

    for pid in victims.values():
        os.kill(pid, signal.SIGKILL)
    died = time.monotonic()
    delays: list[Delay] = []
    while left:
        observer.until(lambda: any(not observer.has(name) for name in left))
        gone = {name for name in left if not observer.has(name)}
        delay = time.monotonic() - died
        delays += [(delay, max(0.0, delay - waited(bus, os.getpid(), victims[name]))) for name in gone]
        left.difference_update(gone)
    for pid in victims.values():
        nursery.bury(pid)
    return delays


def _queued(pid: int) -> float:
    """Return for how many seconds the main thread of a process, of a dead one too, has waited for a processor."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
