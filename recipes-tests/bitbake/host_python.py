"""A Python of the target's version that runs on this machine, with the build tools that recipes ask for.

Debian's own is too old: an extension that it builds carries its version's name and ABI. This one comes from the Debian
release whose Python is the target's, and starts by that release's own loader and libc; nothing is installed.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

from bitbake.errors import HarnessError
from bitbake.layer_folder import LayerFolder
from qemu.cache import made_once
from qemu.debian import open_archive, unpack
from qemu.tools import run_tool

RELEASE = "forky"
"""The Debian release whose libc (2.43) and Python (3.14) are Yocto wrynose's own."""
VERSION = "3.14"

_TOOLS = (
    *("build", "cffi", "cython", "flit-core", "hatchling", "hatch-vcs", "installer", "packaging", "pathspec", "pluggy"),
    *("poetry-core", "pycparser", "pyproject-hooks", "setuptools", "setuptools-scm", "trove-classifiers", "wheel"),
)
"""What recipes name as python3-...-native, and what those need."""

_LAUNCHER = """\
#!/bin/sh
root={root}
exec $root/{loader} --argv0 $root/usr/bin/python3 --library-path $root/{libraries} $root/usr/bin/python{version} "$@"
"""
_LAYOUT = 'import sysconfig; s = sysconfig._INSTALL_SCHEMES; s["posix_local"] = s["posix_prefix"]\n'
"""Debian's Python installs to dist-packages; OpenEmbedded's, as any other, to site-packages."""


def host_python(folder: Path, layers: LayerFolder) -> Path:
    """Return the folder whose `bin/` holds nativepython3 and the tools; made on first use."""
    target = folder / f"python-{VERSION}"
    return made_once(target, lambda new: _make(new, target, layers))


def _make(folder: Path, final: Path, layers: LayerFolder) -> None:
    archive = open_archive(_debian_arch(), RELEASE)
    packages = archive.download_with_dependencies([f"python{VERSION}"], folder / "debs")
    unpack(packages, folder)
    _write_launchers(folder, final)
    site = folder / "usr/lib/python3/dist-packages"
    _install_tools(site, layers)
    (site / "layout.pth").write_text(_LAYOUT)


def _write_launchers(folder: Path, final: Path) -> None:
    machine = platform.machine()
    loader = next(folder.glob("usr/lib*/ld-linux-*.so.*")).relative_to(folder)
    libraries = f"usr/lib/{machine}-linux-gnu"
    python = folder / "usr/bin/python3"
    python.write_text(_LAUNCHER.format(root=final, loader=loader, libraries=libraries, version=VERSION))
    python.chmod(0o755)
    (folder / "bin").mkdir()
    for name in ("python3", "nativepython3"):
        (folder / "bin" / name).symlink_to("../usr/bin/python3")
    for name, module in {"pyproject-build": "build", "cython": "cython"}.items():
        (folder / "bin" / name).write_text(f'#!/bin/sh\nexec {final}/bin/python3 -m {module} "$@"\n')
        (folder / "bin" / name).chmod(0o755)


def _install_tools(site: Path, layers: LayerFolder) -> None:
    """Install the versions that the layers' recipes have, with the one change that OpenEmbedded needs."""
    wanted = [f"{name}=={version}" for name in _TOOLS if (version := _version(layers, name))]
    words = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site)]
    words += [
        "--python-version",
        VERSION,
        "--only-binary",
        ":all:",
        "--platform",
        f"manylinux2014_{platform.machine()}",
    ]
    done = subprocess.run([*words, "--platform", "any", *wanted], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HarnessError(f"pip cannot install the build tools for Python {VERSION}: {done.stderr.strip()}")
    for patch in sorted(layers.core.glob("meta/recipes-devtools/python/python3-installer/*.patch")):
        run_tool(["patch", "-p2", "-d", str(site), "-i", str(patch)], f"{patch.name} does not apply to pip's installer")


def _version(layers: LayerFolder, name: str) -> str | None:
    places = [layers.core / "meta/recipes-devtools/python", layers.openembedded("meta-python/recipes-devtools/python")]
    found = [recipe for place in places for recipe in place.glob(f"python3-{name}_*.bb")]
    matches = [re.search(r"_([\d.]+)\.bb$", recipe.name) for recipe in found]
    return next((match.group(1) for match in matches if match), None)


def _debian_arch() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
