"""The worlds of these tests: each is made when a test first asks for it, and built once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bitbake.emulator import Emulator, install_root
from bitbake.errors import HarnessError
from bitbake.package import Package, read_packages
from bitbake.recipes import PACKAGED
from bitbake.world import World
from bitbake.worlds import Worlds, open_worlds
from qemu.errors import GuestError


@pytest.fixture(scope="session")
def worlds() -> Worlds:
    """The worlds below BITBAKE_BUILD, from the layers in OE_LAYERS."""
    try:
        return open_worlds()
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def mini(worlds: Worlds) -> Iterator[World]:
    """The world in which our recipes are compiled."""
    try:
        world = worlds.mini()
    except (HarnessError, GuestError) as error:
        pytest.fail(str(error), pytrace=False)
    yield world
    world.stop()


@pytest.fixture(scope="session")
def built(worlds: Worlds, mini: World) -> str:
    """What bitbake said while it built our recipes, those after a failed one too."""
    ffmpeg = ["ffmpeg"] if worlds.ffmpeg() else []
    return mini.run("bitbake", "--continue", *PACKAGED, *ffmpeg, timeout=7200.0).text


@pytest.fixture(scope="session")
def packages(mini: World, built: str) -> dict[str, Package]:
    """The packages of our recipes, by name; those of a recipe that failed are missing."""
    assert built, "bitbake did not say a word"
    return read_packages(mini.folder / "tmp/deploy/deb")


@pytest.fixture(scope="session")
def emulator(worlds: Worlds, packages: dict[str, Package]) -> Emulator:
    """An arm64 root with Debian's libc and Python and all of our packages, but those for debugging and developing."""
    wanted = [package for package in packages.values() if not package.name.endswith(("-dbg", "-dev", "-src"))]
    return install_root(worlds.root / "arm64-root", worlds.sysroot, wanted)
