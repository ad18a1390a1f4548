"""A daemon as a process of its own, and clients for it: well behaved ones (the library's), and ones that are not.

Past 300 lines because one stage serves all the tests of the daemon.
"""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pyaudiobus.client.happenings import Happening
from pyaudiobus.client.remote import Remote
from pyaudiobus.engine.ring import RingConsumer, RingDescriptors, RingProducer
from pyaudiobus.errors import PeerError
from pyaudiobus.protocol.frames import FrameKind
from pyaudiobus.protocol.messages import (
    CreateStream,
    Hello,
    Named,
    Nothing,
    ObjectChanged,
    Refusal,
    Sender,
    StreamCreated,
    Subscribe,
)
from pyaudiobus.protocol.wire import FEATURES, VERSION, Message, Wire
from pyaudiobus.protocol.words import Attributes, Body, ObjectInfo, PcmShape

PROGRAM = "from pyaudiobus.cli.start import audiobusd; raise SystemExit(audiobusd())"
S16 = PcmShape("s16", 48_000, 2)
FRAME = 4
KINDS = ("core", "client", "node", "port", "link", "metadata", "sample")
STORY = 1000
"""What an observer remembers: its collector took a quarter of a second to look through ten thousand lives."""
PATIENCE = 30
"""Seconds until a test that waits in vain fails; none waits that long for what happens."""


class Daemon:
    """A running audiobusd. Its configuration is YAML; sockets are added to it."""

    def __init__(self, folder: Path, yaml: str = "") -> None:
        self.path = str(folder / "bus")
        self.config = folder / "audiobusd.yaml"
        self.config.write_text(yaml)
        self._log = folder / "log"
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        told = self._folder / "notify"
        told.unlink(missing_ok=True)
        environment = {**os.environ, "NOTIFY_SOCKET": str(told), "AUDIOBUS_BOARD": ""}
        command = [sys.executable, "-c", PROGRAM, "--config", str(self.config), "--log-level", "debug"]
        if "sockets:" not in self.config.read_text():
            command += ["--socket", self.path]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, self._log.open("a") as log:
            ear.bind(str(told))
            ear.settimeout(PATIENCE)
            self.process = subprocess.Popen(command, stderr=log, env=environment)
            assert ear.recv(100) == b"READY=1", self.log()

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """Make it read its configuration again inside, and wait until it says that it has."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            (self._folder / "notify").unlink()
            ear.bind(str(self._folder / "notify"))
            ear.settimeout(PATIENCE)
            yield
            assert ear.recv(100).startswith(b"RELOADING=1")
            assert ear.recv(100) == b"READY=1"

    def stop(self) -> int:
        """Stop it; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def log(self) -> str:
        return self._log.read_text()

    def remote(self, name: str = "tester", path: str | None = None) -> Remote:
        return Remote(name, path or self.path)

    def raw(self, path: str | None = None) -> Raw:
        return Raw(path or self.path)

    def descriptors(self) -> int:
        """How many descriptors it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self) -> int:
        """Its resident memory in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()


