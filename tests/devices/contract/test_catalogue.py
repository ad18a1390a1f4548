"""Finding devices: on a tree like the board's, behind it the emulated kernel."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pyaudiobus.devices.catalogue import Finding, find_compress_devices
from pyaudiobus.devices.compress import Bounds
from pyaudiobus.model.format import Codec
from tests.devices.contract.standins import Standin

CARDS = " 0 [DB845c         ]: sdm845 - DB845c\n                      DB845c\n"


@pytest.fixture
def board(kernel_standin: Standin, tmp_path: Path) -> Path:
    """A root with card 0 and its device 0, which the emulated kernel answers for."""
    assert kernel_standin.node == str(tmp_path / "dev/snd/comprC0D0")
    (tmp_path / "proc/asound").mkdir(parents=True)
    (tmp_path / "proc/asound/cards").write_text(CARDS)
    return tmp_path


def only(board: Path, standin: Standin) -> Finding:
    (finding,) = find_compress_devices(str(board), standin.shared_object)
    return finding


def test_a_machine_without_sound_has_no_devices(tmp_path: Path) -> None:
    assert find_compress_devices(str(tmp_path)) == []


def test_a_free_device_is_usable_and_tells_what_it_can(board: Path, kernel_standin: Standin) -> None:
    finding = only(board, kernel_standin)
    assert (finding.name, finding.driver, finding.card.id) == ("hw:0,0", "sdm845", "DB845c")
    assert finding.usable
    assert finding.caps is not None
    assert Codec.FLAC in finding.caps.codecs
    assert finding.caps.fragment_size == Bounds(8192, 131072)


def test_probing_leaves_the_device_free(board: Path, kernel_standin: Standin) -> None:
    assert only(board, kernel_standin).usable
    assert only(board, kernel_standin).usable


def test_devices_come_in_the_order_of_their_numbers(board: Path, kernel_standin: Standin) -> None:
    for entry in ("comprC0D10", "comprC0D3", "comprC2D0", "pcmC0D0p", "controlC0", "comprCxD1"):
        (board / "dev/snd" / entry).touch()
    found = [finding.name for finding in find_compress_devices(str(board), kernel_standin.shared_object)]
    assert found == ["hw:0,0", "hw:0,3", "hw:0,10", "hw:2,0"]


def test_a_card_that_the_kernel_does_not_list_is_still_shown(board: Path, kernel_standin: Standin) -> None:
    (board / "proc/asound/cards").unlink()
    finding = only(board, kernel_standin)
    assert finding.usable
    assert finding.driver == ""


def test_a_busy_device_names_who_has_it(board: Path, kernel_standin: Standin) -> None:
    owner = board / "proc/321"
    (owner / "fd").mkdir(parents=True)
    (owner / "comm").write_text("mpd\n")
    (owner / "fd/5").symlink_to(os.path.realpath(kernel_standin.node))
    kernel_standin.fail("open", errno.EBUSY)
    finding = only(board, kernel_standin)
    assert finding.reason == "busy: mpd (pid 321) has it open"
    assert finding.caps is None


def test_a_busy_device_whose_owner_is_hidden_is_still_busy(board: Path, kernel_standin: Standin) -> None:
    kernel_standin.fail("open", errno.EBUSY)
    assert only(board, kernel_standin).reason == "busy: somebody else has it open"


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [("open", errno.EACCES, "no permission"), ("open", errno.EPERM, "container"), ("open", errno.ENODEV, "unplugged"),
     ("open", errno.ENOMEM, "no memory"), ("caps", errno.ENXIO, "no capabilities"),
     ("version", errno.ENOTTY, "no compress"), ("caps", errno.EIO, "cannot ask the capabilities")],
)  # fmt: skip
def test_why_a_device_is_unusable_is_told_in_a_few_words(
    board: Path, kernel_standin: Standin, call: str, code: int, words: str
) -> None:
    kernel_standin.fail(call, code)
    finding = only(board, kernel_standin)
    assert not finding.usable
    assert words in finding.reason
    assert only(board, kernel_standin).usable  # it was closed again


def test_a_capture_device_is_shown_as_one(board: Path, kernel_standin: Standin) -> None:
    os.rename(kernel_standin.node, board / "dev/snd/comprC0D9")
    assert "does not play" in only(board, kernel_standin).reason


def test_a_plain_file_in_the_way_is_no_compress_device(tmp_path: Path) -> None:
    (tmp_path / "dev/snd").mkdir(parents=True)
    (tmp_path / "dev/snd/comprC0D0").touch()
    (finding,) = find_compress_devices(str(tmp_path))
    assert "no compress device" in finding.reason
