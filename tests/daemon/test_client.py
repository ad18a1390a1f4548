"""A client's place in the daemon: mistakes of the daemon's own, and descriptors that run out."""

from __future__ import annotations

import asyncio
import itertools
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from pyaudiobus.daemon import connection
from pyaudiobus.daemon.access import Permissions, credentials_of
from pyaudiobus.daemon.client import Answer, Client
from pyaudiobus.errors import AudiobusError
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.frames import FrameKind
from pyaudiobus.protocol.messages import Code, Hello, Named, Nothing, Refusal, Sender, Welcome
from pyaudiobus.protocol.wire import FEATURES, VERSION, Message, Wire
from tests.daemon.bench import Daemon, Observer, Player
from tests.daemon.soak.nursery import CHECKOUT


class Clumsy:
    """Obeys hello, and nothing else."""

    def handle(self, client: Client, message: Message) -> Answer:
        if isinstance(message.body, Hello):
            return Answer(Welcome(VERSION, FEATURES, client.serial, "0", "host"))
        raise ZeroDivisionError(message.name)

    def code_of(self, error: AudiobusError) -> Code:
        raise AssertionError(error)

    def client_ended(self, client: Client, reason: str) -> None:
        pass


def test_a_mistake_of_the_daemon_is_an_answer_and_a_line_in_its_log() -> None:
    async def converse() -> list[Message]:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        ours.setblocking(False)
        permissions = Permissions(Role.MANAGER)
        client = Client(1, theirs, credentials_of(theirs), permissions, requests=Clumsy(), most_unread=1024)
        wire, heard = Wire(Sender.CLIENT), list[Message]()
        requests = (("hello", Hello(VERSION, FEATURES, "x", {})), ("sync", Nothing()), ("sync", Nothing()))
        for name, body in requests:
            _, data = wire.request(name, body)
            await loop.sock_sendall(ours, data)
            heard += [one for one in wire.receive(await loop.sock_recv(ours, 65536)) if isinstance(one, Message)]
        client.close("enough")
        ours.close()
        return heard

    welcome, *refused = asyncio.run(converse())
    assert isinstance(welcome.body, Welcome)
    assert [one.kind for one in refused] == [FrameKind.ERROR] * 2
    assert [one.body.code for one in refused if isinstance(one.body, Refusal)] == [Code.INTERNAL] * 2


class Scribe(Clumsy):
    """Writes down who asks."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def handle(self, client: Client, message: Message) -> Answer:
        if isinstance(message.body, Hello):
            return Answer(Welcome(VERSION, FEATURES, client.serial, "0", "host"))
        self.asked.append(client.serial)
        return Answer()


def test_who_asks_for_much_at_once_lets_others_speak_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "TURN", 0)
    scribe = Scribe()

    async def converse() -> None:
        pairs = [socket.socketpair() for _ in range(3)]
        permissions = Permissions(Role.MANAGER)
        for number, (ours, theirs) in enumerate(pairs):
            wire, who = Wire(Sender.CLIENT), credentials_of(theirs)
            ours.setblocking(False)
            Client(number, theirs, who, permissions, requests=scribe, most_unread=2**20)
            ours.sendall(wire.request("hello", Hello(VERSION, FEATURES, "x", {}))[1])
            assert list(wire.receive(await asyncio.get_running_loop().sock_recv(ours, 65536)))
            ours.sendall(b"".join(wire.request("sync", Nothing())[1] for _ in range(40)))
            ours.shutdown(socket.SHUT_WR)
        for ours, _ in pairs:
            while await asyncio.get_running_loop().sock_recv(ours, 65536):
                pass
            ours.close()

    asyncio.run(converse())
    assert sorted(scribe.asked) == sorted([0, 1, 2] * 40)
    longest = max(len(list(same)) for _, same in itertools.groupby(scribe.asked[40:80]))
    assert longest <= 2


def test_without_descriptors_clients_are_turned_away_and_the_others_play_on(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks:\n  first: {kind: null}\n")
    with daemon.remote() as remote, ExitStack() as stack:
        Player(remote)
        most = daemon.descriptors() + 8
        resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (most, most))
        turned_away = 0
        for _ in range(50):
            raw = stack.enter_context(daemon.raw())
            try:
                raw.greet()
            except (ConnectionError, OSError):
                turned_away += 1
        assert turned_away >= 40
        remote.ask("sync")
        assert daemon.log().count("could not be taken on") == 1
        stack.close()
        remote.ask("sync")
        daemon.raw().greet().close()


def test_connections_that_say_nothing_keep_nobody_out(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("limits: {clients: 4}\n")
    with ExitStack() as silent:
        for _ in range(12):
            silent.enter_context(daemon.raw()).send(b"\1")
        with daemon.raw() as raw:
            raw.greet()
            assert not isinstance(raw.ask("get", Named(1)).body, Refusal)


ORPHAN = """
import os, sys
from pyaudiobus.protocol.messages import Hello
from pyaudiobus.protocol.wire import FEATURES, VERSION
from tests.daemon.bench import Raw
raw = Raw(sys.argv[1])
raw.say("hello", Hello(VERSION, FEATURES, "parent", {}))
if os.fork() == 0:
    os.close(1)
    sys.stdin.read()  # it holds the socket until the test closes this
"""


def test_a_process_that_ended_before_it_was_taken_on_is_no_client_whoever_has_its_socket(
    launch: Callable[[str], Daemon],
) -> None:
    daemon = launch("")
    with daemon.remote("observer") as remote:
        observer = Observer(remote)
        daemon.process.send_signal(signal.SIGSTOP)
        command = [sys.executable, "-c", ORPHAN, daemon.path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT) as parent:
            assert parent.wait() == 0
            daemon.process.send_signal(signal.SIGCONT)
            with daemon.remote("last"):
                observer.sync()
                assert observer.kinds()["client"] == 2
