"""What people mean when they name an object of the bus."""

from types import MappingProxyType

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot

EMPTY: MappingProxyType[str, str] = MappingProxyType({})


def bus(*names: str) -> Snapshot:
    return Snapshot.of(Item(9 + at, "node", name, 0, "running", EMPTY, EMPTY) for at, name in enumerate(names))


def test_a_stream_of_a_file_is_meant_by_the_name_that_lists_show() -> None:
    found = bus("speaker", "/music/song.mp3").find("song.mp3", "node")
    assert found is not None
    assert found.serial == 10


def test_a_name_comes_before_a_file_s() -> None:
    found = bus("/music/song.mp3", "song.mp3").find("song.mp3")
    assert found is not None
    assert found.serial == 10


def test_of_two_files_of_one_name_neither_is_meant() -> None:
    assert bus("/a/song.mp3", "/b/song.mp3").find("song.mp3") is None
