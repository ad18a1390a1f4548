"""Streams of a real daemon against PulseAudio's rules: any order of writes, seeks, corks, triggers, flushes, drains."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from pyaudiobus.client.playback import PlaybackStream, Seek, play
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.words import Attributes
from tests.client.memblockq import MemblockqModel

FORM = PcmFormat(Encoding.S16, 48_000, 2)
FRAME = 4
PATIENCE = 30
STEPS = ("write", "write", "write", "seek", "seek", "cork", "uncork", "uncork", "trigger", "prebuf", "flush", "drain")
Story = list[tuple[str, int]]


class Model:
    """What a stream does that is left alone after each step until nothing moves any more."""

    def __init__(self, attributes: Attributes, *, is_corked: bool) -> None:
        self.queue = MemblockqModel(attributes.maxlength, attributes.tlength)
        self.prebuf = attributes.prebuf
        self.is_corked = is_corked
        self.is_prebuffering = True

    def cork(self, *, is_corked: bool) -> None:
        self.is_prebuffering |= self.is_corked != is_corked
        self.is_corked = is_corked

    def flush(self) -> None:
        self.queue.flush()
        self.is_prebuffering = True

    def play_on(self, *, is_draining: bool = False) -> Story:
        """Return what is told: where it started, where it ran dry."""
        fill = self.queue.fill()
        if self.is_corked or not fill or (self.is_prebuffering and fill < self.prebuf):
            self.is_prebuffering |= not fill and not self.is_corked
            return []
        begin = self.queue.read
        self.queue.take(fill)
        self.is_prebuffering = True
        return [("started", begin)] + [("underflow", self.queue.read)] * (not is_draining)


class Pair:
    """A stream and its model, taken through the same steps."""

    def __init__(self, remote: Remote, stream: PlaybackStream, model: Model, chance: random.Random) -> None:
        self.remote, self.stream, self.model, self.chance = remote, stream, model, chance
        self.value = 0

    def step(self, name: str) -> None:
        model, stream = self.model, self.stream
        is_draining = name == "drain" and not model.is_corked
        if name in ("write", "seek"):
            self.write(is_seeking=name == "seek")
        elif name in ("cork", "uncork"):
            model.cork(is_corked=name == "cork")
            stream.cork(is_corked=name == "cork")
        elif name == "trigger":
            model.is_prebuffering = False
            stream.trigger()
        elif name == "prebuf":
            model.is_prebuffering = True
            stream.prebuf()
        elif name == "flush":
            model.flush()
            stream.flush()
        elif is_draining:
            model.is_prebuffering = False
            stream.drain()
        self.compare(model.play_on(is_draining=is_draining))

    def write(self, *, is_seeking: bool) -> None:
        attributes = self.stream.attributes
        sizes = (
            FRAME,
            attributes.prebuf - FRAME,
            attributes.prebuf,
            attributes.tlength,
            min(attributes.maxlength, 9600),
        )
        size = max(0, self.chance.choice(sizes)) // FRAME * FRAME
        seek, offset = Seek.RELATIVE, 0
        if is_seeking:
            seek, offset = self.chance.choice(list(Seek)), self.chance.randrange(-4800, 4800, FRAME)
        self.value = self.value % 250 + 1
        data = bytes([self.value]) * size
        self.model.queue.seek(seek.value, offset)
        assert self.stream.write_at(data, offset, seek) == self.model.queue.push(data)

    def compare(self, expected: Story) -> None:
        """Wait for what has to happen, and see that no more does."""
        told: Story = []
        deadline = time.monotonic() + PATIENCE
        while len(told) < len(expected) and time.monotonic() < deadline:
            told += self.fetch() or (self.remote.wait(timeout=1) and []) or []
        self.remote.ask("sync")
        assert told + self.fetch() == expected
        queue = self.stream.queue
        assert (queue.taken, queue.index) == (self.model.queue.read, self.model.queue.write)

    def fetch(self) -> Story:
        found: list[Any] = []
        while self.stream.happenings:
            found.append(self.stream.happenings.popleft())
        return [(one.name, one.body.index) for one in found if one.name in ("started", "underflow")]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_told_and_where_the_indexes_stand_is_as_pulseaudio_has_it(remote: Remote, seed: int) -> None:
    chance = random.Random(seed)
    tlength = chance.choice((1920, 3840, 9600))
    attributes = Attributes(
        maxlength=chance.choice((-1, tlength, 2 * tlength)),
        tlength=tlength,
        prebuf=chance.choice((-1, FRAME, tlength // 2)),
        minreq=chance.choice((-1, FRAME, 480)),
    )
    is_corked = chance.random() < 0.5
    with play(remote, FORM, "any", corked=is_corked, attributes=attributes) as stream:
        pair = Pair(remote, stream, Model(stream.attributes, is_corked=is_corked), chance)
        for _ in range(12):
            pair.step(chance.choice(STEPS))
