"""What the Yocto project asks of every layer, by its own tool: nothing changes for those who only add the layer."""

from __future__ import annotations

import os

import pytest

from bitbake.layer_folder import OUR_LAYER
from bitbake.world import World
from bitbake.worlds import Worlds

pytestmark = pytest.mark.bitbake

_FEATURE = 'DISTRO_FEATURES:append = " pyaudiobus"'
_LICENCE = 'LICENSE_FLAGS_ACCEPTED += "commercial_ffmpeg"'


def test_yocto_check_layer_passes(worlds: Worlds) -> None:
    """In the mini world; among every recipe of the layers with FULL=1."""
    unaware = worlds.unaware(full=bool(os.environ.get("FULL")))
    dependencies = ["--dependency", *map(str, worlds.dependencies())]
    done = unaware.run("yocto-check-layer", str(OUR_LAYER), *dependencies, timeout=9000.0)
    assert done.status == 0, done.text[-5000:]
    assert "... PASS" in done.text, done.text[-5000:]


@pytest.mark.parametrize("recipe", ["tinycompress", "ffmpeg"])
def test_without_the_distro_feature_the_recipe_is_its_own_layer_s(recipe: str, worlds: Worlds) -> None:
    names = ("PACKAGECONFIG", "EXTRA_OECONF", "EXTRA_FFCONF", "DEPENDS", "SRC_URI", "LICENSE_FLAGS_DETAILS")
    without = worlds.bare("without-layer", settings=(_LICENCE,))
    added = worlds.bare("without-feature", ours=True, settings=(_LICENCE,))
    try:
        assert _values(added, recipe, names) == _values(without, recipe, names)
    finally:
        without.stop()
        added.stop()


@pytest.mark.parametrize("recipe", ["tinycompress", "ffmpeg"])
def test_with_the_distro_feature_the_recipe_is_what_pyaudiobus_needs(recipe: str, worlds: Worlds) -> None:
    world = worlds.bare("with-feature", ours=True, settings=(_LICENCE, _FEATURE))
    try:
        configured = world.variable("PACKAGECONFIG", recipe).split()
    finally:
        world.stop()
    assert set(configured) >= {"tinycompress": {"fcplay"}, "ffmpeg": {"avcodec", "avformat", "swresample"}}[recipe]


def _values(world: World, recipe: str, names: tuple[str, ...]) -> dict[str, str]:
    """Read from one `bitbake -e`: many times quicker than one bitbake-getvar for each."""
    lines = world.must("bitbake", "--environment", recipe).splitlines()
    lines = [line.replace(str(world.folder), "") for line in lines]
    return {name: line for name in names for line in lines if line.startswith((f'{name}="', f'export {name}="'))}
