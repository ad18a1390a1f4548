"""Clients that break every rule there is: they are named or dropped, and nobody else notices.

Past 300 lines because it is one list: every rule that a client can break.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError, PeerError
from pyaudiobus.protocol.frames import HEADER, FrameKind
from pyaudiobus.protocol.messages import (
    Cork,
    CreateNode,
    CreateStream,
    Hello,
    Named,
    Nothing,
    Refusal,
    SetProperties,
    Subscribe,
)
from pyaudiobus.protocol.wire import FEATURES, VERSION
from pyaudiobus.protocol.words import Attributes, MetadataEntry
from tests.daemon.bench import KINDS, S16, Daemon, Observer, Player, Raw, Recorder, noise
from tests.daemon.bystander import Bystander
from tests.daemon.soak.killing import kill_many, launched

MEMORY_NOISE = 2 * 1024 * 1024
"""Bytes by which a daemon's memory may differ for reasons of Python's."""
KILLS = 30
"""Clients that die; `make soak-bus` kills ten thousand."""
PAGE_WRITTEN, PAGE_SILENT, PAGE_END, PAGE_TAKEN = 64, 72, 80, 128
"""Where the indexes stand in a ring's page (ring.h)."""


@pytest.fixture
def bystander(shared: Daemon) -> Iterator[Bystander]:
    made = Bystander(shared)
    yield made
    made.check()


def frame(opcode: int, body: bytes, kind: int = FrameKind.REQUEST, sequence: int = 77, descriptors: int = 0) -> bytes:
    return HEADER.pack(len(body), opcode, descriptors, sequence, kind) + body


def logged(daemon: Daemon, words: str) -> bool:
    """Whether the daemon has said so, by the time it does something else."""
    with daemon.remote("reader") as remote:
        remote.ask("sync")
    return words in daemon.log()


ROTTEN = {
    "ones": b"\xff" * 4096,
    "a web browser": b"GET / HTTP/1.1\r\nHost: bus\r\n\r\n",
    "a body that is too large": HEADER.pack(70_000, 2, 0, 1, 0),
    "descriptors that did not come": HEADER.pack(1, 2, 5, 1, 0) + b"\x90",
    "more descriptors than may come": HEADER.pack(1, 2, 99, 1, 0) + b"\x90",
    "a kind that is none": frame(2, b"\x90", kind=9),
    "an event": frame(128, b"\x90", kind=FrameKind.EVENT),
    "a reply": frame(2, b"\x90", kind=FrameKind.REPLY),
    "an error": frame(2, b"\x90", kind=FrameKind.ERROR),
    "a body that is none": frame(4, b"\xc1"),
    "a body with too little": frame(4, b"\x90"),
    "a body of another type": frame(4, b"\x91\xa1x"),
    "a body nested without end": frame(4, b"\x91" * 60_000),
    "a string that is no text": frame(32, b"\x91\xa2\xff\xfe"),
    "hello again": frame(1, b"\x94\x01\x90\xa1x\x80"),
    "no number": frame(2, b"\x90", sequence=0),
}


@pytest.mark.usefixtures("bystander")
@pytest.mark.parametrize("data", ROTTEN.values(), ids=ROTTEN.keys())
def test_who_breaks_the_rules_is_dropped_and_named_in_the_log(shared: Daemon, data: bytes) -> None:
    with shared.raw().greet() as raw:
        client = raw.ask("create-node", CreateNode("x"))
        raw.send(data)
        assert raw.is_dropped()
    assert isinstance(client.body, object)
    assert logged(shared, "left: it broke the rules")


@pytest.mark.parametrize("data", ROTTEN.values(), ids=ROTTEN.keys())
def test_strangers_are_dropped_at_once(shared: Daemon, data: bytes) -> None:
    with shared.raw() as raw:
        if data != ROTTEN["hello again"]:
            raw.send(data)
            assert raw.is_dropped()


def test_anything_before_hello_ends_the_connection(shared: Daemon) -> None:
    with shared.raw() as raw:
        raw.send(frame(2, b"\x90"))
        assert raw.is_dropped()


def test_a_request_that_does_not_wait_for_the_answer_to_hello_ends_the_connection(shared: Daemon) -> None:
    with shared.raw() as raw:
        _, hello = raw.wire.request("hello", Hello(VERSION, FEATURES, "hasty", {}))
        raw.send(hello + frame(2, b"\x90"))
        assert raw.is_dropped()
    assert logged(shared, "sync came before the answer to hello")


def test_an_unknown_request_is_refused_and_the_client_lives(shared: Daemon) -> None:
    with shared.raw().greet() as raw:
        raw.send(frame(99, b"\x90"))
        data = raw.socket.recv(65536)
        _, opcode, _, sequence, kind = HEADER.unpack_from(data)
        assert (opcode, sequence, kind) == (99, 77, FrameKind.ERROR)
        assert not isinstance(raw.ask("sync").body, Refusal)


