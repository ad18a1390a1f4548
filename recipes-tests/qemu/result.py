"""What a command in the guest left behind. How it was run is link.py's matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qemu.errors import CommandFailedError


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run in the guest."""

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    stdin: bytes = b""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command cost. Under virtual time `cpu_us` is its instructions / 1000, exact to 1 %."""

    cpu_us: int
    """User and system time together; their split is sampled and says nothing at this size."""
    wall_ns: int
    """On the guest's clock."""
    voluntary: int
    """Context switches it asked for: how often it went to sleep."""
    involuntary: int
    max_rss_kib: int


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    argv: Sequence[str]
    status: int
    """As a shell says it: 128 + N after signal N."""
    stdout: bytes
    stderr: bytes
    usage: Usage | None = None
    """None where the guest has no agent to measure it."""
    kernel_log: str = field(default="", repr=False)
    """What the kernel said meanwhile."""

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.stdout.decode(errors="replace")

    def check(self) -> Result:
        """Return this result. Raises CommandFailedError if the command failed."""
        if self.status != 0:
            said = (self.stderr or self.stdout).decode(errors="replace").strip()
            raise CommandFailedError(
                f"'{' '.join(self.argv)}' ended with status {self.status} in the guest: {said[-500:]}"
            )
        return self


class Link(Protocol):
    """A way to have commands run in a guest: its agent, or a login on its console."""

    kernel_lines: list[str]
    """All the kernel has said, up to the last answer."""

    def start(self, command: Command) -> int:
        """Start a command and return its number. Raises OSError if there is no such program or folder."""

    def launch(self, command: Command) -> int:
        """Start a command that is waited for next; whether it could start, `wait` says."""

    def wait(self, job: int, timeout: float) -> Result:
        """Wait for a command's end, `timeout` seconds on the host's clock. Raises TimeoutError."""

    def is_running(self, job: int) -> bool:
        """Say whether a started command has not ended yet."""

    def kill(self, job: int, signal: int, patience: float = 60.0) -> None:
        """Send a signal to a command and all it started."""

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises OSError."""

    def write(self, path: str, data: bytes) -> None:
        """Replace a file's content. Raises OSError."""
