"""A real daemon in a process of its own, with a null sink, and a socket where only one test looks."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

START = """
import sys
from pyaudiobus.daemon.main import run
from pyaudiobus.model.daemon_settings import (
    AccessSettings, DaemonSettings, NodeKind, NodeSettings, Role, SocketSettings
)
from pyaudiobus.model.format import parse_format

words = [word.split("=") for word in sys.argv[2:]]
nodes = tuple(NodeSettings(name, NodeKind.NULL, parse_format(form)) for name, form in words)
settings = DaemonSettings(
    sockets=(SocketSettings(sys.argv[1]),),
    sinks=tuple(node for node in nodes if not node.name.startswith("mic")),
    sources=tuple(node for node in nodes if node.name.startswith("mic")),
    default_sink="null",
    access=AccessSettings(otherwise=Role.MANAGER),
    hotplug=False,
)
raise SystemExit(run(settings, None, lambda: settings))
"""
NODES = ("null=s16/48000/2", "other=s16/48000/2", "slow=s16/44100/1", "mic=s16/48000/1")


class LiveBus:
    """Started when entered, ended when left."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "bus")
        self._ready = str(folder / "ready")
        self._log = folder / "log"
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, self._log.open("wb") as log:
            ready.bind(self._ready)
            ready.settimeout(60)
            environment = {**os.environ, "NOTIFY_SOCKET": self._ready}
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, self.path, *NODES], env=environment, stderr=log
            )
            while b"READY=1" not in ready.recv(4096):
                pass
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(30)

    def log(self) -> str:
        """Return what the daemon has written."""
        return self._log.read_text()
