"""What a command in the guest finds around it: which root, which Python, which environment."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from qemu.machine import Shared
from qemu.options import CHECKOUT, Options
from qemu.userland import debian_root

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BASE = {"HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "XDG_RUNTIME_DIR": "/run/user/0"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where commands run."""

    root: Path
    """The host's folder that the guest sees as /."""
    python: str
    """The agent's interpreter, as the guest sees it."""
    env: dict[str, str]
    checkout: Path | None
    """The checkout, where the root does not show it already."""

    def shared(self, options: Options, modules: Path) -> list[Shared]:
        """Return all folders that the guest sees."""
        folders = [Shared("root", self.root), Shared("modules", modules)]
        if self.checkout is not None:
            folders.append(Shared("checkout", self.checkout))
        if options.share is not None:
            folders.append(Shared("share", options.share.resolve(), writable=True))
        return folders


def surroundings_for(arch: str) -> Surroundings:
    """Return the host's own root for its own architecture, a small Debian for another."""
    return _host() if arch == platform.machine() else _foreign(arch)


def _host() -> Surroundings:
    venv = CHECKOUT / ".venv"
    env = _BASE | {"PATH": f"{venv}/bin:{_SYSTEM_PATH}", "VIRTUAL_ENV": str(venv)}
    return Surroundings(Path("/"), os.path.realpath(sys.executable), env, None)


def _foreign(arch: str) -> Surroundings:
    # The checkout's .venv holds the host's machine code, so the guest's own Python gets the sources.
    env = _BASE | {"PATH": _SYSTEM_PATH, "PYTHONPATH": f"{CHECKOUT}/service/src"}
    return Surroundings(debian_root(arch), "/usr/bin/python3", env, CHECKOUT)
