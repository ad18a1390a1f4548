"""Units, udev rules and folders: checked by systemd's own tools, then tried in a guest that systemd has booted."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from qemu.options import CHECKOUT
from system.booted import System
from system.installed import BOARD_FILE, RECIPES, SHARE, UNITS, enabled_units

pytest_plugins = ["system.fixtures"]

STOCK_UNITS = Path("/usr/lib/systemd/system")
EXPOSURE = {"audiobus-card@": 10, "audiobus-doctor": 13, "audiobus-play@": 10, "audiobus-session": 6, "audiobusd": 15}
"""Tenths of systemd-analyze's points: 100 is a root's shell, 0 cannot do anything."""
INSTANCES = {"audiobus-card@": "DB845c", "audiobus-play@": "music-a\\x20song.mp3"}
CARD = "audiobus-card@VirtualDSP.service"
SWITCH = "QUAT_MI2S_RX Audio Mixer MultiMedia4"
FILES = CHECKOUT / "tests/media/files"


def systemd(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with systemd's own units and ours, and a program for them."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(STOCK_UNITS, root / "usr/lib/systemd/system", symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    for unit in (*UNITS, *(SHARE / "systemd").glob("*.socket")):
        shutil.copy(unit, root / "usr/lib/systemd/system")
    (root / "usr/bin").mkdir()
    (root / "bin").symlink_to("usr/bin")
    for name in ("audiobus", "audiobusd", "audiobus-session", "kill"):
        program = root / "usr/bin" / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return root


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_has_nothing_to_say_of_a_unit(unit: Path, tree: Path) -> None:
    name = f"{unit.stem}{INSTANCES.get(unit.stem, '')}.service"
    verified = systemd("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={tree}", name)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_can_do_little_beyond_its_work(unit: Path) -> None:
    most = EXPOSURE[unit.stem]
    judged = systemd("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={most}", unit)
    assert judged.returncode == 0, judged.stdout


def test_units_are_enabled_as_the_recipe_enables_them(tree: Path) -> None:
    assert enabled_units(), "the recipe enables no unit"
    for unit in enabled_units():
        done = systemd("systemctl", f"--root={tree}", "enable", unit)
        assert done.returncode == 0, f"{unit}: {done.stderr}"
        assert "no installation config" not in done.stderr, unit


def test_a_jingle_is_enabled_by_the_name_of_its_file(tree: Path) -> None:
    jingle = "audiobus-play@usr-share-audiobus-demo-carillon.mp3.service"
    assert systemd("systemctl", f"--root={tree}", "enable", jingle).returncode == 0
    assert (tree / "etc/systemd/system/sound.target.wants" / jingle).is_symlink()


def test_recipe_units_and_folders_agree_about_the_user() -> None:
    users = [line.split() for line in (SHARE / "sysusers.d/audiobus.conf").read_text().splitlines()]
    assert [line[1:] for line in users if line[0] == "m"] == [["audiobus", "audio"]]
    recipe = (RECIPES / "pyaudiobus/pyaudiobus_0.1.0.bb").read_text()
    assert "--groups audio " in recipe
    assert re.search(r"/lib/audiobus \\\n.*nologin audiobus", recipe)
    for unit in UNITS:
        parsed = configparser.ConfigParser(strict=False, interpolation=None)
        parsed.read(unit)
        assert parsed["Service"].get("user", "audiobus") == "audiobus"
    folders = (SHARE / "tmpfiles.d/audiobus.conf").read_text().split()
    assert {"/run/audiobus", "/var/lib/audiobus"} <= set(folders)


@pytest.mark.guest
def test_udev_has_the_card_set_up_and_says_nothing_of_the_rules(system: System) -> None:
    asked = system.run("udevadm info --query=property --property=SYSTEMD_WANTS --value /sys/class/sound/controlC0")
    assert set(asked.check().text.split()) == {"sound.target", CARD}
    assert "audiobus" not in system.run("journalctl --unit=systemd-udevd.service").text


@pytest.mark.guest
def test_a_unit_can_wait_for_a_dsp(system: System) -> None:
    assert system.shows("dev-snd-comprC0D0.device")["ActiveState"] == "active"


@pytest.mark.guest
def test_there_is_no_sound_before_its_controls_are_set(system: System) -> None:
    card, sound = system.shows(CARD), system.shows("sound.target")
    assert card["Result"] == "success"
    done, reached = int(card["ExecMainExitTimestampMonotonic"]), int(sound["ActiveEnterTimestampMonotonic"])
    assert 0 < done <= reached


@pytest.mark.guest
def test_the_doctor_reads_what_only_root_may_read_and_judges_as_the_player_s_user(system: System) -> None:
    said = "\n".join(system.journal("audiobus-doctor.service"))
    assert "audiobus may open /dev/snd/comprC0D0" in said
    assert "cannot be read" not in said
    assert system.shows("audiobus-doctor.service")["Result"] == "success", said


@pytest.fixture
def board_file(system: System) -> Iterator[Path]:
    """Where the guest's board file lies; it is put back and in force again afterwards."""
    place = Path("/etc/audiobus/board.yaml")
    yield place
    system.guest.write(place, BOARD_FILE.read_bytes())
    system.run(f"systemctl restart {CARD}").check()


