"""What a person reads who has forgotten a setting: each is to be named in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bitbake.worlds import Worlds

pytestmark = pytest.mark.bitbake

_FEATURE = 'DISTRO_FEATURES:append = " pyaudiobus"'
_NEXT_RELEASE = """\
BBPATH .= ":${LAYERDIR}"
BBFILE_COLLECTIONS += "next-release"
BBFILE_PATTERN_next-release = "^$"
LAYERSERIES_COMPAT_next-release = "nextrelease"
LAYERSERIES_CORENAMES = "nextrelease"
LAYERSERIES_COMPAT_core:append = " nextrelease"
LAYERSERIES_COMPAT_core:remove = "wrynose"
"""


def said(worlds: Worlds, *words: str, settings: tuple[str, ...] = (), leave: str = "", add: Path | None = None) -> str:
    """Return what bitbake says to a command that must not succeed."""
    world = worlds.bare("bad-input", ours=True, settings=settings, leave=leave, add=add)
    try:
        done = world.run("bitbake", *words)
    finally:
        world.stop()
    assert done.status != 0, done.text
    return done.text


def test_without_the_distro_feature_the_image_names_it(worlds: Worlds) -> None:
    text = said(worlds, "--dry-run", "pyaudiobus-image")
    assert _FEATURE in text
    assert "Traceback" not in text


def test_without_the_licence_flag_ffmpeg_names_it(worlds: Worlds) -> None:
    text = said(worlds, "--dry-run", "ffmpeg", settings=(_FEATURE,))
    assert 'LICENSE_FLAGS_ACCEPTED += "commercial_ffmpeg"' in text
    assert "Traceback" not in text


@pytest.mark.parametrize("layer", ["meta-oe", "meta-python", "meta-multimedia"])
def test_without_a_layer_that_ours_needs_the_line_that_adds_it_is_told(layer: str, worlds: Worlds) -> None:
    text = said(worlds, "--parse-only", settings=(_FEATURE,), leave=layer)
    assert re.search(rf'BBLAYERS \+= "\S*/meta-openembedded/{layer}"', text), text
    assert "Traceback" not in text


def test_another_release_is_refused_with_the_branch_and_the_setting_that_help(worlds: Worlds, tmp_path: Path) -> None:
    conf = tmp_path / "meta-next/conf/layer.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text(_NEXT_RELEASE)
    text = said(worlds, "--parse-only", settings=(_FEATURE,), add=conf.parent.parent)
    assert "for the Yocto release wrynose, and openembedded-core is at nextrelease" in text
    assert "Check out the branch wrynose" in text
    assert "LAYERSERIES_COMPAT_pyaudiobus:append = ' nextrelease'" in text
    assert "Traceback" not in text
