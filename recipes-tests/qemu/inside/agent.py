"""The guest's agent: starts commands for the host, waits for them, hands files over. Runs as process 1 on bare Python.

A message is two little-endian 32-bit lengths, a JSON object of the first length, raw bytes of the second.
Every request carries `seq`, and exactly one answer carries it back. While nothing happens the agent
sleeps in poll(), without a timer.
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

PORT_NAME = "guest.agent"
JOBS = "/run/guest/jobs"
CHUNK = 1 << 16

Message = dict[str, Any]


class Job:
    """A command that was started; its output goes to memory-backed files so that it never waits for the host."""

    def __init__(self, number: int, pid: int, began: int) -> None:
        self.number = number
        self.pid = pid
        self.began = began
        self.waiter: int | None = None
        """`seq` of the request that waits for the end."""
        self.ending: Message | None = None

    def path(self, stream: str) -> str:
        return f"{JOBS}/{self.number}.{stream}"


class Agent:
    """Answers the host's requests. `virtual`: time is counted in instructions, so an idle guest would leap ahead."""

    def __init__(self, port: int, virtual: bool) -> None:
        self._port = port
        self._virtual = virtual
        self._jobs: dict[int, Job] = {}
        self._received = bytearray()
        self._kernel_log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        self._requests: dict[str, Callable[[Message, bytes], None]] = {
            "start": self._start,
            "wait": self._wait,
            "poll": self._poll,
            "kill": self._kill,
            "read": self._read,
            "write": self._write,
        }

    def serve(self) -> None:
        """Work until the host goes away."""
        wake, alarm = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poller = select.poll()
        poller.register(self._port, select.POLLIN)
        poller.register(wake, select.POLLIN)
        self._say({"seq": 0, "ready": True})
        while True:
            for fd, _ in poller.poll(self._patience()):
                if fd == wake:
                    os.read(wake, CHUNK)
                    self._reap()
                else:
                    self._receive()

    def _patience(self) -> int | None:
        # Idle virtual time leaps to the next timer. Between two commands the agent therefore spins, for the
        # moment it takes the host to halt the machine; while a command is waited for it sleeps as usual.
        waited_for = any(job.waiter is not None for job in self._jobs.values())
        return 0 if self._virtual and not waited_for else None

    def _receive(self) -> None:
        data = os.read(self._port, CHUNK)
        if not data:
            power_off()
        self._received += data
        while len(self._received) >= 8:
            head, body = struct.unpack_from("<II", self._received)
            if len(self._received) < 8 + head + body:
                return
            message = json.loads(self._received[8 : 8 + head])
            blob = bytes(self._received[8 + head : 8 + head + body])
            del self._received[: 8 + head + body]
            self._answer(message, blob)

    def _answer(self, message: Message, blob: bytes) -> None:
        try:
            self._requests[message["op"]](message, blob)
        except OSError as error:
            self._say({"seq": message["seq"], "errno": error.errno, "path": error.filename})

    def _say(self, message: Message, *blobs: bytes) -> None:
        message["kernel"] = self._kernel_lines()
        head = json.dumps(message).encode()
        for data in (struct.pack("<II", len(head), sum(map(len, blobs))), head, *blobs):
            view = memoryview(data)
            while view:
                view = view[os.write(self._port, view) :]

    def _kernel_lines(self) -> list[str]:
        lines: list[str] = []
        while True:
            try:
                record = os.read(self._kernel_log, 8192)
            except BlockingIOError:
                return lines
            except OSError as error:
                if error.errno != errno.EPIPE:
                    raise
                continue
            lines.append(record.decode(errors="replace").split("\n", 1)[0].partition(";")[2])

    def _start(self, message: Message, stdin: bytes) -> None:
        number = message["seq"]
        job = Job(number, 0, 0)
        write_file(job.path("in"), stdin)
        os.chdir(message["cwd"])
        os.environ["PATH"] = message["env"]["PATH"]
        job.began = time.monotonic_ns()
        job.pid = os.posix_spawnp(
            message["argv"][0],
            message["argv"],
            message["env"],
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, job.path("in"), os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, job.path("out"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_OPEN, 2, job.path("err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            ],
            setsid=True,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
        self._jobs[number] = job
        if message["wait"]:
            job.waiter = number
        else:
            self._say({"seq": number, "pid": job.pid})

    def _wait(self, message: Message, _: bytes) -> None:
        job = self._job(message)
        job.waiter = message["seq"]
        self._finish(job)

    def _poll(self, message: Message, _: bytes) -> None:
        self._say({"seq": message["seq"], "ended": self._job(message).ending is not None})

    def _kill(self, message: Message, _: bytes) -> None:
        job = self._job(message)
        if job.ending is None:
            os.killpg(job.pid, message["signal"])
        self._say({"seq": message["seq"]})

    def _read(self, message: Message, _: bytes) -> None:
        self._say({"seq": message["seq"]}, read_file(message["path"]))

    def _write(self, message: Message, blob: bytes) -> None:
        write_file(message["path"], blob)
        self._say({"seq": message["seq"]})

    def _job(self, message: Message) -> Job:
        if message["job"] not in self._jobs:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        return self._jobs[message["job"]]

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for job in self._jobs.values():
                if job.pid == pid and job.ending is None:
                    job.ending = {
                        "status": os.waitstatus_to_exitcode(status),
                        "cpu_us": round((usage.ru_utime + usage.ru_stime) * 1e6),
                        "voluntary": usage.ru_nvcsw,
                        "involuntary": usage.ru_nivcsw,
                        "max_rss_kib": usage.ru_maxrss,
                        "wall_ns": time.monotonic_ns() - job.began,
                    }
                    self._finish(job)
                    break

    def _finish(self, job: Job) -> None:
        if job.ending is None or job.waiter is None:
            return
        output, errors = read_file(job.path("out")), read_file(job.path("err"))
        waiter, job.waiter = job.waiter, None
        self._say({"seq": waiter, "stdout": len(output), **job.ending}, output, errors)
        del self._jobs[job.number]
        for stream in ("in", "out", "err"):
            os.unlink(job.path(stream))


def read_file(path: str) -> bytes:
    """Return all of a file; files of /proc and debugfs do not know their size."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(fd, 1 << 20):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)


def write_file(path: str, data: bytes) -> None:
    """Replace a file's content; a control file of the kernel gets it in one write."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)


def open_port() -> int:
    """Open the channel to the host. No udev here, so /dev/virtio-ports does not exist."""
    for name in os.listdir("/sys/class/virtio-ports"):
        if read_file(f"/sys/class/virtio-ports/{name}/name").decode().strip() == PORT_NAME:
            return os.open(f"/dev/{name}", os.O_RDWR | os.O_CLOEXEC)
    raise SystemExit("guest-init: the machine has no agent port")


def power_off() -> None:
    """End the machine; the host keeps nothing of it."""
    os.execv("/run/guest/busybox", ["busybox", "poweroff", "-f"])


if __name__ == "__main__":
    os.makedirs(JOBS, exist_ok=True)
    Agent(open_port(), virtual=sys.argv[1] == "virtual").serve()
