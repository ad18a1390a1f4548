"""The system as testimage's cases see theirs: a target that runs commands."""

from __future__ import annotations

from system.booted import System

_PATIENCE = 300.0
"""Seconds, as oeqa's OESSHTarget has by default."""


class GuestTarget:
    """Stands for oeqa.core.target.ssh.OESSHTarget."""

    def __init__(self, system: System) -> None:
        self._system = system

    def run(self, cmd: str, timeout: float | None = None) -> tuple[int, str]:
        """Run a shell command as root; return its status and all it printed, errors too."""
        result = self._system.run(f"exec 2>&1\n{cmd}", timeout=timeout or _PATIENCE)
        return result.status, result.text.rstrip("\n")
