"""Debian packages of any architecture, downloaded and unpacked beside the host's own. Nothing is installed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qemu.cache import cache_root, made_once
from qemu.errors import GuestError
from qemu.tools import find_tool, run_tool

RELEASE = "bookworm"
"""The kernels under test come from one release, whatever the host runs."""

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_UNREACHABLE = "check the network and apt's sources, then try again"
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One package version as the archive describes it."""

    name: str
    version: str
    depends: str


@dataclass(frozen=True, slots=True)
class Archive:
    """A private view of the archive for one architecture; the host's dpkg and apt state are never touched."""

    arch: str
    """Debian's word: amd64 or arm64."""
    state: Path

    def versions(self, name: str) -> list[Stanza]:
        """Return every version of a package that the archive offers, newest first; none if it has no such package."""
        if name not in self._apt("apt-cache", "pkgnames", name).decode().split():
            return []
        text = self._apt("apt-cache", "show", name).decode()
        return [_stanza(block) for block in text.split("\n\n") if block.strip()]

    def download(self, packages: Sequence[str], into: Path) -> list[Path]:
        """Download packages (`name` or `name=version`) without their dependencies; return the files."""
        into.mkdir(parents=True, exist_ok=True)
        before = set(into.iterdir())
        self._apt("apt-get", "download", *packages, cwd=into)
        return sorted(set(into.iterdir()) - before)

    def download_with_dependencies(self, packages: Sequence[str], into: Path) -> list[Path]:
        """Download packages and all they depend on; return the files."""
        (into / "partial").mkdir(parents=True, exist_ok=True)
        keep = ("-o", f"Dir::Cache::archives={into}", "-o", "APT::Keep-Downloaded-Packages=true")
        self._apt("apt-get", "install", "-y", "--download-only", "--no-install-recommends", *keep, *packages)
        return sorted(into.glob("*.deb"))

    def _apt(self, program: str, *words: str, cwd: Path | None = None) -> bytes:
        return run_tool(
            [program, *_private_options(self.state, self.arch), *words],
            f"cannot get {words[-1]} ({self.arch}) from Debian",
            cwd=cwd,
            mend=_UNREACHABLE,
        )


def open_archive(arch: str, release: str = RELEASE) -> Archive:
    """Return the archive of one architecture, its lists fetched on first use."""
    name = arch if release == RELEASE else f"{arch}-{release}"
    state = made_once(cache_root() / "apt" / name, lambda folder: _fetch_lists(folder, arch, release))
    return Archive(arch, state)


def refresh_archive(arch: str, release: str = RELEASE) -> Archive:
    """Fetch the lists again: the archive drops old versions, and lists that name them lead nowhere."""
    archive = open_archive(arch, release)
    _fetch_lists(archive.state, arch, release)
    return archive


def unpack(packages: Iterable[Path], into: Path) -> None:
    """Unpack package files into a folder; their scripts are not run."""
    for package in packages:
        reader = subprocess.Popen([find_tool("dpkg-deb"), "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)
        writer = subprocess.run(
            [find_tool("tar"), "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(into)],
            stdin=reader.stdout,
            check=False,
            stderr=subprocess.PIPE,
        )
        if reader.stdout is not None:
            reader.stdout.close()
        if reader.wait() != 0 or writer.returncode != 0:
            raise GuestError(f"cannot unpack {package.name}; remove {package.parent} and check the disk's free space")


def _private_options(state: Path, arch: str) -> list[str]:
    settings = {
        "APT::Architecture": arch,
        "APT::Architectures": arch,
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Dir::State": str(state),
        "Dir::State::lists": str(state / "lists"),
        "Dir::State::status": str(state / "status"),
        "Dir::Cache": str(state / "cache"),
        "Dir::Etc::sourcelist": str(state / "sources.list"),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _fetch_lists(state: Path, arch: str, release: str) -> None:
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(_source_lines(debian_mirror(), arch, release))
    run_tool(
        ["apt-get", *_private_options(state, arch), "update", "--error-on=any"],
        f"cannot read Debian's package lists for {arch}",
        mend=_UNREACHABLE,
    )


def _source_lines(mirror: str, arch: str, release: str) -> str:
    signed = f"[arch={arch} signed-by={_KEYRING}]"
    suites = {mirror: [release]}
    if release == RELEASE:
        suites = {
            f"{mirror}-security": [f"{release}-security"],
            mirror: [release, f"{release}-updates", f"{release}-backports"],
        }
    return "".join(f"deb {signed} {uri} {suite} main\n" for uri, names in suites.items() for suite in names)


def debian_mirror() -> str:
    """Return the URI that the host's own apt uses for Debian, so that a site's mirror is respected."""
    chosen = os.environ.get("PYAUDIOBUS_DEBIAN_MIRROR")
    if chosen:
        return chosen.rstrip("/")
    for path in _source_files():
        found = re.search(r"^[^#\n]*?(https?://\S+/debian)(?=[/\s])", path.read_text(errors="replace"), re.MULTILINE)
        if found:
            return found.group(1)
    raise GuestError("apt has no Debian mirror here; name one in PYAUDIOBUS_DEBIAN_MIRROR")


def _source_files() -> list[Path]:
    places = [Path(place) for place in _SOURCES]
    files = [place for place in places if place.is_file()]
    return files + [file for place in places if place.is_dir() for file in sorted(place.iterdir())]


def _stanza(block: str) -> Stanza:
    fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", block, re.MULTILINE))
    return Stanza(fields["Package"], fields["Version"], fields.get("Depends", ""))
