"""Conversations that go through rings: the same words, in order, and no harm from a client that breaks the rules."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Self

import pytest

from pyaudiobus.client import aio
from pyaudiobus.client.mirror import follow, look
from pyaudiobus.client.playback import play
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.duplex import DESCRIPTORS, Duplex
from pyaudiobus.engine.ring import RingDescriptors
from pyaudiobus.errors import PeerError
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.frames import Frame, FrameKind
from pyaudiobus.protocol.messages import Named, Nothing, by_name
from pyaudiobus.protocol.wire import MAX_OUTSTANDING, Refused
from pyaudiobus.protocol.words import MetadataEntry, ObjectInfo
from tests.daemon.bench import Daemon, Raw

FORM = PcmFormat(Encoding.S16, 48_000, 2)
WRITTEN, SILENT_UNTIL, END = 64, 72, 80
"""Where in the page of a ring its indexes are (service/docs/protocol.md)."""
DAEMON_EVENT = RingDescriptors._fields.index("daemon_event")


@pytest.fixture
def ringed(shared: Daemon) -> Iterator[Remote]:
    with shared.remote() as made:
        made.use_rings()
        yield made


def get(remote: Remote, serial: int) -> ObjectInfo:
    found: ObjectInfo = remote.ask("get", Named(serial))
    return found


def hear_for_ever(remote: Remote) -> None:
    while True:
        remote.wait()


def test_questions_are_answered(ringed: Remote) -> None:
    for _ in range(300):
        assert get(ringed, 1).kind == "core"


def test_a_refusal_is_one_too(ringed: Remote) -> None:
    with pytest.raises(Refused, match="there is no object 999999"):
        get(ringed, 999_999)


def test_rings_are_had_once(ringed: Remote) -> None:
    with pytest.raises(Refused, match="speaks through rings already"):
        ringed.use_rings()


def test_sound_goes_both_ways_and_its_descriptors_come_with_the_answer(ringed: Remote) -> None:
    sound = bytes(range(1, 241)) * 200
    with play(ringed, FORM, "song") as stream, record(ringed, FORM, "ear", str(stream.serial)) as ear:
        stream.write(sound)
        stream.drain()
        got = b""
        while sound[:64] not in got:
            got += ear.read()


def test_a_mirror_follows_what_others_do(ringed: Remote, remote: Remote) -> None:
    mirror = follow(ringed)
    with play(remote, FORM, "seen") as stream:
        while mirror.snapshot().items.get(stream.serial) is None:
            ringed.wait(timeout=5)
    while stream.serial in mirror.snapshot().items:
        ringed.wait(timeout=5)


def test_more_than_a_ring_holds_comes_in_order(ringed: Remote) -> None:
    core = ringed.ask("get", Named(1))
    answers: list[object] = []
    for _ in range(MAX_OUTSTANDING - 1):
        ringed.ask_later("get", Named(1), answers.append)
    text = "x" * 3000
    for number in range(20):
        ringed.ask_later("set-metadata", MetadataEntry(0, f"long.{number}", "text", text), answers.append)
        while len(answers) < MAX_OUTSTANDING - 1 + number + 1:
            ringed.wait(timeout=5)
    assert answers[: MAX_OUTSTANDING - 1] == [core] * (MAX_OUTSTANDING - 1)
    assert answers[MAX_OUTSTANDING - 1 :] == [Nothing()] * 20


def test_asyncio_speaks_through_rings_too(shared: Daemon) -> None:
    async def talk() -> None:
        async with await aio.connect("rings", shared.path) as remote:
            await remote.use_rings()
            mirror = await aio.follow(remote)
            async with await aio.play(remote, FORM, "song") as stream:
                await stream.write(bytes(40_000))
                await stream.drain()
                assert stream.serial in mirror.snapshot().items

    asyncio.run(asyncio.wait_for(talk(), 30))


def test_who_waits_hears_that_the_daemon_went(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks:\n  only: {kind: null}\n")
    with daemon.remote() as remote:
        remote.use_rings()
        daemon.process.terminate()
        with pytest.raises(PeerError, match="the daemon stops"):
            hear_for_ever(remote)
    daemon.process.wait()


def test_who_waits_for_room_is_woken_by_what_came_meanwhile() -> None:
    daemon = Duplex.create()
    client = Duplex.attach([os.dup(one) for one in daemon.descriptors])
    assert not client.receive()
    while client.send(b"question"):
        pass
    daemon.send(b"answer")
    while daemon.receive():
        pass
    assert not client.wait_for_room(os.eventfd(0))
    assert select.select([client], [], [], 0)[0]
    assert client.receive() == b"answer"
    client.close()
    daemon.close()


def test_who_waits_for_room_hears_that_the_daemon_died(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks:\n  only: {kind: null}\n")
    with daemon.remote() as remote:
        remote.use_rings()
        daemon.process.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor() as pool:
            asking = pool.submit(ask_for_ever, remote)
            daemon.process.kill()
            with pytest.raises(PeerError, match="the audio bus is gone"):
                asking.result()
    daemon.process.wait()


def ask_for_ever(remote: Remote) -> None:
    while True:
        remote.ask_later("set-metadata", MetadataEntry(0, "long", "text", "x" * 3000), lambda _: None)


# ---- clients that break the rules ----


class Joined:
    """A client that has rings, and the page that it shares with the daemon as the one that stores."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw.greet()
        descriptors = raw.ask("use-rings").descriptors
        assert len(descriptors) == DESCRIPTORS
        self._page = os.dup(descriptors[0])
        self.rings = Duplex.attach(descriptors)

    def show(self, offset: int, value: int) -> None:
        os.pwrite(self._page, struct.pack("=Q", value), offset)

    def is_dropped(self) -> bool:
        return self.raw.is_dropped()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rings.close()
        os.close(self._page)
        self.raw.close()


@pytest.fixture
def joined(shared: Daemon) -> Iterator[Joined]:
    with Joined(shared.raw()) as made:
        yield made


@pytest.mark.parametrize(
    ("offset", "value"),
    [(WRITTEN, 2**63), (WRITTEN, 2**40), (SILENT_UNTIL, 2**40), (END, 5)],
    ids=["half", "far", "silence", "end"],
)
def test_a_client_whose_ring_cannot_be_true_is_dropped(joined: Joined, remote: Remote, offset: int, value: int) -> None:
    joined.show(offset, value)
    os.write(joined.rings.descriptors[DAEMON_EVENT], struct.pack("=Q", 1))
    assert joined.is_dropped()
    assert get(remote, 1).kind == "core"


def test_a_client_that_reads_nothing_is_dropped(joined: Joined, remote: Remote) -> None:
    numbers = count(1)
    poll = select.poll()
    poll.register(joined.raw.socket, select.POLLRDHUP)
    while not poll.poll(0):
        question = Frame(by_name("get").opcode, FrameKind.REQUEST, next(numbers), b"\x91\x01").encode()
        while question and not poll.poll(0):
            question = question[joined.rings.send(question) :]
    assert get(remote, 1).kind == "core"


def test_garbage_in_a_ring_is_named(joined: Joined) -> None:
    joined.rings.send(b"\xff" * 64)
    assert joined.is_dropped()
    assert b"above the limit" in joined.rings.receive()


def test_what_was_asked_before_the_end_is_done(shared: Daemon, remote: Remote) -> None:
    with Joined(shared.raw()) as gone:
        _, data = gone.raw.wire.request("set-metadata", MetadataEntry(0, "last.words", "text", "bye"))
        gone.rings.send(data)
    while look(remote).entry(0, "last.words") != "bye":
        remote.wait(timeout=0)