def test_a_message_may_come_byte_by_byte(shared: Daemon) -> None:
    with shared.raw() as raw:
        _, data = raw.wire.request("hello", Hello(VERSION, FEATURES, "slow", {}))
        for byte in data:
            raw.send(bytes([byte]))
        raw.hear()
        assert not isinstance(raw.ask("sync").body, Refusal)


def test_descriptors_that_nobody_wanted_are_closed(shared: Daemon) -> None:
    before, _ = settle(shared)
    for _ in range(20):
        reading, writing = os.pipe()
        with shared.raw().greet() as raw:
            raw.send(frame(2, b"\x90", descriptors=2) + b"rubbish", (reading, writing))
            assert raw.is_dropped()
        with shared.raw().greet() as raw:
            raw.send(frame(2, b"\x90"), (reading, writing))
            assert raw.is_dropped()
        with shared.raw().greet() as raw:
            raw.send(frame(52, b"\x92\x01\x90", descriptors=2), (reading, writing))
            raw.send(frame(2, b"\x90", sequence=78)[:10], (reading,))
        os.close(reading)
        os.close(writing)
    assert settle(shared)[0] == before


def settle(daemon: Daemon, left: int = 1) -> tuple[int, int]:
    """Wait until nobody is there but the one who waits, and a bystander where there is one.

    Returns how many descriptors the daemon has open then, and its resident memory in bytes.
    """
    while True:
        with contextlib.suppress(PeerError), daemon.remote("last") as remote:  # one too many may be one too early
            observer = Observer(remote)
            observer.until(lambda: observer.kinds()["client"] == left)  # noqa: B023
            observer.sync()
            return daemon.descriptors(), daemon.resident()


@pytest.mark.usefixtures("bystander")
def test_a_client_that_reads_nothing_is_dropped(shared: Daemon) -> None:
    with shared.raw().greet() as deaf:
        deaf.ask("subscribe", Subscribe(KINDS))
        with shared.remote("noisy") as noisy:
            serial = noisy.ask("create-node", CreateNode("noisy")).serial
            text = "x" * 4000
            for number in range(1500):
                noisy.ask("set-properties", SetProperties(serial, {"text": f"{number}{text}"}))
        assert deaf.is_dropped()
    assert logged(shared, "bytes unread")


@pytest.mark.usefixtures("bystander")
def test_a_client_that_asks_and_never_reads_is_dropped(shared: Daemon) -> None:
    with shared.raw().greet() as deaf:
        deaf.socket.settimeout(30)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            ask_for_ever(deaf)


def ask_for_ever(raw: Raw) -> None:
    """Ask for what is long."""
    serial = raw.ask("create-node", CreateNode("long", {f"k{number}": "x" * 4000 for number in range(7)})).body.serial
    while True:
        raw.say("get", Named(serial))


RING_LIES = {
    "a write index before the read index and far": (PAGE_WRITTEN, 2**63),
    "more than the ring holds": (PAGE_WRITTEN, 2**40),
    "half a frame": (PAGE_WRITTEN, 2),
    "all ones": (PAGE_WRITTEN, 2**64 - 1),
}


@pytest.mark.usefixtures("bystander")
@pytest.mark.parametrize(("place", "lie"), RING_LIES.values(), ids=RING_LIES.keys())
def test_who_lies_in_a_ring_s_page_is_dropped(shared: Daemon, place: int, lie: int) -> None:
    with shared.raw().greet() as raw:
        answer = raw.ask("create-stream", CreateStream("playback", "liar", (S16,), Attributes(tlength=9600)))
        os.pwrite(answer.descriptors[0], struct.pack("<Q", lie), place)
        raw.say("trigger", Named(answer.body.serial))
        for _ in range(2):
            os.eventfd_write(answer.descriptors[2], 1)
        assert raw.is_dropped()
    assert logged(shared, "write index that cannot be true")


@pytest.mark.usefixtures("bystander")
def test_garbage_all_over_a_ring_s_page_hurts_its_writer_only(shared: Daemon) -> None:
    chance = random.Random(3)
    for _ in range(30):
        with shared.raw().greet() as raw:
            direction = chance.choice(("playback", "record"))
            wish = CreateStream(direction, "liar", (S16,), Attributes(tlength=4800, fragsize=960), target="first")
            answer = raw.ask("create-stream", wish)
            for _ in range(20):
                os.pwrite(answer.descriptors[0], chance.randbytes(64), chance.randrange(0, 4032, 8))
            raw.say("trigger", Named(answer.body.serial))
            os.eventfd_write(answer.descriptors[2], 1)
            raw.say("sync", Nothing())
            for descriptor in answer.descriptors:
                os.close(descriptor)


