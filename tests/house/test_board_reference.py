"""The manual's page on the board file, and every board file of this repository, held against the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyaudiobus.config.board_file import BOARD, load_board, parse_board
from pyaudiobus.config.readers import described

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "service/docs/board-file.md"
BOARD_FILES = sorted(ROOT.glob("meta-pyaudiobus/**/board.yaml"))


def rows() -> list[str]:
    """The rows of the page's tables, as the schema has them."""
    return [
        f"| `{path}` | {key.reader.form} | {'' if not key.needed else '(needed) '}{key.meaning} |"
        for path, key in described(BOARD)
    ]


def test_the_page_has_every_key_as_the_schema_has_it_and_no_other() -> None:
    found = [line for line in PAGE.read_text().splitlines() if re.match(r"\| `[a-z]+[.`]", line)]
    assert found == rows()


def test_what_the_page_shows_is_a_board_file() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert examples
    for example in examples:
        parse_board(example.encode(), str(PAGE))


def test_every_key_stands_in_the_pages_example() -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    for path, _ in described(BOARD):
        assert re.search(rf"^ *{path.rpartition('.')[2]}:", example, re.MULTILINE), path


@pytest.mark.skipif(not BOARD_FILES, reason="no layer beside the service")
@pytest.mark.parametrize("path", BOARD_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_board_file_that_is_shipped_can_be_read(path: Path) -> None:
    assert load_board(str(path)).name
