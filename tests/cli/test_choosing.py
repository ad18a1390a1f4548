"""What people mean by a name on the command line."""

from types import MappingProxyType

import pytest

from pyaudiobus.cli.choosing import choose
from pyaudiobus.errors import UserError
from pyaudiobus.model.items import Item

NOTHING: MappingProxyType[str, str] = MappingProxyType({})


def streams(*names: str) -> list[Item]:
    return [Item(9 + at, "node", name, 0, "running", NOTHING, NOTHING) for at, name in enumerate(names)]


@pytest.mark.parametrize(
    ("wanted", "serial"),
    [("song.mp3", 10), ("/music/song.mp3", 10), ("10", 10), ("radio", 9), ("ra", 9)],
    ids=["as lists show it", "whole", "by number", "by name", "by its beginning"],
)
def test_a_stream_is_meant_by(wanted: str, serial: int) -> None:
    assert choose(streams("radio", "/music/song.mp3"), wanted, "stream").serial == serial


def test_two_files_of_one_name_are_told_apart_by_their_numbers() -> None:
    with pytest.raises(UserError, match="may be any of 2 streams"):
        choose(streams("/a/song.mp3", "/b/song.mp3"), "song.mp3", "stream")
