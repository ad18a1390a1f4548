"""What kas makes of each combination of its files that people use: machine, image, layers, settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from layer.combinations import (
    BOARD,
    COMBINATIONS,
    DEV,
    MIRRORS,
    MIXED,
    QEMU,
    TESTIMAGE,
    copy_kas_files,
    kas_dump,
    layers_of,
    merged,
)
from layer.places import KAS, LAYER, ROOT
from layer.recipes import recipe

OURS_AND_WHAT_IT_NEEDS = {"meta-pyaudiobus", "meta", "meta-oe", "meta-python", "meta-multimedia"}
COLLECTIONS = {
    "core": "meta",
    "openembedded-layer": "meta-oe",
    "meta-python": "meta-python",
    "multimedia-layer": "meta-multimedia",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the kas files alone."""
    made = tmp_path_factory.mktemp("kas")
    copy_kas_files(made)
    return made


def settings(config: dict[str, Any]) -> str:
    """Everything that goes into local.conf."""
    return "".join(config["local_conf_header"].values())


@pytest.mark.parametrize("combination", [*COMBINATIONS, *MIXED])
def test_kas_accepts_the_combination_without_a_warning(folder: Path, combination: str) -> None:
    done = kas_dump(combination, folder)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"WARNING|ERROR", done.stderr), done.stderr


@pytest.mark.parametrize("combination", [*COMBINATIONS, *MIXED])
def test_every_layer_of_others_is_pinned_by_commit(folder: Path, combination: str) -> None:
    repos = merged(combination, folder)["repos"]
    assert repos.pop("pyaudiobus") == {"layers": {"meta-pyaudiobus": None}}
    for name, repo in repos.items():
        assert re.fullmatch(r"[0-9a-f]{40}", repo["commit"]), name
        assert repo["url"].startswith("https://"), name
        assert repo["branch"], name
        assert repo["path"] == f"layers/{name}"


def test_a_repository_is_pinned_in_one_file_only() -> None:
    pinned = [
        name
        for path in (ROOT / BOARD, *KAS.glob("*.yml"))
        for name in yaml.safe_load(path.read_text(encoding="utf-8")).get("repos", {})
    ]
    assert sorted(pinned) == sorted(set(pinned))


@pytest.mark.parametrize("combination", [*COMBINATIONS, *MIXED])
def test_sections_have_names_that_say_what_they_are_for(folder: Path, combination: str) -> None:
    for name, text in merged(combination, folder)["local_conf_header"].items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
        assert text.strip(), name


def test_no_section_is_overwritten_by_another_of_the_same_name(folder: Path) -> None:
    everything = f"{BOARD}:{QEMU}:{TESTIMAGE}:{MIRRORS}"
    names = [
        name
        for path in (ROOT / BOARD, *KAS.glob("*.yml"))
        for name in yaml.safe_load(path.read_text(encoding="utf-8")).get("local_conf_header", {})
    ]
    assert sorted(names) == sorted(merged(everything, folder)["local_conf_header"])


def test_kas_yml_alone_is_the_dragonboard(folder: Path) -> None:
    config = merged(BOARD, folder)
    assert config["machine"] == "qcom-armv8a"
    assert config["distro"] == "nodistro"
    assert config["target"] == "pyaudiobus-image"
    assert layers_of(config) == OURS_AND_WHAT_IT_NEEDS | {"meta-qcom", "meta-lts-mixins"}
    assert 'KERNEL_DEVICETREE:qcom-armv8a = "qcom/sdm845-db845c.dtb"' in settings(config)


def test_qemu_needs_no_layer_of_a_vendor_and_loads_the_virtual_dsp(folder: Path) -> None:
    config = merged(QEMU, folder)
    assert config["machine"] == "qemuarm64"
    assert config["target"] == "pyaudiobus-image"
    assert layers_of(config) == OURS_AND_WHAT_IT_NEEDS
    dsp = recipe("snd-virtual-dsp").name
    assert f'IMAGE_INSTALL:append:qemuall = " {dsp}"' in settings(config)
    assert f'KERNEL_MODULE_AUTOLOAD:append:pn-{dsp}:qemuall = " {dsp}"' in settings(config)


