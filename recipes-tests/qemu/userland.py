"""A small Debian for another architecture than the host's: shell, Python, alsa-utils, and what the service imports."""

from __future__ import annotations

import compileall
import hashlib
import py_compile
import shutil
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from qemu.alsa_binding import build_alsa_binding
from qemu.cache import cache_root, made_once
from qemu.debian import open_archive, unpack
from qemu.kernels import DEBIAN_ARCH
from qemu.options import CHECKOUT
from qemu.tools import run_tool

PACKAGES = [
    *("base-files", "bash", "dash", "coreutils", "grep", "sed", "mawk", "findutils", "diffutils"),
    *("util-linux", "procps", "kmod", "python3", "alsa-utils", "libstdc++6", "zlib1g"),
]
_PYTHON = (3, 11)
"""bookworm's; wheels and byte code must be made for it."""
_PLATFORMS = ["manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64"]
_SITE = "usr/local/lib/python3.11/dist-packages"
_MERGED = ("bin", "sbin", "lib")
_PASSWD = "root:x:0:0:root:/root:/bin/bash\n"
_GROUP = "root:x:0:\naudio:x:29:\n"


@dataclass(frozen=True, slots=True)
class _Service:
    """What the service's pyproject.toml says it needs."""

    requirements: list[str]
    alsa: str
    """The requirement that brings ALSA's binding."""
    scripts: dict[str, str]


def debian_root(arch: str) -> Path:
    """Return the folder to show the guest as its root, made on first use and again when the requirements change."""
    service = _read_service()
    key = hashlib.sha256(repr((PACKAGES, service)).encode()).hexdigest()[:12]
    return made_once(cache_root() / "roots" / f"{arch}-{key}", lambda new: _make(new, arch, service)) / "root"


def _make(folder: Path, arch: str, service: _Service) -> None:
    root = folder / "root"
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    debs = open_archive(DEBIAN_ARCH[arch]).download_with_dependencies(PACKAGES, folder / "debs")
    unpack(debs, root)
    for deb in debs:
        deb.unlink()
    (root / "etc/passwd").write_text(_PASSWD)
    (root / "etc/group").write_text(_GROUP)
    _add_python_packages(folder / "wheels", root, service)
    build_alsa_binding(arch, service.alsa, _python_with_pip(), folder / "alsa", root / _SITE)
    shutil.rmtree(folder / "alsa")
    _add_scripts(root, service)
    _compile(root)


def _add_python_packages(wheels: Path, root: Path, service: _Service) -> None:
    python = _python_with_pip()
    platforms = [word for name in _PLATFORMS for word in ("--platform", name)]
    abis = [word for name in ("cp311", "abi3", "none") for word in ("--abi", name)]
    choice = ["--only-binary=:all:", *platforms, *abis, "--implementation=cp", "--python-version=3.11"]
    run_tool(
        [python, "-m", "pip", "download", "--quiet", "--dest", str(wheels), *choice, *service.requirements],
        "cannot get the service's requirements for aarch64",
        mend="check pip's index and try again",
    )
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(root / _SITE)
        wheel.unlink()


def _python_with_pip() -> str:
    venv = CHECKOUT / ".venv/bin/python"
    return str(venv) if venv.exists() else sys.executable


def _add_scripts(root: Path, service: _Service) -> None:
    for name, entry in service.scripts.items():
        module, _, function = entry.partition(":")
        script = root / "usr/local/bin" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"#!/usr/bin/python3\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n")
        script.chmod(0o755)


def _compile(root: Path) -> None:
    """Python's packages come without byte code, and compiling under emulation takes minutes."""
    if sys.version_info[:2] == _PYTHON:
        for place in ("usr/lib/python3.11", "usr/lib/python3", _SITE):
            compileall.compile_dir(
                root / place,
                quiet=2,
                stripdir=str(root),
                prependdir="/",
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )


def _read_service() -> _Service:
    project = tomllib.loads((CHECKOUT / "service/pyproject.toml").read_text())["project"]
    test_tools = [need for need in project["optional-dependencies"]["dev"] if need.startswith(("pytest", "hypothesis"))]
    (alsa,) = project["optional-dependencies"]["alsa"]
    return _Service([*project["dependencies"], *test_tools], alsa, project.get("scripts", {}))
