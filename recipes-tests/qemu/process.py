"""One running QEMU: its process, its sockets, its console log. What is said over them is the links' matter."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from qemu.errors import GuestError
from qemu.machine import Machine, command_line
from qemu.monitor import Monitor
from qemu.tools import find_tool, last_words

_PATIENCE = 30.0
"""Seconds QEMU may take to answer on its control socket; its own work is done in milliseconds."""

_UTIME = 11
"""proc(5): the 14th field of stat, counted from behind the name."""


class QemuProcess:
    """Starts QEMU and keeps hold of it. `work` takes its logs. `with_console`: talk on the console, not to an agent."""

    def __init__(self, machine: Machine, work: Path, *, with_console: bool) -> None:
        self._console_log = work / "console.log"
        self._errors = work / "qemu.log"
        monitor, monitor_end = socket.socketpair()
        self.channel, channel_end = socket.socketpair()
        """To the agent, or to the console."""
        fd = channel_end.fileno()
        console = f"socket,fd={fd},logfile={self._console_log}" if with_console else f"file,path={self._console_log}"
        words = command_line(machine, console, monitor_end.fileno(), None if with_console else fd)
        with self._errors.open("wb") as errors, monitor_end, channel_end:
            self._process = subprocess.Popen(
                [*_leash(), find_tool(words[0]), *words[1:]],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=(monitor_end.fileno(), fd),
            )
        try:
            self.monitor = Monitor(monitor, _PATIENCE)
        except GuestError:
            self._end()
            raise GuestError(f"QEMU did not start: {last_words(self._errors.read_bytes())}; run 'make deps'") from None

    def console_text(self) -> str:
        """Return what the console has shown so far."""
        if not self._console_log.exists():
            return ""
        return self._console_log.read_text(errors="replace").replace("\r", "")

    def busy_seconds(self) -> float:
        """Return how much of a processor's time it has had; 0 where it is gone."""
        try:
            status = Path(f"/proc/{self._process.pid}/stat").read_text()
        except OSError:
            return 0.0
        fields = status.rpartition(")")[2].split()
        return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End QEMU, kindly at first; returns within seconds whatever state the guest is in."""
        self.monitor.quit()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._end()
        self.channel.close()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()


def _leash() -> list[str]:
    """QEMU ends with whoever started it, even when that was killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []
