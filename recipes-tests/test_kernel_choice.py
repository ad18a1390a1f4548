"""Which of Debian's kernel builds the guest gets, while the archive takes in an update and has a part of it only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qemu.debian import Archive, Stanza
from qemu.errors import GuestError
from qemu.kernels import newest_whole_build


@dataclass(frozen=True, slots=True)
class Shelf(Archive):
    """An archive of packages that are named here."""

    packages: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, version, dependencies; newest first."""

    def versions(self, name: str) -> list[Stanza]:
        return [Stanza(*package) for package in self.packages if package[0] == name]


def build(abi: str, version: str, *, kbuild: str = "") -> list[tuple[str, str, str]]:
    """A whole build, but for a kbuild of another version."""
    return [
        ("linux-image-amd64", version, f"linux-image-{abi}-amd64 (= {version})"),
        (f"linux-image-{abi}-amd64", version, ""),
        (f"linux-headers-{abi}-amd64", version, f"linux-headers-{abi}-common (= {version}), linux-kbuild-6.1"),
        (f"linux-headers-{abi}-common", version, ""),
        ("linux-kbuild-6.1", kbuild or version, ""),
    ]


def archive(*packages: tuple[str, str, str]) -> Shelf:
    return Shelf("amd64", Path(), list(packages))


def test_the_newest_build_is_taken_where_all_of_it_is_there() -> None:
    offered = archive(*build("6.1.0-56", "6.1.192-2"), *build("6.1.0-50", "6.1.176-1"))
    assert newest_whole_build(offered, offered, "6.1").abi == "6.1.0-56-amd64"


def test_an_update_that_has_come_in_part_leaves_the_build_before() -> None:
    offered = archive(*build("6.1.0-56", "6.1.192-2", kbuild="6.1.192-3"), *build("6.1.0-50", "6.1.176-1"))
    found = newest_whole_build(offered, offered, "6.1")
    assert (found.abi, found.version) == ("6.1.0-50-amd64", "6.1.176-1")


def test_an_archive_with_no_whole_build_says_what_to_do() -> None:
    offered = archive(*build("6.1.0-56", "6.1.192-2", kbuild="6.1.192-3"))
    with pytest.raises(GuestError, match=r"no 6\.1 kernel for amd64 .* use --kernel"):
        newest_whole_build(offered, offered, "6.1")
