"""Debian's arm64 kernel headers in the form in which module.bbclass expects a kernel that was built."""

from __future__ import annotations

import shutil
from pathlib import Path

from qemu.cache import made_once
from qemu.kernels import debian_kernel


def kernel_headers(folder: Path) -> Path:
    """Return the folder for `make -C`, with the two files that say which kernel it is; made on first use."""
    kernel = debian_kernel("aarch64")
    place = made_once(folder / f"kernel-{kernel.abi}", lambda new: _copy(kernel.folder / "root/usr", new))
    build = place / "src" / kernel.build.name
    (build / "kernel-abiversion").write_text(kernel.abi)
    (build / "kernel-localversion").write_text("")
    return build


def _copy(source: Path, folder: Path) -> None:
    for part in source.iterdir():
        shutil.copytree(part, folder / part.name, symlinks=True)
    for vmlinux in folder.glob("src/*/vmlinux"):
        vmlinux.unlink()  # With it at hand kbuild would ask for pahole; nothing here reads BTF.
