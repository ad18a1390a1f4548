"""What recipes take is there, and what is there is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layer.places import LAYER, SHARE
from layer.recipes import Recipe, files_of_layer, read_recipe, recipe
from layer.sources import find_source, local_sources, with_sources

WITH_LOCAL_SOURCES = [each for each in with_sources() if local_sources(each)]
INSTALLED = [
    path
    for folder in ("systemd", "tmpfiles.d", "udev")
    for path in sorted((SHARE / folder).glob("*"))
    if path.suffix != ".md"
]


@pytest.mark.parametrize("each", WITH_LOCAL_SOURCES, ids=lambda each: each.path.name)
def test_everything_that_a_recipe_takes_is_there(each: Recipe) -> None:
    owner = each
    if each.path.suffix != ".bb" and not each.words("FILESEXTRAPATHS"):
        owner = recipe(each.name)
    assert [name for name in local_sources(each) if not find_source(owner, name)] == []


def test_the_kernel_module_is_built_from_every_source_beside_it() -> None:
    each = recipe("snd-virtual-dsp")
    files = {path.name for path in (each.path.parent / "files").iterdir()}
    assert files - {"README.md"} == set(local_sources(each))


def test_every_file_beside_a_recipe_belongs_to_it() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in files_of_layer("*.bb", "*.bbappend", "*.inc"))
    suffixes = {".bb", ".bbappend", ".inc", ".md", ".c", ".h"}
    beside = [path for path in files_of_layer("recipes-*/**/*", "dynamic-layers/**/*") if path.suffix not in suffixes]
    assert [str(path.relative_to(LAYER)) for path in beside if path.name not in text] == []


@pytest.mark.parametrize("path", INSTALLED, ids=lambda path: path.name)
def test_the_recipe_installs_every_file_that_systemd_and_udev_read(path: Path) -> None:
    body = recipe("pyaudiobus").functions["do_install:append"]
    folder = re.escape(path.parent.name)
    taken = re.findall(rf"share/{folder}/(\S+)", body)
    assert any(Path(path.name).match(pattern) for pattern in taken), f"do_install takes {taken} of {folder}"


def test_units_that_the_recipe_enables_are_there() -> None:
    named = recipe("pyaudiobus").value("SYSTEMD_SERVICE:${PN}").split()
    assert named
    assert [name for name in named if not (SHARE / "systemd" / name).is_file()] == []


def test_what_images_and_groups_ask_for_of_ours_has_a_recipe() -> None:
    asked = {
        word.removesuffix("-tools").removesuffix("-ptest")
        for path in files_of_layer("*.bb")
        for variable in ("IMAGE_INSTALL", "RDEPENDS:${PN}", "RDEPENDS:${PN}-tools", "RRECOMMENDS:${PN}")
        for word in read_recipe(path).words(variable)
        if re.fullmatch(r"(packagegroup-)?pyaudiobus[a-z-]*", word)
    }
    assert asked
    for name in asked:
        recipe(name)
