"""What is seen of a machine: files that are missing, packed, cut short or written by another kernel."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from pyaudiobus.devices.catalogue import Finding
from pyaudiobus.devices.mixer import CardMixer
from pyaudiobus.doctor.checks.check_access import check_access
from pyaudiobus.doctor.evidence.dsp import Processor
from pyaudiobus.doctor.evidence.firmware import read_firmware
from pyaudiobus.doctor.evidence.kernel import read_kernel
from pyaudiobus.doctor.evidence.kernel_log import read_log
from pyaudiobus.doctor.evidence.mixer import read_control
from pyaudiobus.doctor.evidence.people import read_people
from pyaudiobus.doctor.evidence.programs import Program
from pyaudiobus.doctor.evidence.rights import read_rights
from pyaudiobus.doctor.evidence.scene import look_around
from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.doctor.judgement import Standing
from pyaudiobus.model.control import Control
from tests.doctor.bench import AUDIO_GROUP, CARD, ELF, FIRMWARE, RELEASE, Dragonboard

NAME = "qcom/sdm845/adsp.mbn"


@pytest.fixture
def board(tmp_path: Path) -> Dragonboard:
    return Dragonboard(tmp_path)


def test_a_machine_of_which_nothing_is_known_is_only_unknown(tmp_path: Path) -> None:
    tree = Tree(str(tmp_path))
    kernel = read_kernel(tree, RELEASE)
    assert (kernel.config, kernel.on_disk, kernel.model) == ({}, frozenset(), "")
    assert read_log(tree) is None
    assert not read_firmware(tree, RELEASE, NAME).path
    assert read_rights(str(tmp_path / "dev/snd/comprC0D3")).may_open is False


def test_a_configuration_that_is_cut_short_is_no_configuration(board: Dragonboard) -> None:
    packed = (board.folder / "proc/config.gz").read_bytes()
    board.put("proc/config.gz", packed[:20])
    assert read_kernel(Tree(board.root), RELEASE).config == {}


@pytest.mark.parametrize("spelling", ["snd_soc_sdm845", "snd-soc-sdm845"])
def test_a_module_is_known_by_either_spelling(board: Dragonboard, spelling: str) -> None:
    kernel = read_kernel(Tree(board.root), RELEASE)
    assert kernel.has(spelling)
    assert kernel.can_load(spelling)


def test_the_log_is_its_messages_without_their_properties(board: Dragonboard) -> None:
    board.log("remoteproc remoteproc0: powering up adsp", "a message; with a semicolon")
    assert read_log(Tree(board.root)) == ("remoteproc remoteproc0: powering up adsp", "a message; with a semicolon")


@pytest.mark.parametrize(
    "folder",
    [f"lib/firmware/updates/{RELEASE}", "lib/firmware/updates", f"lib/firmware/{RELEASE}", "lib/firmware"],
)
def test_firmware_is_found_wherever_the_kernel_looks(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(ELF)
    assert read_firmware(Tree(str(tmp_path)), RELEASE, NAME).path == f"/{folder}/{NAME}"


def test_firmware_is_found_where_the_kernel_was_told_to_look(board: Dragonboard) -> None:
    board.put("sys/module/firmware_class/parameters/path", "/vendor/firmware\n")
    board.put(f"vendor/firmware/{NAME}", ELF)
    assert read_firmware(Tree(board.root), RELEASE, NAME).path == f"/vendor/firmware/{NAME}"


def test_packed_firmware_will_do_if_the_kernel_can_unpack_it(board: Dragonboard) -> None:
    board.take(FIRMWARE)
    board.put(f"{FIRMWARE}.xz", b"\xfd7zXZ\0")
    assert board.result("firmware").judgement.standing is Standing.OK


def test_packed_firmware_is_of_no_use_to_a_kernel_that_cannot_unpack_it(board: Dragonboard) -> None:
    board.take(FIRMWARE)
    board.put(f"{FIRMWARE}.zst", b"\x28\xb5\x2f\xfd")
    board.lose_dsp()
    fault = board.result("firmware").judgement
    assert fault.line == f"/{FIRMWARE}.zst is packed, and this kernel cannot unpack it"
    assert fault.command == f"unzstd -k /{FIRMWARE}.zst"


def test_a_link_to_nothing_is_told(board: Dragonboard) -> None:
    board.take(FIRMWARE)
    (board.folder / FIRMWARE).symlink_to("../nowhere.mbn")
    assert f"the link /{FIRMWARE} -> ../nowhere.mbn leads to nothing" in board.result("firmware").judgement.facts


def test_the_file_that_the_driver_asks_for_is_looked_for_too(board: Dragonboard) -> None:
    board.put("sys/class/remoteproc/remoteproc0/firmware", "qcom/sdm845/adsp.mdt\n")
    board.lose_dsp()
    fault = board.result("firmware").judgement
    assert fault.line == "qcom/sdm845/adsp.mdt is missing"
    assert "the DSP's driver asks for it; the board file does not" in fault.facts


@pytest.mark.parametrize(
    ("name", "firmware"),
    [
        ("adsp", NAME),
        ("remoteproc-adsp", NAME),
        ("17300000.remoteproc", NAME),
        ("4080000.remoteproc", "qcom/x/adsp.mdt"),
    ],
)
def test_a_processor_is_known_by_the_names_that_kernels_have_given_it(name: str, firmware: str) -> None:
    assert Processor("remoteproc0", name, "running", firmware).goes_by("adsp")


def test_another_processor_is_not_taken_for_it() -> None:
    assert not Processor("remoteproc1", "cdsp", "running", "qcom/sdm845/cdsp.mbn").goes_by("adsp")


def test_lines_of_another_form_name_nobody(board: Dragonboard) -> None:
    board.put("etc/passwd", "+::::::\nbroken\naudiobus:x:990:29::/:/bin/false\n")
    board.put("etc/group", "audio:x:nine:\naudio:x:29:\n")
    people = read_people(Tree(board.root), 990, frozenset())
    assert [user.name for user in people.users] == ["audiobus"]
    assert people.belongs("audiobus", AUDIO_GROUP)


def test_a_device_that_only_records_is_no_way_to_offload(board: Dragonboard) -> None:
    reason = "it does not play; it is a capture or a conversion device"
    board.answers[:] = [Finding("hw:0,3", CARD, "/dev/snd/comprC0D3", None, reason)]
    assert board.result("compress").judgement.line == "comprC0D3, which sink dsp names, does not play"


def test_a_device_that_somebody_unseen_holds_is_busy_and_not_broken(board: Dragonboard) -> None:
    board.answers[:] = [Finding("hw:0,3", CARD, "/dev/snd/comprC0D3", None, "busy: somebody else has it open")]
    found = board.examine()
    assert found.is_well
    assert board.result("in use").judgement.command == "fuser -v /dev/snd/comprC0D3"


def test_who_logged_in_before_joining_the_group_is_told_to_log_in_again(board: Dragonboard) -> None:
    board.close()
    board.my_groups = frozenset({990})
    fault = board.result("access").judgement
    assert fault.line == "audiobus is in the group audio, but logged in before that"
    assert fault.command == "newgrp audio"


def test_a_container_is_told_that_its_host_decides(board: Dragonboard) -> None:
    board.close()
    board.put("run/systemd/container", "lxc\n")
    fault = board.result("access").judgement
    assert fault.line == "audiobus may not open /dev/snd/comprC0D3 from inside this container"
    assert "its host has to pass on the device" in fault.advice


def test_a_library_that_does_not_load_is_told_with_the_loaders_words(board: Dragonboard) -> None:
    words = "libavcodec.so.62: cannot open shared object file: No such file or directory"
    board.libraries = board.libraries.replace(decoder=Program("", words))
    found = board.result("decoder").judgement
    assert found.standing is Standing.WARNING
    assert found.facts == (words,)


def test_a_machine_that_offloads_nothing_is_only_warned_of_a_closed_sound_card(tmp_path: Path) -> None:
    board = Dragonboard(tmp_path)
    board.take("etc/audiobus/board.yaml")
    board.take("dev/snd/comprC0D3")
    board.close()
    board.answers.clear()
    scene = look_around(None, board)
    assert check_access(scene).standing is Standing.WARNING


class Speechless:
    """Stands where alsaaudio does, with one control."""

    class ALSAAudioError(Exception):
        """alsaaudio's own."""

    def mixers(self, cardindex: int) -> list[str]:
        """List the controls."""
        return ["QUAT_MI2S_RX Audio Mixer MultiMedia4"] if cardindex == 0 else []

    def Mixer(self, **_: object) -> object:  # noqa: N802  # alsaaudio's name
        """Open none of them."""
        raise self.ALSAAudioError("Unable to find mixer control")


def test_the_nearest_name_of_a_control_is_a_fact_and_not_part_of_the_story() -> None:
    wanted = Control("QUAT_MI2S_RX Audio Mixer MultiMedia9", value=True, place="board.yaml:7:9")
    state = read_control(CardMixer(0, "DB845c", alsa=cast("ModuleType", Speechless())), wanted)
    assert state.problem == "card DB845c has no mixer control 'QUAT_MI2S_RX Audio Mixer MultiMedia9'"
    assert state.hint == "did you mean 'QUAT_MI2S_RX Audio Mixer MultiMedia4'?"
