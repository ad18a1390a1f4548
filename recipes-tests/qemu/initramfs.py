"""Puts together the guest's first file system: busybox, modules in load order, the init program, its settings."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.cpio import CpioWriter
from qemu.debian import open_archive, unpack
from qemu.kernels import DEBIAN_ARCH, Kernel
from qemu.modules import dependencies, in_load_order, module_bytes

BOOT_MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"]
SOUND_MODULES = ["snd-compress", "snd-pcm"]
HDA_MODULES = ["snd-hda-codec-generic", "snd-hda-intel"]

_INSIDE = Path(__file__).parent / "inside"


def build_initramfs(kernel: Kernel, driver: Path | None, settings: Mapping[str, str], *, with_hda: bool) -> bytes:
    """Return the archive. `settings` become shell variables of inside/init; `driver` is the module under test."""
    archive = CpioWriter()
    archive.add_device("dev/console", 5, 1)
    archive.add_file("bin/busybox", busybox(kernel.arch).read_bytes(), 0o755)
    archive.add_file("init", (_INSIDE / "init").read_bytes(), 0o755)
    archive.add_file("agent.py", (_INSIDE / "agent.py").read_bytes())
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in {"abi": kernel.abi, **settings}.items()]
    archive.add_file("guest.conf", "".join(lines).encode())
    _add_modules(archive, kernel, driver, with_hda)
    return archive.render()


def _add_modules(archive: CpioWriter, kernel: Kernel, driver: Path | None, with_hda: bool) -> None:
    boot = in_load_order(kernel, BOOT_MODULES)
    names = SOUND_MODULES + (dependencies(driver) if driver else []) + (HDA_MODULES if with_hda else [])
    sound = [file for file in in_load_order(kernel, names) if file not in boot]
    for stage, files in (("boot", boot), ("sound", sound)):
        archive.add_folder(f"modules/{stage}")
        for place, file in enumerate(files):
            name = file.name.removesuffix(".xz")
            archive.add_file(f"modules/{stage}/{place:03}-{name}", module_bytes(file))
    if driver is not None:
        archive.add_file("modules/driver.ko", driver.read_bytes())


def busybox(arch: str) -> Path:
    """Return a statically linked busybox of an architecture."""
    folder = made_once(cache_root() / "busybox" / arch, lambda new: _fetch_busybox(new, arch))
    return folder / "bin" / "busybox"


def _fetch_busybox(folder: Path, arch: str) -> None:
    unpack(open_archive(DEBIAN_ARCH[arch]).download(["busybox-static"], folder / "debs"), folder)
