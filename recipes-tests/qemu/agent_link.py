"""The host's end of the channel to the guest's agent (inside/agent.py, which documents the messages)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
from typing import Any

from qemu.errors import GuestError
from qemu.monitor import Monitor
from qemu.result import Command, Result, Usage

_UNBUFFERED = 16384
"""Bytes a halted guest is sure to take: more must be sent while it runs."""
_PATIENCE = 60.0
"""Seconds for an answer that needs no command to end."""

Answer = tuple[dict[str, Any], bytes]


class AgentLink:
    """Asks the agent, one request after another.

    With a `freezer` (virtual time) the guest runs only while a request is open: between two commands its clock stands.
    """

    def __init__(self, channel: socket.socket, freezer: Monitor | None) -> None:
        self._channel = channel
        self._freezer = freezer
        self._received = bytearray()
        self._answers: dict[int, Answer] = {}
        self._commands: dict[int, Command] = {}
        self._awaited: dict[int, int] = {}
        self._last = 0
        self.kernel_lines: list[str] = []
        """All the kernel said since boot."""

    def greet(self, patience: float) -> None:
        """Wait until the agent is up."""
        self._collect(0, patience)

    def start(self, command: Command) -> int:
        """Start a command and return its number. Raises OSError if there is no such program or folder."""
        number = self._send(_starting(command, wait=False), command.stdin)
        self._promptly(number)
        self._commands[number] = command
        return number

    def launch(self, command: Command) -> int:
        """Start a command that is waited for next; whether it could start, `wait` says."""
        number = self._send(_starting(command, wait=True), command.stdin)
        self._commands[number] = command
        self._awaited[number] = number
        return number

    def wait(self, job: int, timeout: float) -> Result:
        """Wait for a command's end. Raises TimeoutError, and may then be tried again."""
        mark = len(self.kernel_lines)
        if job not in self._awaited:
            self._awaited[job] = self._send({"op": "wait", "job": job})
        answer, blob = self._collect(self._awaited[job], timeout)
        del self._awaited[job]
        argv = self._commands.pop(job).argv
        log = "\n".join(self.kernel_lines[mark:])
        usage = Usage(**{name: answer[name] for name in Usage.__slots__})
        status = answer["status"] if answer["status"] >= 0 else 128 - answer["status"]
        return Result(argv, status, blob[: answer["stdout"]], blob[answer["stdout"] :], usage, log)

    def is_running(self, job: int) -> bool:
        """Say whether a started command has not ended yet."""
        answer, _ = self._ask({"op": "poll", "job": job})
        return not answer["ended"]

    def kill(self, job: int, signal: int, patience: float = _PATIENCE) -> None:
        """Send a signal to a command and all it started."""
        self._promptly(self._send({"op": "kill", "job": job, "signal": signal}), patience)

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        return self._ask({"op": "read", "path": path})[1]

    def write(self, path: str, data: bytes) -> None:
        """Replace a file's content."""
        self._ask({"op": "write", "path": path}, data)

    def _ask(self, message: dict[str, Any], blob: bytes = b"") -> Answer:
        return self._promptly(self._send(message, blob))

    def _promptly(self, number: int, patience: float = _PATIENCE) -> Answer:
        try:
            return self._collect(number, patience)
        except TimeoutError:
            raise GuestError(f"the guest has not answered for {patience:.0f} s") from None

    def _send(self, message: dict[str, Any], blob: bytes = b"") -> int:
        self._last += 1
        head = json.dumps({"seq": self._last, **message}).encode()
        packet = struct.pack("<II", len(head), len(blob)) + head + blob
        if self._freezer and len(packet) > _UNBUFFERED:
            self._freezer.resume()
        try:
            self._channel.settimeout(_PATIENCE)
            self._channel.sendall(packet)
        except OSError as error:
            raise GuestError(f"the guest takes no command ({error})") from None
        return self._last

    def _collect(self, number: int, timeout: float) -> Answer:
        with self._freezer.running() if self._freezer else contextlib.nullcontext():
            deadline = time.monotonic() + timeout
            while number not in self._answers:
                self._receive(deadline)
        answer, blob = self._answers.pop(number)
        if "errno" in answer:
            raise OSError(answer["errno"], os.strerror(answer["errno"]), answer["path"])
        return answer, blob

    def _receive(self, deadline: float) -> None:
        self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self._channel.recv(1 << 20)
        except ConnectionError:
            data = b""
        if not data:
            raise GuestError("the guest ended by itself")
        self._received += data
        while (packet := self._next_packet()) is not None:
            answer, blob = packet
            self.kernel_lines += answer.pop("kernel")
            self._answers[answer["seq"]] = (answer, blob)

    def _next_packet(self) -> Answer | None:
        if len(self._received) < 8:
            return None
        head, body = struct.unpack_from("<II", self._received)
        if len(self._received) < 8 + head + body:
            return None
        answer = json.loads(self._received[8 : 8 + head])
        blob = bytes(self._received[8 + head : 8 + head + body])
        del self._received[: 8 + head + body]
        return answer, blob


def _starting(command: Command, *, wait: bool) -> dict[str, Any]:
    return {"op": "start", "argv": list(command.argv), "cwd": command.cwd, "env": dict(command.env), "wait": wait}
