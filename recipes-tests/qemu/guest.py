"""The guest as a test sees it: boot once, run many commands. How it boots is boot.py, how words travel the links."""

from __future__ import annotations

import contextlib
import signal
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from qemu.boot import plan_machine, wait_for_agent, why_it_ended
from qemu.complaint import first_complaint
from qemu.errors import CommandTimeoutError, GuestError, KernelComplaintError
from qemu.image import plan_image, wait_for_login
from qemu.options import CHECKOUT, Options
from qemu.process import QemuProcess
from qemu.result import Command, Link, Result
from qemu.surroundings import surroundings_for

_GRACE = 15.0
"""Seconds a killed command has to be gone."""
_T = TypeVar("_T")

_TO_MEMORY = """
set -e
bb=/run/guest/busybox
for path; do
    path=$($bb realpath "$path")
    place=$($bb mktemp -d /run/guest/preload.XXXXXX)
    $bb cp -a "$path" "$place/"
    $bb mount --bind "$place/$($bb basename "$path")" "$path"
done
"""


@dataclass(kw_only=True)
class Guest(Options):
    """A machine with a kernel of its own, the host's files, a virtual DSP at card 0, and nothing else running.

    Use it as a context manager. The host's root is visible read-only under a layer in memory, so everything is
    writable and nothing lasts; what the host changes after boot may not be seen (use `write`, or `share`).
    Every method raises KernelComplaintError if the kernel warned or oopsed meanwhile, GuestError if the guest is gone.
    """

    tolerate_complaints: bool = False
    """Leave the kernel's complaints to be read in `kernel_log`."""
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, init=False, repr=False)
    _link: Link = field(init=False, repr=False)
    _qemu: QemuProcess = field(init=False, repr=False)
    _env: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _seen: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._boot(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout: float = 300.0,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Result:
        """Run a command to its end, at most `timeout` seconds on the host's clock.

        Raises FileNotFoundError if there is no such program or folder, CommandTimeoutError (with the output so far).
        """
        command = self._command(argv, cwd, env, stdin)
        return self._wait(self._guarded(lambda: self._link.launch(command)), command, timeout)

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Background:
        """Start a command and come back at once."""
        command = self._command(argv, cwd, env, stdin)
        return Background(self, command, self._guarded(lambda: self._link.start(command)))

    def read(self, path: str | Path) -> bytes:
        """Return all of a file of the guest's, one of /sys or debugfs too. Raises OSError."""
        return self._guarded(lambda: self._link.read(str(path)))

    def write(self, path: str | Path, data: bytes) -> None:
        """Replace the content of a file of the guest's; a control file gets it in one write. Raises OSError."""
        self._guarded(lambda: self._link.write(str(path), data))

    def load_to_memory(self, paths: Sequence[str | Path]) -> None:
        """Copy files and folders to the guest's memory, under their old names.

        Under virtual time a guest that waits for the host's disk is idle, and idle time leaps. What a measured command
        reads must therefore be in memory: name its folders here, then run it once before it is measured.
        """
        if paths:
            self.run(["/run/guest/busybox", "sh", "-c", _TO_MEMORY, "sh", *paths]).check()

    @property
    def kernel_log(self) -> str:
        """All the kernel has said, up to the last answer."""
        return "\n".join(self._link.kernel_lines)

    def _boot(self, stack: contextlib.ExitStack) -> None:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guest-")))
        if self.rootfs is not None:
            self._qemu = QemuProcess(plan_image(self, self.rootfs), work, with_console=True)
            stack.callback(self._qemu.stop)
            self._link = wait_for_login(self._qemu, self)
            return
        around = surroundings_for(self.arch)
        self._env = around.env
        self._qemu = QemuProcess(plan_machine(self, around, work), work, with_console=False)
        stack.callback(self._qemu.stop)
        self._link = wait_for_agent(self._qemu, self)
        self.load_to_memory(self.preload)

    def _command(
        self, argv: Sequence[str | Path], cwd: str | Path | None, env: Mapping[str, str] | None, stdin: bytes
    ) -> Command:
        return Command(
            [str(word) for word in argv],
            str(cwd or ("/" if self.rootfs else CHECKOUT)),
            self._env | dict(env or {}),
            stdin,
        )

    def _wait(self, job: int, command: Command, timeout: float) -> Result:
        try:
            return self._guarded(lambda: self._link.wait(job, timeout))
        except TimeoutError:
            stopped = self._kill_hard(job)
            raise CommandTimeoutError(
                f"'{command.argv[0]}' did not end within {timeout:.0f} s and was killed; give it more time (timeout)",
                stopped.stdout,
                stopped.stderr,
            ) from None

    def _kill_hard(self, job: int) -> Result:
        """Kill a command that overran; if even that has no effect, end the guest."""
        try:
            with contextlib.suppress(ProcessLookupError):
                self._guarded(lambda: self._link.kill(job, signal.SIGKILL, _GRACE))
            return self._guarded(lambda: self._link.wait(job, _GRACE))
        except KernelComplaintError:
            raise
        except (TimeoutError, GuestError):
            last = why_it_ended(self._qemu)
            self._qemu.stop()
            raise GuestError(f"the guest hangs: a killed command did not end in {_GRACE:.0f} s ({last})") from None

    def _guarded(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except GuestError as error:
            raise self._obituary(str(error)) from None
        finally:
            self._look_for_complaints()

    def _obituary(self, error: str) -> GuestError:
        lines = self._qemu.console_text().splitlines()
        if first_complaint(lines):
            return KernelComplaintError(f"the guest's kernel died: {first_complaint(lines)}", "\n".join(lines))
        return GuestError(f"{error} ({why_it_ended(self._qemu)})")

    def _look_for_complaints(self) -> None:
        fresh = self._link.kernel_lines[self._seen :]
        self._seen += len(fresh)
        complaint = first_complaint(fresh)
        if complaint and not self.tolerate_complaints:
            raise KernelComplaintError(f"the guest's kernel complained: {complaint}", "\n".join(fresh))


@dataclass(frozen=True, slots=True)
class Background:
    """A command that runs while others do; under virtual time only while the host asks for something."""

    guest: Guest
    command: Command
    job: int

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.guest._guarded(lambda: self.guest._link.is_running(self.job))

    def kill(self, number: int = signal.SIGTERM) -> None:
        """Send a signal to it and all it started; nothing happens if it has ended."""
        self.guest._guarded(lambda: self.guest._link.kill(self.job, number))

    def wait(self, timeout: float = 300.0) -> Result:
        """Wait for its end, once; like `Guest.run` it is killed after `timeout` seconds on the host's clock."""
        return self.guest._wait(self.job, self.command, timeout)
