"""What yocto-check-layer asks of a layer, as far as it shows without bitbake, and what our own style adds."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from layer.places import LAYER
from layer.recipes import files_of_layer, read_recipe, recipes

GUARD = re.compile(r"\$\{@bb\.utils\.contains\('DISTRO_FEATURES', 'pyaudiobus', '(?P<file>[^']+\.inc)', '', d\)\}")
OWN_VARIABLES = re.compile(r"BBPATH|BBFILES(_DYNAMIC)?|BBFILE_\w+|LAYER\w+|LICENSE_PATH")
UPSTREAM_STATUS = re.compile(
    r"^Upstream-Status: (Pending|Denied|(Submitted|Backport|Inappropriate|Inactive-Upstream) \[.+\])",
    re.MULTILINE,
)


def names(paths: list[Path]) -> list[str]:
    """Names of parametrized tests."""
    return [str(path.relative_to(LAYER)) for path in paths]


PATCHES = files_of_layer("*.patch")
BBAPPENDS = files_of_layer("*.bbappend")


def appends_to_others() -> list[Path]:
    """The bbappends on recipes of other layers; ours do not exist without this layer."""
    ours = {recipe.name for recipe in recipes()}
    return [path for path in BBAPPENDS if path.stem.split("_", 1)[0] not in ours]


def test_the_readme_says_who_maintains_the_layer_and_where_patches_go() -> None:
    text = (LAYER / "README.md").read_text(encoding="utf-8")
    for word in ("maintainer", "patch"):
        assert re.search(word, text, re.IGNORECASE), word
    assert re.search(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text), "an e-mail address"


def test_there_is_a_page_on_security() -> None:
    assert list(LAYER.glob("SECURITY*"))


def test_the_licence_of_the_metadata_lies_in_the_layer() -> None:
    assert "Permission is hereby granted" in (LAYER / "COPYING.MIT").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PATCHES, ids=names(PATCHES))
def test_a_patch_says_what_upstream_thinks_of_it_and_who_signs_for_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert UPSTREAM_STATUS.search(text)
    assert re.search(r"^Signed-off-by: .+ <.+@.+>$", text, re.MULTILINE)


def test_the_layer_is_for_wrynose_and_for_nothing_else() -> None:
    conf = read_recipe(LAYER / "conf" / "layer.conf")
    assert conf.value("LAYERSERIES_COMPAT_pyaudiobus") == "wrynose"
    assert conf.value("BBFILE_COLLECTIONS").split() == ["pyaudiobus"]
    assert conf.value("BBFILE_PATTERN_pyaudiobus") == "^${LAYERDIR}/"


def test_layer_conf_sets_nothing_that_changes_other_recipes() -> None:
    conf = read_recipe(LAYER / "conf" / "layer.conf")
    assert [each.name for each in conf.assignments if not OWN_VARIABLES.fullmatch(each.name)] in ([], ["INHERIT"])


def test_a_class_that_every_recipe_inherits_does_nothing_but_handle_events() -> None:
    inherited = read_recipe(LAYER / "conf" / "layer.conf").words("INHERIT")
    assert sorted(inherited) == sorted(path.stem for path in files_of_layer("classes-global/*.bbclass"))
    for path in files_of_layer("classes-global/*.bbclass"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^(addtask|inherit|EXPORT_FUNCTIONS|python \()|_(prepend|append)\b", text, re.MULTILINE)
        assigned = re.findall(r"^(\w+)(?:\[\w+\])?\s*[?:+.]*=", text, re.MULTILINE)
        assert [name for name in assigned if not name.lower().startswith("pyaudiobus_")] == []


def test_every_recipe_is_found_by_layer_conf() -> None:
    conf = read_recipe(LAYER / "conf" / "layer.conf")
    words = conf.words("BBFILES") + [word.partition(":")[2] for word in conf.words("BBFILES_DYNAMIC")]
    globs = [word.removeprefix("${LAYERDIR}/") for word in words]
    found = {path for pattern in globs for path in LAYER.glob(pattern)}
    assert set(files_of_layer("*.bb", "*.bbappend")) == found


@pytest.mark.parametrize("path", appends_to_others(), ids=names(appends_to_others()))
def test_a_bbappend_does_nothing_but_read_a_file_while_the_distro_feature_is_on(path: Path) -> None:
    append = read_recipe(path)
    assert append.assignments == ()
    assert append.functions == {}
    assert [verb for verb, _ in append.statements] == ["require"]
    guard = GUARD.fullmatch(append.statements[0][1])
    assert guard, "the only line of a bbappend is the guarded require"
    assert (path.parent / guard["file"].replace("${BPN}", append.name)).is_file()


def test_bbappends_apply_to_every_version() -> None:
    assert [path.name for path in BBAPPENDS if not path.stem.endswith("_%")] == []


def test_a_file_is_included_by_somebody() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in files_of_layer("*.bb", "*.bbappend", "*.conf"))
    text = re.sub(r"\$\{BPN\}", "", text)
    for path in files_of_layer("*.inc"):
        assert path.name in text or re.sub(r"^[a-z-]+(?=_)", "", path.name) in text, path


def test_no_recipe_follows_a_moving_revision() -> None:
    for path in files_of_layer("*.bb", "*.bbappend", "*.inc"):
        text = path.read_text(encoding="utf-8")
        assert "AUTOREV" not in text, path


def test_git_knows_no_file_of_the_layer_that_a_tool_has_left() -> None:
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", LAYER],
        cwd=LAYER,
        capture_output=True,
        text=True,
        check=True,
    )
    left = re.compile(r"(\.pyc|\.orig|\.rej|~|\.bak|\.lock\.yml)$")
    assert [name for name in listing.stdout.split("\0") if left.search(name)] == []


def test_python_of_the_layer_compiles() -> None:
    for path in files_of_layer("lib/**/*.py"):
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
