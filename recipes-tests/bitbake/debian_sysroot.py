"""Debian's arm64 libc, Python and ALSA: what recipes compile against here, and what their programs run with."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bitbake.host_python import RELEASE, VERSION
from qemu.cache import made_once
from qemu.debian import open_archive, unpack

_TO_BUILD = ("libc6-dev", "libasound2-dev", "zlib1g-dev", f"libpython{VERSION}-dev", "base-passwd")
_TO_RUN = (f"python{VERSION}", "python3-yaml", "python3-cffi-backend")
_UNUSED = ("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/share/lintian", "var", "debs")


def debian_sysroot(folder: Path) -> Path:
    """Return a folder that looks like the root of an arm64 machine; made on first use."""
    return made_once(folder / "arm64", _make)


def _make(folder: Path) -> None:
    packages = open_archive("arm64", RELEASE).download_with_dependencies([*_TO_BUILD, *_TO_RUN], folder / "debs")
    unpack(packages, folder)
    for table in ("passwd", "group"):
        shutil.copy(folder / f"usr/share/base-passwd/{table}.master", folder / "etc" / table)
    for name in _UNUSED:
        shutil.rmtree(folder / name, ignore_errors=True)
    for described in folder.glob("usr/lib/aarch64-linux-gnu/pkgconfig/*.pc"):
        _leave_out_folders(described)
    for script in folder.glob("usr/lib/aarch64-linux-gnu/lib*.so"):
        _use_usr(script)


def _use_usr(script: Path) -> None:
    """Mend a linker script: /lib is a link to /usr/lib on Debian, and need not be in a recipe's sysroot."""
    if script.is_symlink() or script.read_bytes()[:4] == b"\x7fELF":
        return
    script.write_text(re.sub(r"(?<=\s)/lib/", "/usr/lib/", script.read_text()))


def _leave_out_folders(described: Path) -> None:
    """The compiler finds these libraries anyway, and FFmpeg would write the folder it was told into its packages."""
    if not described.is_symlink():
        described.write_text(re.sub(r"-L\$\{\w+\} ?", "", described.read_text()))
