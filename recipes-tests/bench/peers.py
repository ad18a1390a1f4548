"""PulseAudio and PipeWire from Debian, unpacked and not installed. How they are run, systems.py says."""

from __future__ import annotations

import shutil
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.debian import RELEASE, open_archive, unpack

PACKAGES = [
    *("pulseaudio", "pulseaudio-utils"),
    *(
        f"{name}/{RELEASE}"
        for name in ("pipewire-bin", "libpipewire-0.3-0", "libpipewire-0.3-modules", "libspa-0.2-modules")
    ),
]
_MERGED = ("bin", "sbin", "lib", "lib64")
_NEVER_RUN = ("perl", "perl-base", "gconv", "gstreamer-1.0", "libicudata.so.72.1", "python3.11", "python3", "alsa-lib")


def peers_root() -> Path:
    """Return a folder with all that both need, made on first use. Raises GuestError."""
    return made_once(cache_root() / "roots" / "sound-servers", _make) / "root"


def _make(folder: Path) -> None:
    root = folder / "root"
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    packages = open_archive("amd64").download_with_dependencies(PACKAGES, folder / "packages")
    unpack(packages, root)
    for package in packages:
        package.unlink()
    _prune(root)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/machine-id").write_text("0" * 31 + "1\n")


def _prune(root: Path) -> None:
    """Leave out what no sound server reads: it would be carried into the guest's memory."""
    for folder in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/perl", "usr/share/alsa", "var"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for name in _NEVER_RUN:
        for place in (root / "usr/lib", root / "usr/lib/x86_64-linux-gnu"):
            shutil.rmtree(place / name, ignore_errors=True)
            if (place / name).is_file():
                (place / name).unlink()
