"""Builds our recipes to arm64 packages in the mini world and looks into them. Running them: test_programs.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bitbake.package import Entry, Package, elf_facts, mentions
from bitbake.pins import REPOSITORY
from bitbake.recipes import PACKAGED
from bitbake.world import World
from bitbake.worlds import Worlds

pytestmark = pytest.mark.bitbake

_SITE = "/usr/lib/python3.14/site-packages"
_FOR_PEOPLE_WHO_BUILD = ("-dbg", "-dev", "-src")

_CONTENT = {
    "pyaudiobus": [
        "/usr/bin/audiobus",
        "/usr/bin/pyfcplay",
        "/usr/bin/audiobus-session",
        "/usr/bin/audiobusd",
        f"{_SITE}/pyaudiobus/engine/_engine.abi3.so",
        f"{_SITE}/pyaudiobus/engine/_frame_runs.abi3.so",
        "/usr/lib/systemd/system/audiobus-card@.service",
        "/usr/lib/systemd/system/audiobus-doctor.service",
        "/usr/lib/systemd/system/audiobus-play@.service",
    ],
    "pyaudiobus-bash-completion": ["/usr/share/bash-completion/completions/audiobus"],
    "pyaudiobus-zsh-completion": ["/usr/share/zsh/site-functions/_audiobus"],
    "pyaudiobus-ptest": ["/usr/lib/pyaudiobus/ptest/run-ptest"],
    "pyaudiobus-board": ["/etc/audiobus/board.yaml"],
    "pyaudiobus-demo-media": ["/usr/share/audiobus/demo/carillon.flac", "/usr/share/audiobus/demo/carillon.mp3"],
    "python3-av": [f"{_SITE}/av/__init__.py"],
    "python3-gherkin-official": [f"{_SITE}/gherkin/parser.py"],
    "python3-msgspec": [f"{_SITE}/msgspec/_core.cpython-314-aarch64-linux-gnu.so"],
    "python3-mutagen": [f"{_SITE}/mutagen/mp3/__init__.py"],
    "python3-pyalsaaudio": [f"{_SITE}/alsaaudio.cpython-314-aarch64-linux-gnu.so"],
    "python3-pytest-bdd": [f"{_SITE}/pytest_bdd/__init__.py"],
    "tinycompress": ["/usr/bin/cplay", "/usr/bin/fcplay", "/usr/lib/libtinycompress.so.0"],
}


def ours(packages: dict[str, Package]) -> list[Package]:
    return [package for package in packages.values() if not package.name.endswith(_FOR_PEOPLE_WHO_BUILD)]


def files(packages: dict[str, Package]) -> list[Entry]:
    return [entry for package in ours(packages) for entry in package.entries.values()]


def complaints(said: str, recipe: str) -> list[str]:
    return [line for line in said.splitlines() if re.match(rf"(ERROR|WARNING): {re.escape(recipe)}-\d", line)]


@pytest.mark.parametrize("recipe", PACKAGED)
def test_the_recipe_builds_to_packages_without_a_complaint(recipe: str, mini: World, built: str) -> None:
    assert complaints(built, recipe) == []
    packed = list(mini.folder.glob(f"tmp/stamps/*/{recipe}/*.do_package_write_deb*"))
    assert packed, f"it was not packed:\n{built[-3000:]}"


def test_ffmpeg_is_built_from_source_without_a_complaint(
    worlds: Worlds, built: str, packages: dict[str, Package]
) -> None:
    ffmpeg = worlds.ffmpeg()
    if ffmpeg is None:
        pytest.skip("no tarball of FFmpeg with a right checksum is at hand; see recipes-tests/bitbake/README.md")
    assert complaints(built, "ffmpeg") == []
    assert {"libavcodec", "libavformat", "libavutil"} <= {re.sub(r"\d+$", "", name) for name in packages}


@pytest.mark.parametrize("name", sorted(_CONTENT))
def test_the_package_holds_what_its_users_look_for(name: str, packages: dict[str, Package]) -> None:
    assert name in packages
    missing = [path for path in _CONTENT[name] if path not in packages[name].entries]
    assert missing == [], "\n".join(packages[name].entries)


def test_the_virtual_dsp_s_module_is_in_a_package_of_its_kernel(packages: dict[str, Package]) -> None:
    of_kernel = [name for name in packages if name.startswith("kernel-module-snd-virtual-dsp-")]
    assert len(of_kernel) == 1
    assert of_kernel[0] in packages["snd-virtual-dsp"].depends
    release = of_kernel[0].removeprefix("kernel-module-snd-virtual-dsp-")
    modules = [path for path in packages[of_kernel[0]].entries if ".ko" in path]
    assert [path.rpartition(".ko")[0] for path in modules] == [f"/usr/lib/modules/{release}/updates/snd-virtual-dsp"]


def test_units_rules_and_tmpfiles_of_the_service_are_all_installed(packages: dict[str, Package]) -> None:
    share = REPOSITORY / "service/share"
    wanted = [file.name for kind in ("systemd", "udev", "tmpfiles.d") for file in (share / kind).glob("*.*")]
    installed = {Path(path).name for path in packages["pyaudiobus"].entries}
    assert [name for name in wanted if name not in installed and not name.endswith(".md")] == []


def test_root_owns_every_file(packages: dict[str, Package]) -> None:
    strangers = [(entry.path, entry.owner, entry.group) for entry in files(packages) if entry.owner != "root"]
    assert strangers == []


def test_nobody_but_its_owner_may_write_to_a_file(packages: dict[str, Package]) -> None:
    assert [entry.path for entry in files(packages) if not entry.link and entry.mode & 0o022] == []


def test_scripts_name_interpreters_that_the_target_has(packages: dict[str, Package]) -> None:
    known = {"/usr/bin/env python3", "/usr/bin/python3", "/bin/sh", "/bin/bash", "/usr/bin/env bash"}
    strange = {entry.path: entry.shebang for entry in files(packages) if entry.shebang and entry.shebang not in known}
    assert {path: line for path, line in strange.items() if "/tests/" not in path} == {}


def test_no_file_knows_where_it_was_built(packages: dict[str, Package], worlds: Worlds, mini: World) -> None:
    paths = [str(worlds.root), str(worlds.layer_folder.root), str(mini.folder)]
    assert mentions(files(packages), paths) == []


def test_programs_and_libraries_are_for_arm64_and_find_libraries_by_name(
    packages: dict[str, Package], tmp_path: Path
) -> None:
    facts = {entry.path: elf_facts(entry.content, tmp_path) for entry in files(packages) if entry.is_elf}
    assert {path: fact["Machine"] for path, fact in facts.items() if fact["Machine"] != ["AArch64"]} == {}
    assert {path: fact for path, fact in facts.items() if "RPATH" in fact or "RUNPATH" in fact} == {}


def test_extensions_of_python_carry_the_target_s_abi(packages: dict[str, Package]) -> None:
    suffixes = (".cpython-314-aarch64-linux-gnu.so", ".abi3.so")
    extensions = [entry.path for entry in files(packages) if entry.path.startswith(_SITE) and entry.is_elf]
    assert extensions
    assert [path for path in extensions if not path.endswith(suffixes)] == []


def test_what_a_library_is_needed_for_is_a_dependency(packages: dict[str, Package], tmp_path: Path) -> None:
    """Of libraries that are built here; Debian's stand in for the others."""
    owners = {Path(path).name: p.name for p in ours(packages) for path in p.entries if ".so." in path}
    lacking = []
    for package in ours(packages):
        for entry in package.entries.values():
            needed = elf_facts(entry.content, tmp_path).get("NEEDED", []) if entry.is_elf else []
            owning = {owners[name] for name in needed if name in owners} - {package.name}
            lacking += [f"{entry.path}: {name}" for name in owning - package.depends]
    assert lacking == []


def test_the_service_depends_on_what_it_imports(packages: dict[str, Package]) -> None:
    modules = ("av", "cffi", "core", "msgspec", "mutagen", "pyalsaaudio", "pyudev", "pyyaml")
    wanted = {f"python3-{module}" for module in modules}
    service = packages["pyaudiobus"]
    assert wanted - service.depends - service.recommends == set()


def test_the_board_file_is_kept_when_the_package_is_upgraded(packages: dict[str, Package]) -> None:
    assert packages["pyaudiobus-board"].scripts["conffiles"].split() == ["/etc/audiobus/board.yaml"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("recipe", PACKAGED)
def test_the_licence_s_text_is_kept(recipe: str, mini: World) -> None:
    kept = [file for file in mini.folder.glob(f"tmp/deploy/licenses/*/{recipe}/*") if file.stat().st_size]
    assert [file.name for file in kept if file.name != "recipeinfo"], f"{recipe} has no licence in tmp/deploy/licenses"
