"""Victims are born, live for a moment, and are killed; what they had has to go, and nobody else may notice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from pyaudiobus.model.record import Record
from tests.daemon.bench import PATIENCE, Daemon, Observer
from tests.daemon.bystander import Bystander
from tests.daemon.conftest import TWO_SINKS
from tests.daemon.soak.nursery import Nursery

SOCKETS = """
sockets:
  {folder}/bus: {{}}
  {folder}/wild: {{role: restricted}}
"""
"""Who comes by the second socket can harm nothing that is not its own, whatever it tries."""
AT_ONCE = 4
LONGEST_LIFE = 0.08
"""Seconds."""


class Outcome(Record):
    """What was seen."""

    kills: int
    delays: tuple[float, ...]
    """Seconds from each death until nothing of the victim was on the bus; those that had something."""
    descriptors: tuple[int, int]
    """Of the daemon, before and after."""
    resident: tuple[int, int]
    """Bytes of the daemon, before and after."""


def launched(folder: Path) -> Daemon:
    """Start a daemon for it."""
    return Daemon(folder, TWO_SINKS + SOCKETS.format(folder=folder))


def kill_many(daemon: Daemon, kills: int, seed: int) -> Outcome:
    """Kill so many clients of a daemon, and a few before the first look at its memory."""
    chance = random.Random(seed)
    with Nursery(daemon.path.removesuffix("bus") + "wild") as nursery, daemon.remote("killer") as remote:
        observer = Observer(remote)
        bystander = Bystander(daemon)
        observer.sync()
        _spree(observer, nursery, chance, kills // 10)
        before = daemon.descriptors(), daemon.resident()
        delays = _spree(observer, nursery, chance, kills)
        after = daemon.descriptors(), daemon.resident()
        bystander.check()
    return Outcome(kills, tuple(delays), (before[0], after[0]), (before[1], after[1]))


def _spree(observer: Observer, nursery: Nursery, chance: random.Random, kills: int) -> list[float]:
    alive: list[tuple[int, str]] = []
    delays: list[float] = []
    for number in range(kills + AT_ONCE):
        if number < kills:
            name = f"victim-{number}"
            alive.append((nursery.bear(name, chance.randrange(2**32)), name))
        if number >= AT_ONCE and alive:
            observer.remote.wait(timeout=chance.random() * LONGEST_LIFE)
            pid, name = alive.pop(chance.randrange(len(alive)))
            delays += _kill(observer, pid, name)
            nursery.bury(pid)
    observer.until(lambda: observer.kinds()["client"] == 2)
    observer.sync()
    return delays


def _kill(observer: Observer, pid: int, name: str) -> list[float]:
    observer.sync()
    os.kill(pid, signal.SIGKILL)
    died = time.monotonic()
    had_something = observer.has(name)
    observer.until(lambda: not observer.has(name))
    delay = time.monotonic() - died
    assert delay < PATIENCE
    return [delay] if had_something else []