def test_a_ring_cannot_be_made_smaller_or_larger(shared: Daemon) -> None:
    with shared.raw().greet() as raw:
        for direction in ("playback", "record"):
            wish = CreateStream(direction, "sealed", (S16,), target="first")
            answer = raw.ask("create-stream", wish)
            for descriptor in answer.descriptors[:2]:
                for size in (0, 2**24):
                    with pytest.raises(PermissionError):
                        os.ftruncate(descriptor, size)
        with pytest.raises(PermissionError):
            os.write(answer.descriptors[1], b"x")


def test_a_flood_of_wakeups_ends_its_client(shared: Daemon) -> None:
    with shared.raw().greet() as raw:
        answer = raw.ask("create-stream", CreateStream("playback", "flood", (S16,)))
        raw.socket.setblocking(False)
        for _ in range(3_000_000):
            os.eventfd_write(answer.descriptors[2], 1)
            try:
                if not raw.socket.recv(65536):
                    break
            except BlockingIOError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("it may flood for ever")


@pytest.mark.usefixtures("bystander")
def test_a_flood_of_requests_keeps_nobody_waiting(shared: Daemon) -> None:
    with shared.raw().greet() as raw, shared.remote("patient") as patient:
        answer = raw.ask("create-stream", CreateStream("playback", "flood", (S16,), corked=True))
        for number in range(4000):
            last = raw.say("cork", Cork(answer.body.serial, corked=number % 2 == 0))
            if number % 500 == 0:
                patient.ask("sync")
                raw.answer(last)
        assert not isinstance(raw.ask("sync").body, Refusal)


def test_more_than_the_bus_keeps_is_refused(remote: Remote) -> None:
    serial = remote.ask("create-node", CreateNode("hoarder")).serial
    for number in range(8):
        remote.ask("set-properties", SetProperties(serial, {f"k{number}": "x" * 4000}))
    with pytest.raises(AudiobusError, match="more than the bus keeps"):
        remote.ask("set-properties", SetProperties(serial, {f"more{n}": "x" * 4000 for n in range(8)}))
    for number in range(64):
        remote.ask("set-metadata", MetadataEntry(serial, f"k{number}", "string", "x"))
    with pytest.raises(AudiobusError, match="one more is too many"):
        remote.ask("set-metadata", MetadataEntry(serial, "more", "string", "x"))


FORK = """
import os, sys, time
from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import CreateStream
from pyaudiobus.protocol.words import PcmShape
remote = Remote("parent", sys.argv[1])
wish = CreateStream("playback", "orphan", (PcmShape("s16", 48000, 2),))
_, descriptors = remote.ask_with_descriptors("create-stream", wish)
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.read(reading, 1)  # for ever: it holds the other end
print(child, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


@pytest.mark.usefixtures("bystander")
def test_a_child_that_keeps_the_socket_does_not_keep_its_parent_s_streams(shared: Daemon) -> None:
    command = [sys.executable, "-c", FORK, shared.path]
    with shared.remote("observer") as remote:
        observer = Observer(remote)
        parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert parent.stdin is not None
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        observer.until(lambda: observer.named("orphan"))
        parent.stdin.close()
        observer.until(lambda: observer.named("orphan") is None)
        os.kill(child, signal.SIGKILL)
        parent.wait()
        parent.stdout.close()


def test_clients_may_die_at_any_moment_whatever_they_did(tmp_path: Path) -> None:
    with launched(tmp_path) as daemon:
        outcome = kill_many(daemon, KILLS, seed=11)
        assert outcome.descriptors[0] == outcome.descriptors[1]
        assert daemon.process.poll() is None
        assert "mistake of the daemon" not in daemon.log()


def test_many_clients_leave_nothing_behind(shared: Daemon) -> None:
    def visit(count: int) -> None:
        for number in range(count):
            with shared.raw().greet() as raw:
                player = Player(raw, f"visitor {number}")
                player.write(noise(48))
                recorder = Recorder(raw, "tone" if number % 2 else str(player.serial))
                player.ring.close()
                recorder.ring.close()

    visit(100)
    descriptors, resident = settle(shared)
    visit(300)
    after = settle(shared)
    assert after[0] == descriptors
    assert after[1] < resident + MEMORY_NOISE


def test_clients_beyond_the_limit_are_turned_away(shared: Daemon) -> None:
    raws: list[Raw] = []
    try:
        while len(raws) < 300:
            raw = shared.raw()
            raws.append(raw)
            try:
                raw.greet()
            except (ConnectionError, OSError):
                break
        assert 250 <= len(raws) <= 257
    finally:
        for raw in raws:
            raw.close()
    settle(shared)
