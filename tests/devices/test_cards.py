"""Cards as the kernel lists them, on a tree like the board's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyaudiobus.devices.cards import Card, card_number, cards, driver_of, parse_device
from pyaudiobus.errors import UserError

BOARD = """\
 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi
                      vc4-hdmi
 1 [DB845c         ]: sdm845 - DB845c
                      thundercomm-DB845c-
10 [U0x46d0x825    ]: USB-Audio - USB Device 0x46d:0x825
                      USB Device 0x46d:0x825 at usb-0000:00:14.0-2, high speed
"""


@pytest.fixture
def board(tmp_path: Path) -> str:
    (tmp_path / "proc/asound").mkdir(parents=True)
    (tmp_path / "proc/asound/cards").write_text(BOARD)
    return str(tmp_path)


def test_each_card_has_a_number_an_id_a_driver_and_a_name(board: str) -> None:
    assert cards(board)[1] == Card(1, "DB845c", "sdm845", "DB845c")
    assert cards(board)[10].id == "U0x46d0x825"
    assert list(cards(board)) == [0, 1, 10]


def test_a_machine_without_sound_has_no_cards(tmp_path: Path) -> None:
    assert cards(str(tmp_path)) == {}
    (tmp_path / "proc/asound").mkdir(parents=True)
    (tmp_path / "proc/asound/cards").write_text("--- no soundcards ---\n")
    assert cards(str(tmp_path)) == {}


def test_a_kernel_without_proc_asound_is_read_from_sysfs(tmp_path: Path) -> None:
    folder = tmp_path / "sys/class/sound/card2"
    (folder / "device").mkdir(parents=True)
    (folder / "id").write_text("Board\n")
    (tmp_path / "drivers/snd-virtual-dsp").mkdir(parents=True)
    (folder / "device/driver").symlink_to(tmp_path / "drivers/snd-virtual-dsp")
    assert cards(str(tmp_path)) == {2: Card(2, "Board", "snd-virtual-dsp", "Board")}


def test_the_driver_of_a_card_that_is_not_there_is_unknown(board: str) -> None:
    assert driver_of(1, board) == "sdm845"
    assert driver_of(7, board) == ""


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("DB845c", 1), ("vc4hdmi", 0), ("42", 42)])
def test_a_card_is_named_by_number_or_id(board: str, text: str, number: int) -> None:
    assert card_number(text, board) == number


def test_a_wrong_card_id_shows_the_right_ones(board: str) -> None:
    with pytest.raises(UserError) as caught:
        card_number("DB820c", board)
    assert "card 1: DB845c (DB845c)" in caught.value.facts


@pytest.mark.parametrize(
    ("text", "address"), [("hw:0,3", (0, 3)), ("hw:DB845c,3", (1, 3)), ("hw:1", (1, 0)), ("hw:vc4hdmi", (0, 0))]
)
def test_a_device_is_a_card_and_a_number(board: str, text: str, address: tuple[int, int]) -> None:
    assert parse_device(text, board) == address


@pytest.mark.parametrize("text", ["hw", "hw:", "hw:0,", "hw:0,x", "plughw:0,3", "0,3", "", "hw:,3", "hw:0,-1"])
def test_what_is_no_device_is_told_how_to_write_one(board: str, text: str) -> None:
    with pytest.raises(UserError):
        parse_device(text, board)
