"""Versions, licences and checksums in recipes are those of what they build."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import pyaudiobus
from layer.places import SERVICE
from layer.recipes import Recipe, files_of_layer, read_recipe, recipe, recipes
from layer.sdists import project_of, pypi_recipes, read_table
from layer.sources import find_source

KNOWN_LICENCES = {"BSD-3-Clause", "CC0-1.0", "GPL-2.0-only", "GPL-2.0-or-later", "LGPL-2.1-or-later", "MIT"}
"""SPDX names, as openembedded-core's common-licenses has them."""

MD5_OF_COMMON_LICENCES = {"MIT": "0835ade698e0bcf8506ecda2f7b4f302"}


def constraints() -> dict[str, str]:
    """The versions that are tested together, by pip's names."""
    lines = (SERVICE / "setup" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}


def own_licence_files() -> list[tuple[Recipe, str]]:
    """Each licence file that a recipe takes from this repository, as `file://NAME;beginline=N;endline=N;md5=...`."""
    ours = (each for each in recipes() if "pypi" not in each.classes)
    return [(each, word) for each in ours for word in each.value("LIC_FILES_CHKSUM").split()]


def lines_of(path: Path, first: str, last: str) -> bytes:
    """The lines that a checksum is made of, counted from 1; the whole file if it names none."""
    lines = path.read_bytes().splitlines(keepends=True)
    return b"".join(lines[int(first or 1) - 1 : int(last or len(lines))])


def licence_file(each: Recipe, name: str) -> Path | None:
    """Where it lies; sources that come as one folder have it inside."""
    inside = each.value("S").removeprefix("${UNPACKDIR}").removeprefix("/")
    return find_source(each, f"{inside}/{name}" if inside else name)


def test_the_recipe_builds_the_version_that_the_service_says() -> None:
    project = tomllib.loads((SERVICE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert recipe("pyaudiobus").version == project["version"] == pyaudiobus.__version__


@pytest.mark.parametrize("each", pypi_recipes(), ids=lambda each: each.name)
def test_a_pypi_recipe_has_the_tested_version_and_the_checksum_of_the_real_archive(each: Recipe) -> None:
    version, sha256 = read_table()[project_of(each)]
    assert each.version == version == constraints()[project_of(each)]
    assert each.flags("SRC_URI")["sha256sum"] == sha256


def test_the_table_of_archives_has_no_row_without_a_recipe() -> None:
    assert sorted(read_table()) == sorted(project_of(each) for each in pypi_recipes())


@pytest.mark.parametrize("each", [each for each in recipes() if each.value("LICENSE")], ids=lambda each: each.name)
def test_licences_have_their_spdx_names(each: Recipe) -> None:
    assert set(re.split(r"\s*[&|()]\s*|\s+", each.value("LICENSE"))) - {""} <= KNOWN_LICENCES


def test_every_recipe_names_its_licence() -> None:
    silent = [each.name for each in recipes() if not each.value("LICENSE") and "packagegroup" not in each.classes]
    assert silent == []


@pytest.mark.parametrize(
    ("each", "entry"), own_licence_files(), ids=lambda value: value.name if isinstance(value, Recipe) else ""
)
def test_the_checksum_of_our_own_licence_files_is_true(each: Recipe, entry: str) -> None:
    name, *parameters = entry.removeprefix("file://").split(";")
    given = dict(parameter.split("=") for parameter in parameters)
    common = name.removeprefix("${COMMON_LICENSE_DIR}/")
    if common != name:
        assert MD5_OF_COMMON_LICENCES[common] == given["md5"]
        return
    found = licence_file(each, name)
    assert found, f"{name} is in no folder that the recipe searches"
    text = lines_of(found, given.get("beginline", ""), given.get("endline", ""))
    assert hashlib.md5(text, usedforsecurity=False).hexdigest() == given["md5"]


def test_the_kernel_module_is_gpl_and_the_service_is_mit() -> None:
    assert recipe("snd-virtual-dsp").value("LICENSE") == "GPL-2.0-only"
    assert recipe("pyaudiobus").value("LICENSE") == "MIT"


def test_no_checksum_is_weak() -> None:
    for path in files_of_layer("*.bb", "*.inc"):
        assert set(read_recipe(path).flags("SRC_URI")) <= {"sha256sum"}, path