class Raw:
    """A client that says whatever it likes."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.wire = Wire(Sender.CLIENT)
        self.events: list[Message] = []
        self._heard: list[Message] = []

    def greet(self) -> Self:
        self.ask("hello", Hello(VERSION, FEATURES, "raw", {}))
        return self

    def send(self, data: bytes, descriptors: Iterable[int] = ()) -> None:
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        self.socket.sendmsg([data], rights if descriptors else [], socket.MSG_NOSIGNAL)

    def say(self, name: str, body: Body, descriptors: tuple[int, ...] = ()) -> int:
        """Send a request and do not wait; return its number."""
        sequence, data = self.wire.request(name, body, descriptors)
        self.send(data, descriptors)
        return sequence

    def ask(self, name: str, body: Body | None = None, descriptors: tuple[int, ...] = ()) -> Message:
        """Ask, and return the answer; its body is a Refusal where it was refused."""
        return self.answer(self.say(name, body or Nothing(), descriptors))

    def answer(self, sequence: int) -> Message:
        while True:
            for message in self._heard:
                if message.sequence == sequence:
                    self._heard.remove(message)
                    return message
            self.hear()

    def hear(self) -> None:
        """Take what arrives next. ConnectionError: the daemon has hung up."""
        data, ancillary, _, _ = self.socket.recvmsg(65536, 4096)
        if not data:
            raise ConnectionError
        found = array.array("i")
        for _, _, payload in ancillary:
            found.frombytes(payload)
        try:
            for message in self.wire.receive(data, tuple(found)):
                assert isinstance(message, Message)
                (self.events if message.kind is FrameKind.EVENT else self._heard).append(message)
        except PeerError as error:
            raise ConnectionError(error.what) from None

    def is_dropped(self) -> bool:
        """Read until the daemon hangs up."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Observer:
    """A client that hears of everything; the picture it has of the bus."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.objects: dict[int, ObjectInfo] = {}
        self.story: deque[tuple[str, Any]] = deque(maxlen=STORY)
        remote.watchers.append(self)
        remote.ask("subscribe", Subscribe(KINDS))

    def take(self, happening: Happening) -> None:
        body = happening.body
        self.story.append((happening.name, body))
        if isinstance(body, ObjectInfo):
            assert body.serial not in self.objects
            self.objects[body.serial] = body
        elif isinstance(body, ObjectChanged):
            known = self.objects[body.serial]
            facts = {**known.facts, **body.facts}
            self.objects[body.serial] = ObjectInfo(
                known.serial, known.kind, known.name, known.owner, body.state, known.properties, facts
            )
        elif isinstance(body, Named) and happening.name == "object-removed":
            del self.objects[body.serial]

    def sync(self) -> None:
        self.remote.ask("sync")

    def until(self, condition: Callable[[], object]) -> None:
        """Hear on until something is so."""
        while not condition():
            assert self.remote.wait(timeout=PATIENCE), "it does not happen"

    def named(self, name: str, kind: str = "node") -> ObjectInfo | None:
        return next((one for one in self.objects.values() if (one.kind, one.name) == (kind, name)), None)

    def has(self, name: str) -> bool:
        """Whether there is anything of that name, of any kind."""
        return any(one.name == name for one in self.objects.values())

    def kinds(self) -> dict[str, int]:
        count: dict[str, int] = {}
        for one in self.objects.values():
            count[one.kind] = count.get(one.kind, 0) + 1
        return count


class Player:
    """A playback stream by hand."""

    def __init__(self, remote: Remote | Raw, name: str = "player", shape: PcmShape = S16, **wish: Any) -> None:
        body = CreateStream("playback", name, (shape,), **wish)
        self.remote = remote
        if isinstance(remote, Raw):
            answer = remote.ask("create-stream", body)
            assert not isinstance(answer.body, Refusal), answer.body
            self.created, descriptors = answer.body, answer.descriptors
        else:
            self.created, descriptors = remote.ask_with_descriptors("create-stream", body)
        self.ring = RingProducer.attach(RingDescriptors(*descriptors))

    @property
    def serial(self) -> int:
        serial: int = self.created.serial
        return serial

    def write(self, data: bytes) -> None:
        at = self.ring.written
        self.ring.view(at, len(data))[:] = data
        self.ring.publish(at + len(data))


class Recorder:
    """A record stream by hand."""

    def __init__(self, remote: Remote | Raw, target: str = "", name: str = "recorder", **wish: Any) -> None:
        body = CreateStream("record", name, (S16,), target=target, **wish)
        self.remote = remote
        if isinstance(remote, Raw):
            answer = remote.ask("create-stream", body)
            assert not isinstance(answer.body, Refusal), answer.body
            self.created: StreamCreated = answer.body
            descriptors = answer.descriptors
        else:
            self.created, descriptors = remote.ask_with_descriptors("create-stream", body)
        self.ring = RingConsumer.attach(RingDescriptors(*descriptors))

    @property
    def serial(self) -> int:
        serial: int = self.created.serial
        return serial

    def read(self, size: int) -> bytes:
        """Sleep until there is so much, and take it."""
        assert isinstance(self.remote, Remote)
        while self.ring.look().stored < size:
            if not self.ring.want_data(self.ring.taken + size):
                assert self.remote.wait([self.ring.fileno()], PATIENCE), "nothing is recorded"
                self.ring.acknowledge()
        data = bytes(self.ring.view(size))
        self.ring.take(size)
        return data

    def read_sound(self, size: int) -> bytes:
        """The same without the silence before."""
        while True:
            frame = self.read(FRAME)
            if any(frame):
                return frame + self.read(size - FRAME)


def noise(frames: int, seed: int = 1) -> bytes:
    """Stereo s16 whose first frame is no silence."""
    words = array.array("h")
    state = seed
    for _ in range(2 * frames):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        words.append(state // 2**17 - 2**13 or 1)
    return words.tobytes()


def attributes(milliseconds: int) -> Attributes:
    """A target length of so much s16 stereo at 48 kHz."""
    return Attributes(tlength=milliseconds * 48 * FRAME)


def value(text: str) -> dict[str, Any]:
    """A param's value."""
    found: dict[str, Any] = json.loads(text)
    return found
