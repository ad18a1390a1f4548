"""Kernel modules for a guest: those of the kernel, found by name, and one built from source. inside/init loads them."""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.errors import GuestError
from qemu.kernels import Kernel
from qemu.tools import find_tool, run_tool

COMPILER = {"x86_64": "gcc", "aarch64": "aarch64-linux-gnu-gcc"}
KBUILD_ARCH = {"x86_64": "x86", "aarch64": "arm64"}


def built_module(kernel: Kernel, sources: Path) -> Path:
    """Return the .ko made from a folder of module sources, built on first use for these very sources and kernel."""
    if not (sources / "Makefile").is_file():
        raise GuestError(f"{sources} holds no module sources (no Makefile); name another folder with --module")
    name = f"{kernel.abi}-{_digest(sources)}"
    folder = made_once(cache_root() / "modules" / name, lambda new: _build(new, kernel, sources))
    return next(iter(sorted(folder.glob("*.ko"))))


def in_load_order(kernel: Kernel, names: list[str]) -> list[Path]:
    """Return the files of named modules and all they need, each after what it needs; built-in ones need none."""
    needs = _index(kernel)
    ordered: dict[str, None] = {}
    for name in names:
        path = needs.by_name.get(_plain(name))
        if path is None and _plain(name) not in needs.built_in:
            raise GuestError(f"the kernel {kernel.abi} has no module {name}; use another --kernel")
        for file in reversed([path, *needs.of[path]] if path else []):
            ordered.setdefault(file)
    return [kernel.modules / file for file in ordered]


def dependencies(module: Path) -> list[str]:
    """Return the names a .ko says it depends on (its `depends=` line)."""
    found = re.search(rb"\0depends=([^\0]*)\0", b"\0" + module.read_bytes())
    return [name for name in (found.group(1).decode() if found else "").split(",") if name]


def module_bytes(path: Path) -> bytes:
    """Return a module ready for insmod: Debian packs them with xz since 6.12."""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


class _Index:
    """modules.dep and modules.builtin of one kernel, by plain name."""

    def __init__(self, modules: Path) -> None:
        self.of: dict[str, list[str]] = {}
        for line in (modules / "modules.dep").read_text().splitlines():
            file, _, needed = line.partition(":")
            self.of[file] = needed.split()
        self.by_name = {_plain(Path(file).name.split(".ko")[0]): file for file in self.of}
        built_in = (modules / "modules.builtin").read_text().splitlines()
        self.built_in = {_plain(Path(file).name.split(".ko")[0]) for file in built_in}


def _index(kernel: Kernel) -> _Index:
    return _Index(kernel.modules)


def _plain(name: str) -> str:
    return name.replace("-", "_")


def _digest(sources: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in sources.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(sources)).encode() + b"\0")
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path, kernel: Kernel, sources: Path) -> None:
    work = folder / "build"
    shutil.copytree(sources, work)
    compiler = find_tool(COMPILER[kernel.arch])
    everything = f"make -C {kernel.build} M={sources} ARCH={KBUILD_ARCH[kernel.arch]} CC={COMPILER[kernel.arch]}"
    settings = [
        f"M={work}",
        f"ARCH={KBUILD_ARCH[kernel.arch]}",
        f"CROSS_COMPILE={compiler.removesuffix('gcc')}",
        f"CC={compiler}",
        # With a vmlinux at hand kbuild would ask for pahole; nothing here reads BTF.
        "CONFIG_DEBUG_INFO_BTF_MODULES=",
    ]
    try:
        output = run_tool(
            ["make", "-C", str(kernel.build), *settings, "modules"],
            f"the module in {sources} does not build for {kernel.abi}",
            mend=f"mend it; '{everything}' shows all errors",
        )
    except GuestError as error:
        raise GuestError(str(error).replace(f"{work}/", "")) from None
    (folder / "build.log").write_bytes(output)
    modules = list(work.rglob("*.ko"))
    if not modules:
        raise GuestError(f"building {sources} for {kernel.abi} made no .ko file; does its Makefile name one in obj-m?")
    for module in modules:
        module.rename(folder / module.name)
    shutil.rmtree(work)
