"""What a command in the guest finds around it: which root, which Python, which environment."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from qemu.errors import GuestError
from qemu.machine import Shared
from qemu.options import CHECKOUT, Options

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BASE = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "XDG_RUNTIME_DIR": "/run/user/0",
}


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
    if arch != "x86_64":
        raise GuestError(f"no root for {arch} yet")
    return _host()


def _host() -> Surroundings:
    venv = CHECKOUT / ".venv"
    env = _BASE | {"PATH": f"{venv}/bin:{_SYSTEM_PATH}", "VIRTUAL_ENV": str(venv)}
    return Surroundings(Path("/"), os.path.realpath(sys.executable), env, None)
