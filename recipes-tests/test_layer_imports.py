"""Every module that is imported on the target is in a package that the recipe asks for."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from layer.imports import imported_by
from layer.places import ROOT, SERVICE
from layer.python_packages import Split, derive, read_split
from layer.recipes import Recipe, recipe

OTHERS = {
    "_cffi_backend": "python3-cffi",
    "alsaaudio": "python3-pyalsaaudio",
    "av": "python3-av",
    "cffi": "python3-cffi",
    "hypothesis": "python3-hypothesis",
    "msgspec": "python3-msgspec",
    "mutagen": "python3-mutagen",
    "pytest": "python3-pytest",
    "pytest_bdd": "python3-pytest-bdd",
    "pyudev": "python3-pyudev",
    "yaml": "python3-pyyaml",
}
"""Who packages what is in no standard library."""

PTEST_CLASS_ADDS = {"python3-pytest"}
BUILD_ONLY = frozenset({"build_engine.py", "build_frame_runs.py"})


@pytest.fixture(scope="module")
def split() -> Split:
    """The split of the standard library, as the committed table has it."""
    return read_split()


def asked_for(each: Recipe) -> set[str]:
    """What a recipe's own package asks for: RDEPENDS, RRECOMMENDS, and the run-time fields of PACKAGECONFIG."""
    words = [*each.words("RDEPENDS:${PN}"), *each.words("RRECOMMENDS:${PN}")]
    # Words in inline Python count: what is chosen under a condition is what the import has.
    chosen = re.findall(r"[\w-]+", each.value("PACKAGECONFIG"))
    for name, value in each.flags("PACKAGECONFIG").items():
        if name in chosen:
            words += " ".join(value.split(",")[3:5]).split()
    return set(words)


def package_of(module: str, split: Split) -> str:
    """The package that has a module; a name nobody packages is shown as it is."""
    return split.package_of(module) or OTHERS.get(module.partition(".")[0], module)


def test_every_import_of_the_service_is_covered(split: Split) -> None:
    there = split.pulled_in_by(asked_for(recipe("pyaudiobus")))
    missing = {
        f"{package_of(module, split)} for {module} in {files[0]}"
        for module, files in imported_by(SERVICE / "src" / "pyaudiobus", skip=BUILD_ONLY).items()
        if module.split(".")[0] != "pyaudiobus" and package_of(module, split) not in there
    }
    assert sorted(missing) == []


def test_every_import_of_the_tests_that_run_on_the_target_is_covered(split: Split) -> None:
    service = recipe("pyaudiobus")
    there = split.pulled_in_by(asked_for(service) | set(service.words("RDEPENDS:${PN}-ptest")) | PTEST_CLASS_ADDS)
    missing = {
        f"{package_of(module, split)} for {module} in {files[0]}"
        for module, files in imported_by(ROOT / "tests").items()
        if module.split(".")[0] not in {"pyaudiobus", "tests"}
        and not all(name.startswith("house/") for name in files)
        and package_of(module, split) not in there
    }
    assert sorted(missing) == []


def test_nothing_is_asked_for_that_the_service_does_not_import(split: Split) -> None:
    modules = imported_by(SERVICE / "src" / "pyaudiobus", skip=BUILD_ONLY)
    used = {package_of(module, split) for module in modules}
    python = {name for name in asked_for(recipe("pyaudiobus")) if name.startswith("python3-")}
    assert sorted(python - used) == []


@pytest.mark.parametrize("module", ["mutagen", "msgspec", "pytest_bdd", "gherkin"])
def test_every_import_of_a_packaged_library_is_covered(split: Split, module: str) -> None:
    name = {"pytest_bdd": "python3-pytest-bdd", "gherkin": "python3-gherkin-official"}.get(module, f"python3-{module}")
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.origin
    there = split.pulled_in_by(asked_for(recipe(name)))
    folder = Path(spec.origin).parent
    missing = {
        f"{package} for {imported} in {files[0]}"
        for imported, files in imported_by(folder).items()
        if (package := split.package_of(imported)) and package not in there
    }
    assert sorted(missing) == []


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("os.path", "python3-core"),
        ("sys", "python3-core"),
        ("json.decoder", "python3-json"),
        ("concurrent.futures.thread", "python3-asyncio"),
        ("turtledemo", "python3-misc"),
        ("mutagen", None),
    ],
)
def test_a_module_is_found_in_its_package(split: Split, module: str, package: str | None) -> None:
    assert split.package_of(module) == package


def test_the_table_is_made_of_file_names() -> None:
    manifest = """# about
# EOC
{"json": {"rdepends": ["core"], "files": [
    "${libdir}/python${PYTHON_MAJMIN}/json", "${libdir}/python${PYTHON_MAJMIN}/json/__pycache__",
    "${libdir}/python${PYTHON_MAJMIN}/lib-dynload/_json.*.so", "${bindir}/json*",
    "${libdir}/python${PYTHON_MAJMIN}/_sysconfigdata*.py", "${libdir}/python${PYTHON_MAJMIN}/xml/dom.py"]}}"""
    assert derive(manifest).splitlines()[-1] == "json | core | _json json xml.dom"


def test_imports_only_for_types_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "it.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import decimal\nelse:\n    import json\n"
        "def late():\n    from os import path\n    from . import near\n"
    )
    assert sorted(imported_by(tmp_path)) == ["json", "os", "os.path", "typing", "typing.TYPE_CHECKING"]
