"""A client that does whatever a seed says, rightly and wrongly, until it is killed."""

from __future__ import annotations

import contextlib
import os
import random
import select
import struct
from collections.abc import Callable
from typing import Any

from pyaudiobus.engine.ring import RingConsumer, RingProducer
from pyaudiobus.errors import AudiobusError
from pyaudiobus.protocol.messages import (
    Cork,
    CreateNode,
    CreateStream,
    Move,
    Named,
    SetAttributes,
    SetVolume,
    Subscribe,
)
from pyaudiobus.protocol.words import Attributes, Body
from tests.daemon.bench import KINDS, S16, Player, Raw, Recorder, noise

PAGE_WORDS = (*range(0, 32, 8), *range(64, 104, 8), 128, 136, *range(192, 256, 8))
"""Where something stands in a ring's page (ring.h)."""
SOUND = noise(480)
Deed = Callable[["Life"], None]


class Life:
    """One connection after the other, until somebody ends it all."""

    def __init__(self, path: str, name: str, seed: int) -> None:
        self.path, self.name = path, name
        self.chance = random.Random(seed)
        self.raw: Raw
        self.streams: list[Player | Recorder] = []

    def live(self) -> None:
        """Never return."""
        while True:
            with contextlib.suppress(OSError, AudiobusError, AssertionError, ValueError):
                self.connect()
                while True:
                    self.chance.choice(DEEDS)(self)
            self.raw.close()
            for stream in self.streams:
                stream.ring.close()
            self.streams.clear()

    def connect(self) -> None:
        self.raw = Raw(self.path)
        if self.chance.random() < 0.05:
            self.raw.send(self.chance.randbytes(self.chance.randrange(1, 60)))
        self.raw.greet()
        self.raw.ask("create-node", CreateNode(self.name))

    def serial(self) -> int:
        """One of its own streams, or any number."""
        if self.streams and self.chance.random() < 0.9:
            return self.chance.choice(self.streams).serial
        return self.chance.randrange(1, 60)

    def say(self, name: str, body: Body) -> None:
        """Ask, and wait for the answer or not."""
        if self.chance.random() < 0.5:
            self.raw.ask(name, body)
        else:
            self.raw.say(name, body)

    def length(self) -> int:
        return self.chance.choice((-1, 0, self.chance.randrange(20_000), self.chance.randrange(2**32)))


def make(life: Life) -> None:
    if len(life.streams) > 6:
        return
    wish: dict[str, Any] = {
        "target": life.chance.choice(("first", "second", "")),
        "attributes": Attributes(*(life.length() for _ in range(5))),
        "corked": life.chance.random() < 0.4,
        "sync_group": life.chance.choice((0, 0, 1)),
    }
    if life.chance.random() < 0.6:
        life.streams.append(Player(life.raw, life.name, **wish))
    elif life.chance.random() < 0.5 and life.streams:
        life.streams.append(Recorder(life.raw, str(life.chance.choice(life.streams).serial), life.name))
    else:
        life.streams.append(Recorder(life.raw, life.chance.choice(("tone", "first")), life.name))


def half_make(life: Life) -> None:
    life.raw.say("create-stream", CreateStream("playback", life.name, (S16,)))


def write(life: Life) -> None:
    for stream in life.streams:
        if isinstance(stream.ring, RingProducer) and stream.ring.space() > len(SOUND):
            assert isinstance(stream, Player)
            stream.write(SOUND)


def read(life: Life) -> None:
    for stream in life.streams:
        if isinstance(stream.ring, RingConsumer):
            stream.ring.take(stream.ring.look().stored)


def lie(life: Life) -> None:
    """Write rubbish where a page has something."""
    if life.streams and life.chance.random() < 0.3:
        page = life.chance.choice(life.streams).ring.descriptors.page
        rubbish = life.chance.choice((0, 1, 2**63, 2**64 - 1, life.chance.randrange(2**64), 4096, 480))
        os.pwrite(page, struct.pack("<Q", rubbish), life.chance.choice(PAGE_WORDS))


def shrink(life: Life) -> None:
    if life.streams:
        os.ftruncate(life.chance.choice(life.streams).ring.descriptors.data, 0)


def empty(life: Life) -> None:
    """Take the memory away that the daemon reads: holes are zeros."""
    if life.streams:
        os.posix_fallocate(life.chance.choice(life.streams).ring.descriptors.data, 0, 4096)


def wake(life: Life) -> None:
    for stream in life.streams:
        for _ in range(life.chance.choice((1, 1, 1, 5000))):
            os.eventfd_write(stream.ring.descriptors.daemon_event, 1)


def control(life: Life) -> None:
    name = life.chance.choice(("trigger", "prebuf", "flush", "drain", "destroy", "get"))
    life.say(name, Named(life.serial()))


def cork(life: Life) -> None:
    life.say("cork", Cork(life.serial(), life.chance.random() < 0.5))


def change(life: Life) -> None:
    serial = life.serial()
    life.say("set-attributes", SetAttributes(serial, Attributes(*(life.length() for _ in range(5)))))
    life.say("set-volume", SetVolume(serial, (life.chance.random() * 2,), life.chance.randrange(100)))


def move(life: Life) -> None:
    life.say("move", Move(life.serial(), life.chance.choice(("first", "second", "nowhere"))))


def stop_reading(life: Life) -> None:
    if life.chance.random() < 0.1:
        life.raw.say("subscribe", Subscribe(KINDS))
        for _ in range(2000):
            life.raw.say("get", Named(1))


def babble(life: Life) -> None:
    if life.chance.random() < 0.1:
        life.raw.send(life.chance.randbytes(life.chance.randrange(1, 200)))


def strange_descriptors(life: Life) -> None:
    if life.chance.random() < 0.2:
        reading, writing = os.pipe()
        life.raw.send(b"\0" * life.chance.randrange(1, 20), (reading, writing) * life.chance.randrange(1, 20))
        os.close(reading)
        os.close(writing)


def fork(life: Life) -> None:
    """Leave a child that holds the connection and the rings for as long as its group lives."""
    if life.chance.random() < 0.02 and os.fork() == 0:
        select.select([], [], [])


DEEDS: tuple[Deed, ...] = (
    *(make,) * 6,
    *(write,) * 6,
    *(read,) * 2,
    *(control,) * 4,
    *(cork,) * 2,
    half_make,
    lie,
    shrink,
    empty,
    wake,
    change,
    move,
    stop_reading,
    babble,
    strange_descriptors,
    fork,
)
