"""Parses the layer among all recipes of its neighbours, as kas sets it up, and computes what each image is made of."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from bitbake.recipes import IMAGES, NO_IMAGE_WITHOUT
from bitbake.world import World
from bitbake.worlds import Worlds
from layer.combinations import BOARD, QEMU, copy_kas_files, merged

pytestmark = pytest.mark.bitbake

_MACHINES = {"qemuarm64": QEMU, "qcom-armv8a": BOARD}
_OF_MACHINE = {
    "qemuarm64": {"linux-yocto", "snd-virtual-dsp"},
    "qcom-armv8a": {"linux-yocto", "linux-firmware", "alsa-ucm-conf"},
}


@pytest.fixture(scope="session")
def kas_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kas")
    copy_kas_files(folder)
    return folder


@pytest.fixture(scope="module", params=_MACHINES)
def full(request: pytest.FixtureRequest, worlds: Worlds, kas_files: Path) -> Iterator[World]:
    machine = request.param
    config = merged(_MACHINES[machine], kas_files)
    assert config["machine"] == machine
    settings = [f'MACHINE = "{machine}"', *config["local_conf_header"].values()]
    qcom = "meta-qcom" in config["repos"]
    if qcom and worlds.layer_folder.lts_mixins is None:
        warnings.warn("meta-lts-mixins is not in OE_LAYERS: a stub with the names it provides stands in", stacklevel=1)
    world = worlds.full(machine, tuple(settings), qcom=qcom)
    yield world
    world.stop()


@pytest.fixture(scope="module")
def parsed(full: World) -> str:
    return full.must("bitbake", "--parse-only", timeout=7200.0)


def test_every_recipe_parses_and_every_bbappend_changes_one(parsed: str) -> None:
    """Bitbake takes a bbappend without a recipe for an error."""
    assert re.search(r"Parsing of \d+ \.bb files complete .* 0 errors", parsed), parsed[-3000:]


def test_nothing_that_the_layer_holds_is_complained_of(parsed: str) -> None:
    complaints = [line for line in parsed.splitlines() if re.match(r"(ERROR|WARNING)", line) and "pyaudiobus" in line]
    assert complaints == []


@pytest.mark.usefixtures("parsed")
@pytest.mark.parametrize("image", IMAGES)
def test_all_that_an_image_is_made_of_can_be_had(image: str, full: World) -> None:
    full.must("bitbake", "--graphviz", image, timeout=3600.0)
    recipes = set((full.folder / "pn-buildlist").read_text().split())
    assert (NO_IMAGE_WITHOUT | _OF_MACHINE[full.name]) - recipes == set()
