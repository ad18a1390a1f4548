"""What the layer's pages tell people to type or to look for exists under that name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from layer.combinations import BOARD
from layer.places import KAS, LAYER, ROOT
from layer.recipes import recipes

PAGES = [LAYER / "README.md", *sorted((LAYER / "docs").glob("*.md"))]
MACHINES = ("qcom-armv8a", "qemuarm64")

over_pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def pins() -> dict[str, tuple[str, str]]:
    """Branch and commit of each repository that kas fetches, by address."""
    files = [ROOT / BOARD, *KAS.glob("*.yml")]
    repos = [yaml.safe_load(path.read_text(encoding="utf-8")).get("repos", {}) for path in files]
    return {repo["url"]: (repo["branch"], repo["commit"]) for each in repos for repo in each.values() if "url" in repo}


@over_pages
def test_kas_commands_name_files_that_are_there(page: Path) -> None:
    commands = re.findall(
        r"\bkas(?:-container)? (?:build|shell|checkout|dump)((?: -{1,2}\w+ \w+)*) ([\w./:-]+\.yml)", page.read_text()
    )
    for _, names in commands:
        for name in names.split(":"):
            assert (ROOT / name).is_file(), name


@over_pages
def test_make_targets_are_there(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`|\$ )make ([a-z][a-z0-9-]*)", page.read_text(), re.MULTILINE))
    assert asked <= targets


@over_pages
def test_images_and_their_files_have_the_names_that_bitbake_gives_them(page: Path) -> None:
    images = {each.name for each in recipes() if "core-image" in each.classes}
    whole = re.compile(rf"({'|'.join(sorted(images, reverse=True))})(-({'|'.join(MACHINES)})(\.[\w.]+)?)?")
    text = page.read_text()
    for word in re.findall(r"(?<![\w/-])pyaudiobus-image[\w.-]*\w", text):
        assert whole.fullmatch(word), word


@over_pages
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_the_readme_names_every_repository_as_kas_fetches_it() -> None:
    text = (LAYER / "README.md").read_text()
    for url, (branch, commit) in pins().items():
        block = next((block for block in text.split("\n\n") if f"URI: {url}\n" in block), "")
        assert f"branch: {branch}\n" in block, url
        assert f"revision: {commit}" in block, url


@over_pages
def test_commits_are_those_that_kas_fetches(page: Path) -> None:
    assert set(re.findall(r"\b[0-9a-f]{40}\b", page.read_text())) <= {commit for _, commit in pins().values()}
