"""One package that bitbake has made: its fields, its files, and what is in them. Judging them is the tests' matter."""

from __future__ import annotations

import re
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

_ELF = b"\x7fELF"


@dataclass(frozen=True)
class Entry:
    """A file, folder or link in a package."""

    path: str
    """From the root: /usr/bin/cplay."""
    owner: str
    group: str
    mode: int
    link: str
    """What a link points to; empty for anything else."""
    content: bytes
    """Of a regular file."""

    @property
    def is_elf(self) -> bool:
        return self.content.startswith(_ELF)

    @property
    def shebang(self) -> str:
        """The first line of a script, without #!; empty for anything else."""
        first = self.content.split(b"\n", 1)[0]
        return first[2:].decode(errors="replace").strip() if first.startswith(b"#!") else ""


@dataclass(frozen=True)
class Package:
    """A .deb file."""

    file: Path

    @property
    def name(self) -> str:
        return self.file.name.split("_")[0]

    @cached_property
    def fields(self) -> dict[str, str]:
        """The control fields: Package, Version, Architecture, Depends, ..."""
        text = subprocess.run(
            ["dpkg-deb", "--field", str(self.file)], capture_output=True, text=True, check=True
        ).stdout
        return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.MULTILINE))

    @cached_property
    def depends(self) -> set[str]:
        """The names of the packages it needs, without versions."""
        return self._names("Depends")

    @property
    def recommends(self) -> set[str]:
        """The names of the packages that an image gets with it unless it says otherwise."""
        return self._names("Recommends")

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """All that it installs but folders, by path."""
        archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(self.file)], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            found = [_entry(tar, member) for member in tar if not member.isdir()]
        return {entry.path: entry for entry in found}

    @cached_property
    def scripts(self) -> dict[str, str]:
        """The maintainer scripts by name: postinst, prerm, ..."""
        archive = subprocess.run(["dpkg-deb", "--ctrl-tarfile", str(self.file)], capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            return {
                member.name.removeprefix("./"): (tar.extractfile(member) or BytesIO()).read().decode(errors="replace")
                for member in tar
                if member.isfile()
            }

    def _names(self, field: str) -> set[str]:
        return {word.split()[0] for word in self.fields.get(field, "").split(",") if word.strip()}

    def unpack(self, root: Path) -> None:
        """Put its files below a folder, over what is there."""
        subprocess.run(["dpkg-deb", "--extract", str(self.file), str(root)], check=True)


def read_packages(folder: Path) -> dict[str, Package]:
    """Return the packages below a folder by name."""
    return {package.name: package for package in map(Package, sorted(folder.glob("*/*.deb")))}


def elf_facts(content: bytes, folder: Path) -> dict[str, list[str]]:
    """Return what readelf says of one ELF file: Machine, NEEDED, RPATH and RUNPATH, SONAME."""
    file = folder / "elf"
    file.write_bytes(content)
    text = subprocess.run(["readelf", "-hdW", str(file)], capture_output=True, text=True, check=True).stdout
    facts: dict[str, list[str]] = {"Machine": re.findall(r"^\s+Machine:\s+(.*)$", text, re.MULTILINE)}
    for tag, value in re.findall(r"\((NEEDED|RPATH|RUNPATH|SONAME)\).*\[(.*)\]", text):
        facts.setdefault(tag, []).append(value)
    return facts


def mentions(entries: Iterable[Entry], words: Iterable[str]) -> list[str]:
    """Return `path: word` for each file that contains one of the words."""
    return [f"{entry.path}: {word}" for entry in entries for word in words if word.encode() in entry.content]


def _entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    stream = tar.extractfile(member) if member.isfile() else None
    return Entry(
        path=member.name.removeprefix("."),
        owner=member.uname or str(member.uid),
        group=member.gname or str(member.gid),
        mode=member.mode,
        link=member.linkname,
        content=stream.read() if stream else b"",
    )