UNTIL_OVER = """
n=240
until systemctl show --property=InvocationID,ActiveState {card} | awk -F= '
    $1 == "InvocationID" {{ is_new = $2 != "" && $2 != "{before}" }}
    $1 == "ActiveState" {{ is_over = $2 != "activating" }}
    END {{ exit !(is_new && is_over) }}'
do n=$((n-1)); [ $n -gt 0 ] || exit 1; sleep 0.5; done
"""


def plug_in(system: System) -> dict[str, str]:
    """Take the card out and put it back; return what systemd knows of its unit's next run, when that is over.

    Between the two systemd knows nothing of the unit at all, not even the run before.
    """
    before = system.shows(CARD)["InvocationID"]
    system.order("unplug")
    system.order("plug")
    system.run(UNTIL_OVER.format(card=CARD, before=before)).check()
    return system.shows(CARD)


@pytest.mark.guest
def test_a_card_that_comes_late_gets_the_board_s_controls(system: System, board_file: Path) -> None:
    controls = BOARD_FILE.read_text().replace(
        "driver: snd-virtual-dsp\n", f"driver: snd-virtual-dsp\n    controls:\n      {SWITCH}: on\n"
    )
    system.guest.write(board_file, controls.encode())
    assert plug_in(system)["Result"] == "success"
    assert "[on]" in system.run(f"amixer -c VirtualDSP sget '{SWITCH}'").check().text
    # Players believe the compiled board file only if it is root's.
    assert system.run("stat -c '%U %a' /run/audiobus/board.json").check().text == "root 644\n"


@pytest.mark.guest
def test_a_card_that_only_changed_is_not_set_up_again(system: System) -> None:
    """As alsactl and others have the kernel say: what players and people have set since must stay."""
    before = system.shows(CARD)["InvocationID"]
    for _ in range(3):
        system.run("udevadm trigger --settle --action=change /sys/class/sound/controlC0").check()
    shown = system.shows(CARD)
    assert (shown["InvocationID"], shown["ActiveState"]) == (before, "active")


@pytest.mark.guest
def test_a_mistake_in_the_board_file_fails_the_card_s_unit_and_is_named(system: System, board_file: Path) -> None:
    wrong = BOARD_FILE.read_text().replace("driver: snd-virtual-dsp", "drivre: snd-virtual-dsp")
    system.guest.write(board_file, wrong.encode())
    assert plug_in(system)["Result"] == "exit-code"
    said = "\n".join(system.journal(CARD))
    assert re.search(r"/etc/audiobus/board\.yaml:\d+:\d+: .*drivre", said)
    assert "Traceback" not in said


def unit_for(system: System, path: str) -> str:
    return system.run(f"systemd-escape --path --template=audiobus-play@.service '{path}'").check().text.strip()


@pytest.mark.guest
def test_a_file_of_any_name_is_decoded_within_the_unit_s_walls(system: System) -> None:
    path = "/tmp/to $HOME, 100%h.ogg"
    system.guest.write(path, (FILES / "vorbis.ogg").read_bytes())
    unit = unit_for(system, path)
    system.run(f"systemctl start --wait '{unit}'")
    said = system.journal(unit)
    assert system.shows(unit)["Result"] == "success", said
    assert path in said
    assert any("played" in line for line in said)


@pytest.mark.guest
def test_a_file_that_may_not_be_read_fails_at_once_and_for_good(system: System) -> None:
    path = "/tmp/secret.mp3"
    system.guest.write(path, (FILES / "lame-vbr.mp3").read_bytes())
    system.run(f"chmod 600 {path}").check()
    unit = unit_for(system, path)
    system.run(f"systemctl start --wait '{unit}'")
    shown = system.shows(unit)
    assert (shown["Result"], shown["ExecMainStatus"], shown["NRestarts"]) == ("exit-code", "2", "0")
    assert system.journal(unit)[0] == f"audiobus: {path} may not be read"
    system.run(f"systemctl reset-failed '{unit}'").check()


@pytest.mark.guest
def test_to_stop_a_player_is_no_failure(system: System) -> None:
    unit = unit_for(system, "/usr/share/audiobus/demo/carillon.mp3")
    system.order("speed 1x")
    system.run(f"systemctl start '{unit}'").check()
    system.run("until grep -q '^state [RD]' /sys/kernel/debug/snd_virtual_dsp/state; do sleep 0.1; done").check()
    system.run(f"systemctl stop '{unit}'").check()
    shown = system.shows(unit)
    assert (shown["ActiveState"], shown["Result"]) == ("inactive", "success")
