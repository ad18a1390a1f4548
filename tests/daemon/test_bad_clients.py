"""Clients that break every rule there is: they are named or dropped, and nobody else notices."""

from __future__ import annotations

import itertools
import os
import random
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import AudiobusError
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
from tests.daemon.bench import FRAME, KINDS, S16, Daemon, Observer, Player, Raw, Recorder, attributes, noise

MEMORY_NOISE = 2 * 1024 * 1024
"""Bytes by which a daemon's memory may differ for reasons of Python's."""
KILLS = int(os.environ.get("AUDIOBUS_KILLS", "50"))
"""Clients that die; thousands make a soak of the test."""
PAGE_WRITTEN, PAGE_SILENT, PAGE_END, PAGE_TAKEN = 64, 72, 80, 128
"""Where the indexes stand in a ring's page (ring.h)."""


class Bystander:
    """A stream that plays and is recorded while others misbehave, in a thread; no frame of it may be lost."""

    PERIOD = 32_000
    """Frames until it repeats; none is silence."""
    AHEAD = 2 * 48_000 * FRAME

    def __init__(self, daemon: Daemon) -> None:
        self.remote = daemon.remote("bystander")
        self.player = Player(self.remote, "bystander", target="first", attributes=attributes(40))
        self.recorder = Recorder(self.remote, str(self.player.serial), attributes=Attributes(fragsize=1920))
        self.sound = b"".join(struct.pack("<hh", frame + 1, -frame - 1) for frame in range(self.PERIOD)) * 2
        self.heard = 0
        """Bytes that were compared."""
        self.failure = ""
        self._is_over = threading.Event()
        self._fill()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def check(self) -> None:
        """Let it go on for a moment, and end it."""
        self._enough = self.heard + 48_000
        self._is_over.set()
        self._thread.join()
        assert not self.failure
        self.remote.ask("sync")
        assert not [one for one in self.remote.happenings() if one.name in ("killed", "underflow")]
        self.remote.close()
        self.player.ring.close()
        self.recorder.ring.close()

    def _run(self) -> None:
        frame = self.recorder.read(FRAME)
        while not any(frame):
            frame = self.recorder.read(FRAME)
        self._compare(frame)
        while not self.failure and not (self._is_over.is_set() and self.heard >= self._enough):
            self._fill()
            self._compare(self.recorder.read(4800))

    def _compare(self, heard: bytes) -> None:
        at = self.heard % (self.PERIOD * FRAME)
        if heard != self.sound[at : at + len(heard)]:
            self.failure = f"another sound than was played, {self.heard} bytes from the beginning"
        self.heard += len(heard)

    def _fill(self) -> None:
        ring = self.player.ring
        ring.space()
        while ring.written - ring.taken < self.AHEAD:
            at = ring.written % (self.PERIOD * FRAME)
            self.player.write(self.sound[at : at + 9600])


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
    with daemon.remote("last") as remote:
        observer = Observer(remote)
        observer.until(lambda: observer.kinds()["client"] == left)
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
    for number in itertools.count(1000):
        raw.send(frame(2, b"\x90", sequence=number))


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


VICTIM = """
import sys
from tests.daemon.bench import *
from pyaudiobus.protocol.messages import *
remote = Remote("victim", sys.argv[1])
print("there", flush=True)
while True:
    wish = {"target": "first", "attributes": attributes(20), "corked": True}
    players = [Player(remote, "victim", sync_group=n % 2, **wish) for n in range(4)]
    recorder = Recorder(remote, str(players[0].serial))
    for player in players:
        player.write(noise(480))
        remote.ask("cork", Cork(player.serial, corked=False))
    remote.ask_later("drain", Named(players[0].serial), print)
    for player in players:
        if not player.created.attributes or player is not players[0]:
            remote.ask("destroy", Named(player.serial))
    remote.ask("destroy", Named(recorder.serial))
    remote.ask("destroy", Named(players[0].serial))
"""


@pytest.mark.usefixtures("bystander")
def test_clients_may_die_at_any_moment(shared: Daemon) -> None:
    chance = random.Random(11)
    before, _ = settle(shared, 2)
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    for _ in range(KILLS // 5):
        victims = []
        for _ in range(5):
            victim = subprocess.Popen(
                [sys.executable, "-c", VICTIM, shared.path], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            victims.append(victim)
        for victim in victims:
            assert victim.stdout is not None
            victim.stdout.readline()
        with shared.remote("killer") as remote:
            for victim in chance.sample(victims, len(victims)):
                for _ in range(chance.randrange(60)):
                    remote.ask("sync")
                victim.send_signal(signal.SIGKILL)
            observer = Observer(remote)
            observer.until(lambda: observer.named("victim", "client") is None)  # noqa: B023
            assert observer.named("victim") is None
        for victim in victims:
            victim.wait()
            assert victim.stdout is not None
            victim.stdout.close()
    assert settle(shared, 2)[0] == before


def test_a_thousand_clients_leave_nothing_behind(shared: Daemon) -> None:
    def visit(count: int) -> None:
        for number in range(count):
            with shared.raw().greet() as raw:
                player = Player(raw, f"visitor {number}")
                player.write(noise(48))
                recorder = Recorder(raw, "tone" if number % 2 else str(player.serial))
                player.ring.close()
                recorder.ring.close()

    visit(200)
    descriptors, resident = settle(shared)
    visit(800)
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
