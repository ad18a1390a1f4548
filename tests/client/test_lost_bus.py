"""A bus that dies, a process that forks, connections that are closed: an error says so, and nothing hangs."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.client.playback import play
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import PeerError, UserError
from pyaudiobus.model.format import Encoding, PcmFormat
from pyaudiobus.protocol.messages import Hello, Sender, Welcome
from pyaudiobus.protocol.wire import Message, Wire
from pyaudiobus.protocol.words import Attributes
from tests.client.live_bus import LiveBus

FORM = PcmFormat(Encoding.S16, 48_000, 2)


@pytest.fixture
def dying(tmp_path: Path) -> Iterator[LiveBus]:
    """A bus for one test, stopped in its tracks, so that what a test does next has to wait for it."""
    with LiveBus(tmp_path) as live:
        yield live
        live.process.kill()


def die_when_it_waits(live: LiveBus, wait: Callable[..., object]) -> None:
    """Call what waits for a bus that has stopped; the bus is killed while it does."""
    live.process.send_signal(signal.SIGSTOP)
    killer = threading.Timer(0.05, live.process.kill)
    killer.start()
    try:
        with pytest.raises(PeerError, match="the audio bus is gone"):
            wait()
    finally:
        killer.join()


WAYS = {
    "sync": lambda remote, *_: remote.ask("sync"),
    "wait": lambda remote, *_: remote.wait(),
    "create": lambda remote, *_: play(remote, FORM, "another"),
    "drain": lambda _, stream, __: stream.drain(),
    "flush": lambda _, stream, __: stream.flush(),
    "write": lambda _, stream, __: stream.write(bytes(4 << 20)),
    "writable": lambda _, stream, __: stream.wait_writable(),
    "read": lambda *all_: all_[2].read(4 << 20),
    "readable": lambda *all_: all_[2].wait_readable(size=4 << 20),
}


@pytest.mark.parametrize("wait", WAYS.values(), ids=WAYS)
def test_a_bus_that_dies_while_a_program_waits_is_told_and_all_can_be_closed(
    dying: LiveBus, wait: Callable[..., object]
) -> None:
    with (
        Remote("tester", dying.path) as remote,
        play(remote, FORM, "held", corked=True, attributes=Attributes(tlength=19_200)) as stream,
        record(remote, FORM, "ear", "other", corked=True) as ear,
    ):
        stream.write(bytes(stream.writable()))
        die_when_it_waits(dying, lambda: wait(remote, stream, ear))
        with pytest.raises(PeerError, match="gone"):
            remote.ask("sync")
        with pytest.raises(PeerError, match="gone"):
            stream.cork()


def test_a_place_without_a_bus_is_a_users_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="cannot connect to the audio bus"):
        Remote("tester", str(tmp_path / "nothing"))
    with pytest.raises(UserError, match="cannot connect"):
        Remote("tester", "x" * 500)
    monkeypatch.setenv("AUDIOBUS_REMOTE", "")
    with pytest.raises(UserError, match="no audio bus to connect to"):
        Remote("tester")


def test_what_is_closed_says_so_and_may_be_closed_again(bus: LiveBus) -> None:
    remote = Remote("tester", bus.path)
    stream = play(remote, FORM, "song")
    ear = record(remote, FORM, "ear", "other")
    stream.close()
    stream.close()
    for use in (stream.time, stream.drain, lambda: stream.write(b"1234"), stream.flush):
        with pytest.raises(UserError, match="the stream was closed"):
            use()
    remote.close()
    remote.close()
    ear.close()
    after: tuple[Callable[[], object], ...] = (
        lambda: remote.ask("sync"),
        remote.wait,
        remote.fileno,
        lambda: play(remote, FORM, "song"),
    )
    for use_closed in after:
        with pytest.raises(UserError, match="was closed"):
            use_closed()


def test_a_stream_whose_connection_was_closed_first_says_so(bus: LiveBus) -> None:
    remote = Remote("tester", bus.path)
    stream = play(remote, FORM, "song", corked=True)
    remote.close()
    for use in (stream.time, stream.drain, lambda: stream.write(b"1234"), stream.cork):
        with pytest.raises(UserError, match="was closed"):
            use()
    stream.close()


def test_a_forked_child_takes_no_part(remote: Remote) -> None:
    reader, writer = os.pipe()
    with play(remote, FORM, "song", corked=True) as stream, record(remote, FORM, "ear", "other") as ear:
        stream.write(bytes(400))
        child = os.fork()
        if not child:
            told = []
            for use in (
                lambda: remote.ask("sync"),
                lambda: stream.write(bytes(400)),
                lambda: stream.write_at(bytes(400), 0),
                stream.time,
                stream.timing,
                stream.flush,
                ear.read,
                ear.peek,
                ear.readable,
                ear.flush,
            ):
                try:
                    use()
                    told.append("nothing")
                except UserError as error:
                    told.append("parent" if "belongs to the parent" in error.what else error.what)
            stream.close()
            ear.close()
            remote.close()
            os.write(writer, " ".join(told).encode())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0
        assert os.read(reader, 4096).decode().split() == ["parent"] * 10
        remote.ask("sync")
        assert stream.queue.queued() == 400
        stream.uncork()
        stream.drain()
    os.close(reader)
    os.close(writer)


class Impostor:
    """A daemon that greets, and then says what a test wants."""

    def __init__(self, path: str, says: bytes) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._says = says
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        peer, _ = self._listener.accept()
        with peer, self._listener:
            wire = Wire(Sender.DAEMON)
            (hello,) = wire.receive(peer.recv(65_536))
            assert isinstance(hello, Message)
            assert isinstance(hello.body, Hello)
            peer.sendall(wire.reply(hello, Welcome(1, (), 1, "", "")))
            peer.recv(65_536)
            peer.sendall(self._says)

    def join(self) -> None:
        self._thread.join()


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (b"\xff" * 100, "above the limit"),
        (Wire(Sender.DAEMON).farewell("it left 5000000 bytes unread"), "the other end says: it left 5000000 bytes"),
        (b"\0\0", "it closed the connection"),
    ],
)
def test_a_daemon_that_talks_nonsense_or_says_farewell_ends_the_conversation(
    tmp_path: Path, says: bytes, words: str
) -> None:
    impostor = Impostor(str(tmp_path / "bus"), says)
    remote = Remote("tester", str(tmp_path / "bus"))
    with pytest.raises(PeerError, match=words):
        remote.ask("sync")
    with pytest.raises(PeerError, match=words):
        remote.ask("sync")
    remote.close()
    impostor.join()
