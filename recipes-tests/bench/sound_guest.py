"""A guest in which sound servers and their clients run, all of it in memory. Which ones, systems.py says."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.guestrun import EXACT, PYTHON, ROOT, UNPACK
from bench.kit import INSIDE, Kit
from bench.peers import peers_root
from qemu.errors import GuestError
from qemu.guest import Guest

PEERS = "/peers"
"""Where the root of PulseAudio and PipeWire is, in the guest."""
_MEMORY = 1536
"""MiB beside the archive: 64 processes of each kind."""
_SHOW_DEVICES = """
set -e
bb=/run/guest/busybox
for place in proc sys dev; do
    $bb mkdir -p "$1/$place"
    $bb mount -o rbind "/$place" "$1/$place"
done
$bb mkdir -p "$1/tmp" "$1/root" "$1/run"
"""


class SoundGuest:
    """Booted when entered."""

    def __init__(self, *, with_peers: bool, sound: Path) -> None:
        """Prepare; `sound` is a WAV that clients play."""
        self._with_peers = with_peers
        self._sound = sound

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            share = Path(tempfile.mkdtemp(prefix="bench-"))
            stack.callback(shutil.rmtree, share, ignore_errors=True)
            archive = share / "kit.tar"
            self._fill(archive)
            memory = _MEMORY + (archive.stat().st_size >> 20) * 10 // 8
            self._guest = stack.enter_context(
                Guest(virtual_time=True, memory=memory, share=share, module_args="capture_mb=1", boot_words=EXACT)
            )
            self._shell(UNPACK, ROOT, str(archive))
            if self._with_peers:
                self._shell(_SHOW_DEVICES, ROOT + PEERS)
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

    def run(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Return what inside/streams.py tells. Raises GuestError where it fails."""
        words = [PYTHON, "-I", "-S", str(INSIDE / "streams.py"), json.dumps(plan)]
        answer = self._guest.run(["/run/guest/busybox", "chroot", ROOT, *words], timeout=1800)
        if answer.status:
            raise GuestError(f"a sound server cannot be measured: {answer.stderr.decode(errors='replace')[-2000:]}")
        told: dict[str, Any] = json.loads(answer.stdout)
        return told

    def write(self, path: str, text: str) -> None:
        """Store a file where the programs see it."""
        self._guest.write(ROOT + path, text.encode())

    def clear(self) -> None:
        """Remove what the last run has left."""
        self._shell('/run/guest/busybox rm -rf "$1"/tmp/* "$2"/run/*', ROOT, ROOT + PEERS)

    def _fill(self, archive: Path) -> None:
        with Kit(archive) as kit:
            kit.add_python()
            if self._with_peers:
                kit.add_root(peers_root(), Path(PEERS))
                kit.add_root(self._sound.parent, Path(PEERS + "/sound"))

    def _shell(self, script: str, *words: str) -> None:
        self._guest.run(["/run/guest/busybox", "sh", "-c", script, "sh", *words]).check()
