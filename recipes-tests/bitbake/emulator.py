"""An arm64 root of Debian's libraries and our packages, and programs from it run by QEMU's user-mode emulator."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bitbake.host_python import VERSION
from bitbake.package import Package
from qemu.tools import find_tool


@dataclass(frozen=True, slots=True)
class Emulator:
    """Runs arm64 programs that find their libraries and Python modules below `root`."""

    root: Path

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program, named by its path below the root."""
        return subprocess.run(
            [find_tool("qemu-aarch64-static"), "-L", str(self.root), str(self.root / program.lstrip("/")), *words],
            env={"PATH": "/usr/bin", "HOME": "/", "LANG": "C.UTF-8", "PYTHONPATH": str(self._site_packages)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def python(self, code: str) -> str:
        """Run Python code; return what it prints. Its failure fails the test."""
        done = self.run(f"/usr/bin/python{VERSION}", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def _site_packages(self) -> Path:
        return self.root / f"usr/lib/python{VERSION}/site-packages"


def install_root(root: Path, sysroot: Path, packages: Iterable[Package]) -> Emulator:
    """Make the root anew from Debian's libraries and these packages."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(sysroot, root, symlinks=True)
    for package in packages:
        package.unpack(root)
    if not (root / "lib").exists():
        (root / "lib").symlink_to("usr/lib")
    return Emulator(root)
