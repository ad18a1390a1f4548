"""What the measured programs read, as one archive that the guest unpacks to memory. Nothing is run here.

A guest that waits for the host's disk is idle, and idle virtual time leaps. So the programs get a root of their own,
all of it in memory and under the host's names: a file that was forgotten is missed, not fetched.
"""

from __future__ import annotations

import py_compile
import re
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import cache_from_source
from pathlib import Path
from types import TracebackType
from typing import Self

from qemu.options import CHECKOUT
from qemu.tools import run_tool

INSIDE = Path(__file__).parent / "inside"
VENV = CHECKOUT / ".venv"
_PACKAGE = CHECKOUT / "service/src/pyaudiobus"

_ALWAYS = ["/etc/ld.so.cache", "/etc/localtime", "/usr/lib/locale/C.utf8"]
_NEVER_RUN = re.compile(
    r"(site|dist)-packages|tests?|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data|distutils|unittest"
    r"|config-.*|.*\.opt-[12]\.pyc|.*\.a"
)
"""Names in Python's library that no player reads."""
_NEVER_IMPORTED = {"pyaudiobus", "av", "pycparser"}
"""Distributions left behind: the service is editable, FFmpeg's binding is 100 MB and only decodes, and cffi's compiler
has no place in a player."""


class Kit:
    """An archive being filled."""

    def __init__(self, archive: Path, loader_path: str = "") -> None:
        self._tar = tarfile.TarFile(archive, "w")
        self._scratch = archive.with_suffix(".pyc")
        self._loader_path = loader_path
        self._inside: set[Path] = set()
        self._linked: list[Path] = []

    def __enter__(self) -> Self:
        self.add(Path(name) for name in _ALWAYS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.add(self._libraries())
        self._tar.close()
        self._scratch.unlink(missing_ok=True)

    def add(self, paths: Iterable[Path]) -> None:
        """Add files, folders with all that is in them, what links point to, and the libraries that programs need."""
        for path in paths:
            if path.is_symlink():
                self._put(path)
                self.add([path.parent / path.readlink()])
            elif path.is_dir():
                self.add(sorted(entry for entry in path.iterdir() if not _NEVER_RUN.fullmatch(entry.name)))
            elif path.exists():
                self._put(path)
                if is_elf(path):
                    self._linked.append(path)

    def add_python(self) -> None:
        """Add this interpreter and the service as it is installed in .venv, with fresh byte code."""
        # The library's folder may itself be called site-packages or test on an odd machine, so it is named here.
        self.add([*sorted(VENV.glob("bin/python*")), Path(sysconfig.get_path("stdlib"))])
        self.add([VENV / "pyvenv.cfg", VENV / "bin/audiobus", VENV / "bin/audiobusd", VENV / "bin/pyfcplay", INSIDE])
        self.add(installed())
        self.add(path for path in sorted(_PACKAGE.rglob("*")) if path.is_file() and path.suffix != ".pyc")
        for source in sorted(_PACKAGE.rglob("*.py")):
            # Not the checkout's own byte code: it may be old, or never have been written (PYTHONDONTWRITEBYTECODE).
            py_compile.compile(str(source), str(self._scratch), str(source), doraise=True)
            self._put(self._scratch, Path(cache_from_source(str(source))))

    def add_root(self, root: Path, name: Path) -> None:
        """Add a folder, as it is, under another name: the root of programs that bring their libraries along."""
        for path in sorted(root.rglob("*")):
            self._tar.add(path, str(name / path.relative_to(root)), recursive=False, filter=_whole_seconds)

    def _libraries(self) -> list[Path]:
        """Return the shared libraries that the loader would find for the programs so far."""
        words = ["ldd", *(str(path) for path in self._linked)]
        told = run_tool(
            words, "cannot tell which libraries the programs need", env={"LD_LIBRARY_PATH": self._loader_path}
        )
        return [Path(found) for found in set(re.findall(r"(?m)(?:=> |^\s+)(/\S+) \(0x", told.decode()))]

    def _put(self, path: Path, name: Path | None = None) -> None:
        name = name or path
        for link in (parent for parent in name.parents if parent.is_symlink()):
            self._put(link)
        name = name.parent.resolve() / name.name
        if name not in self._inside:
            self._inside.add(name)
            self._tar.add(path, str(name), recursive=False, filter=_whole_seconds)


def _whole_seconds(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Round down as byte code does when it notes its source's time; tarfile would round to the nearest."""
    entry.mtime = int(entry.mtime)
    return entry


def is_elf(path: Path) -> bool:
    """Say whether a file is a program or a library, not a script."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def installed() -> Iterator[Path]:
    """Yield what the service may import from .venv, and what Python itself reads there at every start."""
    site = Path(sysconfig.get_path("purelib"))
    yield from site.glob("*.pth")
    yield site / "_distutils_hack"
    wanted, seen = ["pyaudiobus", "pyalsaaudio"], set(_NEVER_IMPORTED) - {"pyaudiobus"}
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        wanted += [re.split(r"[^\w.-]", need)[0].lower() for need in found.requires or [] if "extra ==" not in need]
        if name not in _NEVER_IMPORTED:
            files = (Path(str(file.locate())) for file in found.files or [])
            yield from (file for file in files if file.is_relative_to(site))
