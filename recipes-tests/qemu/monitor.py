"""Halts and resumes a machine over QMP, QEMU's control socket. Carries no command of the guest's."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any

from qemu.errors import GuestError


class Monitor:
    """One QMP session. A machine is running when it starts."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        connection.settimeout(patience)
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._running = True
        self._read()
        self._execute("qmp_capabilities")

    def halt(self) -> None:
        """Stop the guest's processor and clocks."""
        if self._running:
            self._execute("stop")
            self._running = False

    def resume(self) -> None:
        """Let the guest go on where it was halted."""
        if not self._running:
            self._execute("cont")
            self._running = True

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Let the guest run for as long as the block takes."""
        self.resume()
        try:
            yield
        finally:
            self.halt()

    def quit(self) -> None:
        """End QEMU in good order: a WAV file gets its header only so."""
        with contextlib.suppress(GuestError):
            self._execute("quit")
        self._lines.close()
        self._connection.close()

    def _execute(self, command: str) -> None:
        try:
            self._connection.sendall(json.dumps({"execute": command}).encode() + b"\n")
        except OSError as error:
            raise GuestError(f"QEMU went away before {command!r} ({error}); run the command again") from None
        while "return" not in (answer := self._read()):
            if "error" in answer:
                raise GuestError(f"QEMU refused {command!r}: {answer['error'].get('desc')}")

    def _read(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise GuestError("QEMU does not answer on its control socket; run the command again")
        message: dict[str, Any] = json.loads(line)
        return message
