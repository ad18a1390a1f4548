"""Debian's kernels, ready to boot and to build modules for. Building a module is modules.py, booting machine.py."""

from __future__ import annotations

import lzma
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.debian import Archive, Stanza, open_archive, refresh_archive, unpack
from qemu.errors import GuestError
from qemu.tools import run_tool

DEBIAN_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}
SERIES = ("6.1", "6.12")
"""bookworm's own, and the one its backports and security updates carry."""
DEFAULT_VERSION = {"x86_64": "6.1", "aarch64": "6.12"}
"""arm64's 6.1 has no snd-compress."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kernel on disk: everything under `folder` came from packages of one and the same build."""

    arch: str
    """QEMU's word: x86_64 or aarch64."""
    abi: str
    """What `uname -r` says."""
    folder: Path

    @property
    def image(self) -> Path:
        """The file QEMU boots: vmlinux (PVH) on x86_64, Image on aarch64."""
        return self.folder / "image"

    @property
    def modules(self) -> Path:
        """The folder to see as /lib/modules/ABI, with modules.dep in it."""
        return self.folder / "root" / "lib" / "modules" / self.abi

    @property
    def build(self) -> Path:
        """The folder for `make -C`."""
        return self.folder / "root" / "usr" / "src" / f"linux-headers-{self.abi}"


def debian_kernel(arch: str, version: str | None = None) -> Kernel:
    """Return Debian's newest kernel of a series ("6.1", "6.12"), downloaded and unpacked on first use.

    Once prepared, a series stays at the build that is cached until `guest clean` forgets it.
    """
    series = version or DEFAULT_VERSION[arch]
    if series not in SERIES:
        raise GuestError(f"there is no {series} kernel to test with; use --kernel {' or --kernel '.join(SERIES)}")
    folder = made_once(cache_root() / "kernels" / f"{series}-{arch}", lambda new: _prepare(new, arch, series))
    kernel = Kernel(arch, (folder / "abi").read_text(), folder)
    if not list(kernel.modules.glob("kernel/sound/core/snd-compress.ko*")):
        raise GuestError(f"Debian's {series} kernel for {arch} has no snd-compress; use --kernel 6.12")
    return kernel


def _prepare(folder: Path, arch: str, series: str) -> None:
    archive = open_archive(DEBIAN_ARCH[arch])
    try:
        abi = _download(archive, folder, series)
    except GuestError:
        abi = _download(refresh_archive(DEBIAN_ARCH[arch]), folder, series)
    root = folder / "root"
    _boot_image(root / "boot" / f"vmlinuz-{abi}", folder / "image", arch)
    _point_headers_here(root)
    run_tool(["depmod", "-b", str(root), abi], "cannot index the kernel's modules")
    for unneeded in ("debs", "root/boot", "root/usr/share"):
        shutil.rmtree(folder / unneeded, ignore_errors=True)
    (folder / "abi").write_text(abi)


def _download(archive: Archive, folder: Path, series: str) -> str:
    """Unpack image, headers and kbuild of one and the same build; return its ABI name."""
    # kbuild's programs run on the host while it builds, so they are the host's architecture.
    host = open_archive("amd64")
    build = newest_whole_build(archive, host, series)
    debs = archive.download([f"{name}={build.version}" for name in build.packages], folder / "debs")
    debs += host.download([f"{build.kbuild}={build.version}"], folder / "debs")
    (folder / "root").mkdir(exist_ok=True)
    unpack(debs, folder / "root")
    return build.abi


@dataclass(frozen=True, slots=True)
class Build:
    """The packages of one build of a kernel."""

    version: str
    image: str
    headers: str
    common: str
    kbuild: str

    @property
    def abi(self) -> str:
        """What `uname -r` will say."""
        return self.image.removeprefix("linux-image-")

    @property
    def packages(self) -> tuple[str, ...]:
        """Those of the kernel's architecture."""
        return self.image, self.headers, self.common

    def is_whole(self, archive: Archive, host: Archive) -> bool:
        """Whether the archive offers all of it: while it takes in an update, some packages are newer than others."""
        return all(_offers(archive, name, self.version) for name in (self.image, self.common)) and _offers(
            host, self.kbuild, self.version
        )


def newest_whole_build(archive: Archive, host: Archive, series: str) -> Build:
    """Return the newest build of which the archive, and the host's, offer everything. GuestError."""
    for image, version in _images(archive, series):
        headers = _find(archive, image.replace("linux-image-", "linux-headers-"), version)
        if headers is None:
            continue
        common = _dependency(headers, r"linux-headers-\S+-common")
        build = Build(version, image, headers.name, common, _dependency(headers, r"linux-kbuild-[^\s,]+"))
        if build.is_whole(archive, host):
            return build
    raise GuestError(
        f"Debian has no {series} kernel for {archive.arch} with all that a module is built with; "
        "use --kernel 6.1 or --kernel 6.12"
    )


def _images(archive: Archive, series: str) -> Iterator[tuple[str, str]]:
    """Yield names and versions of the image packages of a series, the newest first."""
    for meta in (f"linux-image-{series}-{archive.arch}", f"linux-image-{archive.arch}"):
        for stanza in archive.versions(meta):
            found = re.match(r"(\S+) \(= (\S+)\)", stanza.depends)
            if found and found.group(2).startswith(f"{series}."):
                yield found.group(1), found.group(2)


def _find(archive: Archive, name: str, version: str) -> Stanza | None:
    return next((stanza for stanza in archive.versions(name) if stanza.version == version), None)


def _offers(archive: Archive, name: str, version: str) -> bool:
    return _find(archive, name, version) is not None


def _dependency(stanza: Stanza, pattern: str) -> str:
    found = re.search(pattern, stanza.depends)
    if found is None:
        raise GuestError(f"{stanza.name} depends on no {pattern}; use another --kernel")
    return found.group(0)


def _point_headers_here(root: Path) -> None:
    """The headers' makefiles include each other by way of /usr/src, where nothing is installed."""
    for makefile in root.glob("usr/src/linux-headers-*/Makefile"):
        text = makefile.read_text()
        makefile.write_text(text.replace("/usr/src/", "../"))


def _boot_image(vmlinuz: Path, image: Path, arch: str) -> None:
    """Write what QEMU boots soonest: unpacking a bzImage costs three seconds under TCG, an ELF vmlinux none."""
    packed = vmlinuz.read_bytes()
    image.write_bytes(_vmlinux(packed, vmlinuz) if arch == "x86_64" else packed)


def _vmlinux(packed: bytes, path: Path) -> bytes:
    """Return the ELF file inside a bzImage; its place is in the setup header (Documentation/arch/x86/boot.rst)."""
    setup_sectors = packed[0x1F1] or 4
    offset, length = struct.unpack_from("<II", packed, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    # The last four bytes of the payload are its unpacked size, appended by the kernel's build.
    payload = packed[start : start + length - 4]
    if payload.startswith(b"\xfd7zXZ\0"):
        return lzma.decompress(payload)
    if payload.startswith(b"\x28\xb5\x2f\xfd"):
        return _unzstd(payload, path)
    raise GuestError(f"{path.name} is packed with neither xz nor zstd; use --kernel 6.1 or --kernel 6.12")


def _unzstd(payload: bytes, path: Path) -> bytes:
    packed = path.with_suffix(".zst")
    packed.write_bytes(payload)
    return run_tool(["zstd", "-dc", str(packed)], f"cannot unpack {path.name}")
