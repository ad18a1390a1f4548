"""A guest whose programs all lie in memory, and one program run in it. What to run, others know."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.kit import INSIDE, VENV, Kit
from bench.programs import Program, Selection
from qemu.errors import GuestError
from qemu.guest import Guest

PYTHON = str(VENV / "bin/python")
ROOT = "/run/guest/kit"
_SOCKET = "/tmp/bus"
DAEMON = (str(VENV / "bin/audiobusd"), "--socket", _SOCKET, "--config", "", "--board", "", "--log-level", "warning")
_DSP = "/sys/kernel/debug/snd_virtual_dsp"
UNPACK = """
set -e
bb=/run/guest/busybox
$bb mkdir -p "$1"
$bb mount -t tmpfs -o size=90% kit "$1"
$bb tar -C "$1" -xf "$2"
for place in proc sys dev; do
    $bb mkdir -p "$1/$place"
    $bb mount -o rbind "/$place" "$1/$place"
done
$bb mkdir -p "$1/tmp" "$1/root" "$1/run"
"""
EXACT = "norandmaps transparent_hugepage=never preempt=full"
"""Chance would show in addresses, and in whether the kernel finds a huge page. And without full preemption, what a
process does between a wakeup and the switch to whom it woke is charged to the latter: up to 1.4 M was seen."""
_MEMORY = 512
"""MiB beside the archive: the kernel, and the programs that run."""
_LONGEST = 3600
"""Seconds of the guest's clock that a program may take; ten minutes of music take ten minutes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program cost."""

    instructions: int
    """Executed for it, its own and the kernel's."""
    wakeups: int
    """Voluntary context switches: how often it went to sleep."""
    until_start: int | None
    """Instructions from exec to START of the DSP; None for a program that plays nothing."""
    max_rss_kib: int
    said: str
    """On standard error."""


class Bench:
    """The guest, booted with the programs of a selection, Python, our players, and every file they are to read.

    Nothing in it is random: a warm run costs the same to 1 %.
    """

    def __init__(self, selection: Selection, files: Sequence[Path]) -> None:
        self._selection = selection
        self._files = files
        self._env = {
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": selection.loader_path,
            "PATH": "/usr/bin:/bin",
            "PYTHONHASHSEED": "0",
        }
        if not selection.loader_path:
            del self._env["LD_LIBRARY_PATH"]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            share = Path(tempfile.mkdtemp(prefix="bench-"))
            stack.callback(shutil.rmtree, share, ignore_errors=True)
            archive = share / "kit.tar"
            with Kit(archive, self._selection.loader_path) as kit:
                kit.add_python()
                kit.add(Path(program.argv[0]) for program in self._selection.programs)
                kit.add(self._files)
            self._guest = stack.enter_context(self._boot(share, archive.stat().st_size >> 20))
            self._guest.run(["/run/guest/busybox", "sh", "-c", UNPACK, "sh", ROOT, archive]).check()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def kernel(self) -> str:
        """The guest's kernel and architecture."""
        return self._guest.run(["/run/guest/busybox", "uname", "-rm"]).check().text.strip()

    def _boot(self, share: Path, archive_mib: int) -> Guest:
        return Guest(
            virtual_time=True,
            memory=_MEMORY + archive_mib * 10 // 8,
            share=share,
            module_args="capture_mb=1",
            boot_words=EXACT,
        )

    def play(self, program: Program, file: Path) -> Cost:
        """Run a program on a file. Raises GuestError if it failed, or if the DSP did not get the whole song in time."""
        told = self.run([*program.argv, str(file)], with_dsp=program.plays, by_daemon=program.by_daemon)
        if not program.plays:
            return _cost(told, None)
        state = told["state"]
        sent, whole = int(state["consumed_total"]), file.stat().st_size
        # Players may leave out tags, padding and the Info frame.
        if int(state["starvations"]) or not 0.97 * whole <= sent <= whole:
            raise GuestError(
                f"{program.name} does not play {file} well, so its cost means nothing:"
                f" the DSP got {sent} of {whole} bytes and starved {state['starvations']} times"
            )
        started = next(float(event.split()[0]) for event in told["events"] if event.split()[1] == "start")
        return _cost(told, round(started * 1e9) - told["began_ns"])

    def run(self, argv: Sequence[str], *, with_dsp: bool = False, by_daemon: bool = False) -> dict[str, Any]:
        """Run a command line and return what inside/launch.py tells. Raises GuestError if it fails."""
        plan = {
            "argv": argv,
            "env": self._env | ({"AUDIOBUS_REMOTE": _SOCKET} if by_daemon else {}),
            "daemon": DAEMON if by_daemon else (),
            "socket": _SOCKET,
            "output": "/tmp/output",
            "dsp": _DSP if with_dsp else "",
            "timeout": _LONGEST,
        }
        words = [PYTHON, "-I", "-S", str(INSIDE / "launch.py"), json.dumps(plan)]
        answer = self._guest.run(["/run/guest/busybox", "chroot", ROOT, *words], timeout=1800).check()
        told: dict[str, Any] = json.loads(answer.stdout)
        if told["status"]:
            last = told["errors"].strip()[-500:] or "it said nothing"
            raise GuestError(f"'{' '.join(argv)}' ended with status {told['status']} in the guest: {last}")
        return told


def _cost(told: dict[str, Any], until_start: int | None) -> Cost:
    return Cost(told["instructions"], told["voluntary"], until_start, told["max_rss_kib"], told["errors"])
