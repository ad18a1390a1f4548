"""Commands over a login on a serial console, for images that have no agent. Needs a POSIX shell and one of base64,
hexdump, od on the other side; everything that travels is text, so nothing the console does to bytes can hurt."""

from __future__ import annotations

import base64
import errno
import os
import re
import shlex
import socket
import time
from signal import SIGKILL

from qemu.errors import GuestError
from qemu.result import Command, Result

_PROMPT = re.compile(rb"login: *$|[#$] $")
_DECORATION = re.compile(rb"\r|\x1b\[[0-9;?]*[A-Za-z]")
"""Carriage returns, and the questions and colours an interactive shell sends to a terminal."""
_JOBS = "/tmp/.guest"
_OBEY = 'while IFS= read -r line; do eval "$line"; done'
"""A shell that runs this is not interactive: no prompt, no line editing, no job control fighting for the terminal."""
_LINE = 2048
"""A terminal in line mode takes 4095 bytes and drops the rest."""
_PATIENCE = 60.0
_READERS = {"base64": "base64", "hexdump": "hexdump -v -e '/1 \"%02x\"'", "od": "od -An -v -tx1"}


class ConsoleLink:
    """Types into a shell that neither prompts nor echoes, and reads between two marks."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._received = b""
        self._last = 0
        self._pids: dict[int, int] = {}
        self._commands: dict[int, Command] = {}
        self._reader = ""
        self._kernel_seen = 0
        self.kernel_lines: list[str] = []

    def log_in(self, patience: float) -> None:
        """Log in as root, without a password, and make the shell fit for a program."""
        deadline = time.monotonic() + patience
        if self._expect(_PROMPT, deadline).group(0).startswith(b"login"):
            self._type(b"root\n")
            if self._expect(re.compile(rb"[Pp]assword: *$|[#$] $"), deadline).group(0)[:1] in b"Pp":
                raise GuestError("the image wants a password for root; build it with an empty one")
        self._type(f"mkdir -p {_JOBS}; stty -echo 2>/dev/null; exec sh -c '{_OBEY}' 2>{_JOBS}/shell.err\n".encode())
        self._shell("dmesg -n 1")
        self._reader = self._find_reader()
        self._kernel_seen = int(self._shell("dmesg | wc -l"))

    def start(self, command: Command) -> int:
        """Start a command and return its number. Raises FileNotFoundError if there is no such program or folder."""
        self._require(f"cd {shlex.quote(command.cwd)}", command.cwd)
        self._require(f"cd {shlex.quote(command.cwd)} && command -v {shlex.quote(command.argv[0])}", command.argv[0])
        self._last += 1
        place = f"{_JOBS}/{self._last}"
        self.write(f"{place}.in", command.stdin)
        variables = [f"{name}={value}" for name, value in command.env.items()]
        words = shlex.join(["env", *variables, *command.argv])
        self.write(f"{place}.sh", f"cd {shlex.quote(command.cwd)} && exec {words}\n".encode())
        # The wrapper outlives the command whatever it is sent (but SIGKILL), and passes the status on.
        wrapper = (
            f"echo $$ >{place}.pid; trap : HUP INT QUIT TERM; "
            f"sh {place}.sh <{place}.in >{place}.out 2>{place}.err; echo $? >{place}.end"
        )
        self._shell(f"mkfifo {place}.pid {place}.end; setsid sh -c '{wrapper}' </dev/null >/dev/null 2>&1 &")
        said = self._shell(f"read -r pid <{place}.pid; echo $pid")
        self._pids[self._last] = int(said)
        self._commands[self._last] = command
        return self._last

    def launch(self, command: Command) -> int:
        """Start a command that is waited for next."""
        return self.start(command)

    def wait(self, job: int, timeout: float) -> Result:
        """Wait for a command's end. Raises TimeoutError, and may then be tried again."""
        deadline = time.monotonic() + timeout
        while (status := self._ended_with(job)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError
        place = f"{_JOBS}/{job}"
        output, errors = self.read(f"{place}.out"), self.read(f"{place}.err")
        self._shell(f"rm -f {place}.*")
        del self._pids[job]
        mark = len(self.kernel_lines)
        self._fetch_kernel_lines()
        log = "\n".join(self.kernel_lines[mark:])
        return Result(self._commands.pop(job).argv, status, output, errors, kernel_log=log)

    def is_running(self, job: int) -> bool:
        """Say whether a started command has not ended yet."""
        pid = self._pids.get(job)
        said = self._shell(f"grep '^State:' /proc/{pid}/status") if pid is not None else b""
        return bool(said.strip()) and b"Z" not in said.split()[1:2]

    def kill(self, job: int, signal: int, patience: float = _PATIENCE) -> None:
        """Send a signal to a command and all it started."""
        pid = self._pids.get(job)
        if pid is None:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        self._promptly(f"kill -{signal} -{pid} || kill -{signal} {pid}", patience)

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        name = shlex.quote(path)
        self._require(f"[ -r {name} ]", path)
        text = self._promptly(f"{_READERS[self._reader]} <{name}", _PATIENCE)
        return base64.b64decode(text) if self._reader == "base64" else bytes.fromhex(text.decode())

    def write(self, path: str, data: bytes) -> None:
        """Replace a file's content; it arrives in one write if the file's own system cares (up to a pipe's size)."""
        staged = f"{_JOBS}/written"
        self._shell(f": >{staged}")
        for start in range(0, len(data), _LINE // 5):
            octal = "".join(f"\\{byte:03o}" for byte in data[start : start + _LINE // 5])
            self._shell(f"printf '{octal}' >>{staged}")
        if self._status(f"cat {staged} >{shlex.quote(path)}") != 0:
            raise OSError(errno.EIO, "the guest could not write it", path)

    def mount_share(self, place: str) -> bool:
        """Mount the host's shared folder; say whether it worked."""
        name = shlex.quote(place)
        words = "trans=virtio,version=9p2000.L,msize=524288,cache=none"
        return self._status(f"modprobe 9pnet_virtio; mkdir -p {name} && mount -t 9p -o {words} share {name}") == 0

    def _ended_with(self, job: int) -> int | None:
        """Wait a second for a command's end; return its status. A wrapper that was killed too says nothing."""
        said = self._promptly(f"s=; read -t 1 s <>{_JOBS}/{job}.end; echo $s", _PATIENCE)
        if said:
            return int(said)
        return None if self.is_running(job) else 128 + SIGKILL

    def _find_reader(self) -> str:
        for name in _READERS:
            if self._status(f"command -v {name}") == 0:
                return name
        raise GuestError("the image has none of base64, hexdump, od; add busybox's hexdump to it")

    def _fetch_kernel_lines(self) -> None:
        name = f"{_JOBS}/dmesg"
        self._shell(f"dmesg | tail -n +{self._kernel_seen + 1} >{name}")
        fresh = self.read(name).decode(errors="replace").splitlines()
        self._kernel_seen += len(fresh)
        self.kernel_lines += fresh

    def _require(self, test: str, path: str) -> None:
        if self._status(test) != 0:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    def _status(self, script: str) -> int:
        return int(self._shell(f"( {script} ) >/dev/null 2>&1; echo $?"))

    def _shell(self, script: str, timeout: float = _PATIENCE) -> bytes:
        """Have one line done and return what it prints. Raises TimeoutError."""
        mark = f"{time.monotonic_ns():x}"
        if not script.endswith("&"):
            script += ";"
        ending = re.compile(f"@@B{mark}\\s(.*?)@@E{mark}\\s".encode(), re.DOTALL)
        # The quotes keep an echo of the line from looking like the marks.
        self._type(f'echo "@@"B{mark}; {script} echo "@@"E{mark}\n'.encode())
        return self._expect(ending, time.monotonic() + timeout).group(1).strip()

    def _promptly(self, script: str, patience: float) -> bytes:
        try:
            return self._shell(script, patience)
        except TimeoutError:
            raise GuestError(f"the guest's shell has not answered for {patience:.0f} s") from None

    def _expect(self, pattern: re.Pattern[bytes], deadline: float) -> re.Match[bytes]:
        while (found := pattern.search(self._received)) is None:
            self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
            data = self._channel.recv(1 << 16)
            if not data:
                raise GuestError("the guest ended by itself")
            self._received = _DECORATION.sub(b"", self._received + data)
        self._received = self._received[found.end() :]
        return found

    def _type(self, keys: bytes) -> None:
        try:
            self._channel.settimeout(_PATIENCE)
            self._channel.sendall(keys)
        except OSError as error:
            raise GuestError(f"the guest takes no command ({error})") from None
