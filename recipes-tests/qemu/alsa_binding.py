"""pyalsaaudio for another architecture: it ships no wheels, so it is compiled, against that architecture's headers."""

from __future__ import annotations

import tarfile
from pathlib import Path

from qemu.debian import open_archive, unpack
from qemu.kernels import DEBIAN_ARCH
from qemu.modules import COMPILER
from qemu.tools import find_tool, run_tool

_HEADERS = ["libasound2-dev", "libc6-dev", "libpython3.11-dev", "linux-libc-dev"]


def build_alsa_binding(arch: str, requirement: str, python: str, work: Path, into: Path) -> None:
    """Compile the one C file of pyalsaaudio; `python` is one with pip, `into` the folder of Python packages."""
    source = _fetch_source(requirement, python, work)
    headers = work / "headers"
    headers.mkdir()
    unpack(open_archive(DEBIAN_ARCH[arch]).download(_HEADERS, work / "debs"), headers)
    triplet = f"{arch}-linux-gnu"
    # What it calls of the C library is found when Python loads it, so that headers are all we need.
    how = ["-shared", "-fPIC", "-O2", "-nostdlib", f"--sysroot={headers}", f"-I{headers}/usr/include/python3.11"]
    asound = next(into.parents[3].glob(f"lib/{triplet}/libasound.so.2"))
    library = into / f"alsaaudio.cpython-311-{triplet}.so"
    run_tool(
        [find_tool(COMPILER[arch]), *how, "-o", str(library), str(source), str(asound)],
        f"cannot compile pyalsaaudio for {arch}",
        mend="run: guest clean, and try again",
    )


def _fetch_source(requirement: str, python: str, work: Path) -> Path:
    work.mkdir(parents=True)
    download = ["pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    run_tool(
        [python, "-m", *download, "--dest", str(work), requirement],
        "cannot get the source of pyalsaaudio",
        mend="check pip's index and try again",
    )
    with tarfile.open(next(work.glob("*.tar.gz"))) as archive:
        archive.extractall(work, filter="data")
    return next(work.glob("*/alsaaudio.c"))