@pytest.mark.parametrize("combination", [*COMBINATIONS, *MIXED])
def test_every_build_turns_the_layer_on_and_accepts_the_licence_flag(folder: Path, combination: str) -> None:
    text = settings(merged(combination, folder))
    assert 'DISTRO_FEATURES:append = " pyaudiobus"' in text
    assert 'LICENSE_FLAGS_ACCEPTED += "commercial_ffmpeg"' in text


def test_the_layers_that_ours_depends_on_are_enabled(folder: Path) -> None:
    conf = (LAYER / "conf" / "layer.conf").read_text(encoding="utf-8")
    depends = re.search(r'LAYERDEPENDS_pyaudiobus = "([^"]*)"', conf)
    assert depends
    assert {COLLECTIONS[name] for name in depends[1].split()} <= layers_of(merged(QEMU, folder))


@pytest.mark.parametrize("machine", [BOARD, QEMU])
@pytest.mark.parametrize("more", [DEV, TESTIMAGE])
def test_for_development_and_for_tests_the_image_with_tools_is_built(folder: Path, machine: str, more: str) -> None:
    config = merged(f"{machine}:{more}", folder)
    assert config["target"] == recipe("pyaudiobus-image-dev").name
    assert "allow-empty-password" in settings(config)


@pytest.mark.parametrize("machine", [BOARD, QEMU])
def test_without_the_include_for_development_nobody_gets_in_by_the_network(folder: Path, machine: str) -> None:
    assert not re.search(r"allow-empty-password|allow-root-login|ssh-server", settings(merged(machine, folder)))


def test_testimage_runs_our_cases_in_qemu_without_being_asked_and_on_a_board_only_when_asked(folder: Path) -> None:
    text = settings(merged(f"{QEMU}:{TESTIMAGE}", folder))
    assert 'IMAGE_CLASSES += "testimage"' in text
    assert 'TEST_SUITES = "ping ssh systemd python pyaudiobus"' in text
    assert (LAYER / "lib" / "oeqa" / "runtime" / "cases" / "pyaudiobus.py").is_file()
    assert 'TESTIMAGE_AUTO:qemuall = "1"' in text
    assert "TESTIMAGE_AUTO =" not in text
    assert 'TEST_RUNQEMUPARAMS:qemuall = "slirp nographic"' in text


def test_mirrors_come_from_the_environment_and_name_no_host(folder: Path) -> None:
    config = merged(f"{BOARD}:{MIRRORS}", folder)
    names = {"SOURCE_MIRROR_URL", "SSTATE_MIRROR_URL", "BB_NO_NETWORK"}
    assert {name: value for name, value in config["env"].items() if name in names} == dict.fromkeys(names)
    assert "://" not in settings(config).replace("file://.*", "")


@pytest.mark.parametrize(("combination", "machine"), [(MIXED[0], "qemuarm64"), (MIXED[1], "qcom-armv8a")])
def test_of_two_machines_the_last_wins_and_no_setting_of_the_other_reaches_it(
    folder: Path, combination: str, machine: str
) -> None:
    config = merged(combination, folder)
    assert config["machine"] == machine
    for section in ("kernel-device-tree", "firmware", "media-space"):
        assert ":qcom-armv8a" in config["local_conf_header"][section].split("=")[0]
    for section in ("virtual-dsp", "memory"):
        assert all(":qemuall" in line for line in config["local_conf_header"][section].splitlines())


def test_a_build_without_a_machine_ends_with_a_name_that_is_none(folder: Path) -> None:
    assert merged("meta-pyaudiobus/kas/base.yml", folder)["machine"] == "unset"


def test_commands_in_the_kas_files_name_files_that_are_there() -> None:
    for path in (ROOT / BOARD, *KAS.glob("*.yml")):
        for names in re.findall(r"kas (?:build|shell)(?: -c testimage)? (\S+)", path.read_text(encoding="utf-8")):
            for name in names.split(":"):
                assert name == "..." or (ROOT / name).is_file(), f"{path.name} names {name}"
