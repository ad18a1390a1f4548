"""The board as JSON: when it is used instead of the board file, and when it is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pyaudiobus.config.board_file import load_board
from pyaudiobus.config.compiled_board import read_compiled, stamp_of, write_compiled
from pyaudiobus.model.board import Board

FILE = Path(__file__).parent / "dragonboard.yaml"


class Shelf:
    """A board file and its compiled form."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "board.yaml"
        self.compiled = folder / "board.json"
        shutil.copy(FILE, self.file)
        self.compile()

    def compile(self) -> None:
        stamp = stamp_of(str(self.file))
        assert stamp is not None
        write_compiled(load_board(str(self.file)), stamp, str(self.compiled))

    def read(self) -> Board | None:
        return read_compiled(str(self.file), str(self.compiled))

    def change(self, **entries: object) -> None:
        self.compiled.write_text(json.dumps({**json.loads(self.compiled.read_text()), **entries}))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_it_says_the_same_as_the_file(shelf: Shelf) -> None:
    assert shelf.read() == load_board(str(shelf.file))
    assert shelf.compiled.stat().st_mode & 0o777 == 0o644
    assert sorted(os.listdir(shelf.file.parent)) == ["board.json", "board.yaml"]


def test_it_takes_the_place_of_an_older_one(shelf: Shelf) -> None:
    shelf.file.write_text("board: another\n")
    assert shelf.read() is None
    shelf.compile()
    found = shelf.read()
    assert found is not None
    assert found.name == "another"


def test_a_file_put_in_the_place_of_the_first_is_another_file(shelf: Shelf, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    shutil.copy2(shelf.file, other)  # as large, and of the same time
    other.replace(shelf.file)
    assert shelf.read() is None


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_what_others_could_have_written_is_not_believed(shelf: Shelf, mode: int) -> None:
    shelf.compiled.chmod(mode)
    assert shelf.read() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_wrote_is_not_believed(shelf: Shelf) -> None:
    os.chown(shelf.compiled, 65534, 65534)
    assert shelf.read() is None


@pytest.mark.parametrize(
    "entries",
    [
        {"made_by": "0.0.0"},
        {"path": "/etc/audiobus/other.yaml"},
        {"stamp": [1, 2, 3, 4]},
        {"stamp": None},
        {"board": 3},
        {"board": {"Board": [1, 2, 3, 4, 5, 6, 7, 8, 9]}},
        {"board": {"Popen": ["true"]}},
        {"board": {"Codec": "mp9"}},
        {"board": {"SinkKind": "pcm"}},
    ],
)
def test_what_does_not_fit_is_as_if_it_were_not_there(shelf: Shelf, entries: dict[str, object]) -> None:
    shelf.change(**entries)
    assert shelf.read() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '{"board": 1}'])
def test_what_is_broken_is_as_if_it_were_not_there(shelf: Shelf, text: str) -> None:
    shelf.compiled.write_text(text)
    assert shelf.read() is None


def test_a_file_that_is_gone_has_no_compiled_form(shelf: Shelf) -> None:
    shelf.file.unlink()
    assert shelf.read() is None
    assert stamp_of(str(shelf.file)) is None


def test_where_nothing_can_be_written_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_compiled(Board(), [0, 0, 0, 0], str(tmp_path / "absent" / "board.json"))
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        write_compiled(Board(), [0, 0, 0, 0], str(tmp_path / "folder"))
    assert sorted(os.listdir(tmp_path)) == ["folder"]


def test_reading_it_loads_no_yaml(shelf: Shelf) -> None:
    script = (
        "import sys; from pyaudiobus.config.compiled_board import read_compiled\n"
        "assert read_compiled(*sys.argv[1:]) is not None\n"
        "print(*sorted({'yaml', 'difflib', 'pyaudiobus.config.document'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", script, str(shelf.file), str(shelf.compiled)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "\n"
