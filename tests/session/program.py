"""`audiobus-session` and `audiobus` as programs, on a daemon."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.daemon.bench import PATIENCE, Daemon
from tests.daemon.dsp_bus import DspBus

PROGRAM = "from pyaudiobus.cli.start import {0}; raise SystemExit({0}())"


class Program:
    """A running session manager."""

    def __init__(self, daemon: Daemon | DspBus, folder: Path, policy: str = "", *flags: str) -> None:
        self._daemon = daemon
        self._folder = folder
        self.policy = folder / "policy.yaml"
        self.policy.write_text(policy)
        self._flags = flags
        self._log = folder / "session-log"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it governs."""
        told = self._folder / "session-notify"
        told.unlink(missing_ok=True)
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(str(told))
        self._ear.settimeout(PATIENCE)
        environment = {**os.environ, "NOTIFY_SOCKET": str(told)}
        state = str(self._folder / "state.json")
        command = [sys.executable, "-c", PROGRAM.format("audiobus_session"), "--socket", self._daemon.path]
        command += ["--policy", str(self.policy), "--state", state, "--scripts", "", *self._flags]
        with self._log.open("a") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environment)
        self.told("READY=1")

    def told(self, word: str) -> None:
        """Wait until the service manager is told something."""
        assert self._ear.recv(200).decode().startswith(word), self.log()

    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        self._ear.close()

    def reload(self) -> None:
        """Make it read its files again, and wait until it has."""
        self.process.send_signal(signal.SIGHUP)
        self.told("RELOADING=1")
        self.told("READY=1")

    def wakeups(self) -> int:
        """How often it has gone to sleep so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("voluntary_ctxt")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            assert self.process.wait(PATIENCE) == 0, self.log()
        self._ear.close()


def audiobus(daemon: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    command = [sys.executable, "-c", PROGRAM.format("audiobus"), *words, "--remote", daemon.path]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
