"""Somebody who plays and records while others misbehave: no frame of it may be lost."""

from __future__ import annotations

import struct
import threading

from pyaudiobus.protocol.words import Attributes
from tests.daemon.bench import FRAME, Daemon, Player, Recorder, attributes


class Bystander:
    """A stream that plays and is recorded while others misbehave, in a thread; no frame of it may be lost."""

    PERIOD = 32_000
    """Frames until it repeats; none is silence."""
    AHEAD = 10 * 48_000 * FRAME
    """Bytes that it plays ahead: its process may be kept from running for seconds, and that is nobody else's fault."""

    def __init__(self, daemon: Daemon) -> None:
        self.remote = daemon.remote("bystander")
        self.player = Player(self.remote, "bystander", target="first", attributes=attributes(40))
        self.recorder = Recorder(self.remote, str(self.player.serial), attributes=Attributes(fragsize=1920))
        self.sound = b"".join(struct.pack("<hh", frame + 1, -frame - 1) for frame in range(self.PERIOD)) * 2
        self.heard = 0
        """Bytes that were compared."""
        self.failure = ""
        self._was_late = False
        self._is_over = threading.Event()
        self._fill()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def check(self) -> None:
        """Let it go on for a moment, and end it."""
        self._enough = self.heard + 48_000
        self._is_over.set()
        self._thread.join()
        assert not self.failure, self.failure
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
            self._look()
            late = ": it had let its own ring run dry" if self._was_late else ""
            self.failure = f"another sound than was played, {self.heard} bytes from the beginning{late}"
        self.heard += len(heard)

    def _look(self) -> None:
        """See what was played meanwhile."""
        ring = self.player.ring
        ring.space()
        self._was_late |= ring.written > 0 and ring.written <= ring.taken

    def _fill(self) -> None:
        ring = self.player.ring
        self._look()
        while ring.written - ring.taken < self.AHEAD:
            at = ring.written % (self.PERIOD * FRAME)
            self.player.write(self.sound[at : at + 9600])
