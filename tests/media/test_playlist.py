"""Playlists as programs write them: which entries, under which titles, and where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pyaudiobus.errors import MediaError
from pyaudiobus.media.playlist import MOST_BYTES, PlaylistEntry, looks_like_playlist, parse_playlist

PLS = b"[playlist]\nNumberOfEntries=2\nFile2=http://b/two\nTitle2=Two\nLength2=-1\nfile1=one.mp3\nVersion=2\n"
EXTENDED = "#EXTM3U\r\n#EXTINF:123,Artist - Title, with a comma\r\nsub/a.mp3\r\n\r\n# a remark\r\nhttp://h/b?x=1\r\n"


def entries(data: bytes, place: str = "/music/list.m3u") -> list[tuple[str, str]]:
    return [(entry.place, entry.title) for entry in parse_playlist(data, place)]


def test_an_extended_m3u_has_titles_and_paths_from_its_own_folder() -> None:
    assert entries(EXTENDED.encode()) == [
        ("/music/sub/a.mp3", "Artist - Title, with a comma"),
        ("http://h/b?x=1", ""),
    ]


def test_a_plain_m3u_is_a_line_for_each_entry() -> None:
    assert entries(b"a.mp3\n/abs/b.flac\n") == [("/music/a.mp3", ""), ("/abs/b.flac", "")]


def test_a_pls_is_read_in_the_order_of_its_numbers() -> None:
    assert entries(PLS) == [("/music/one.mp3", ""), ("http://b/two", "Two")]


def test_a_list_on_the_web_has_its_entries_there() -> None:
    found = parse_playlist(b"a b.mp3\n../c.mp3\n/d.mp3\nhttps://x/e\n", "http://h:8000/lists/l.m3u?id=1")
    assert [entry.place for entry in found] == [
        "http://h:8000/lists/a b.mp3",
        "http://h:8000/c.mp3",
        "http://h:8000/d.mp3",
        "https://x/e",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_names_are_read_in_the_encoding_in_which_they_were_written(encoding: str) -> None:
    assert entries("#EXTM3U\n#EXTINF:1,Sigur Rós\nfjörður.mp3\n".encode(encoding)) == [
        ("/music/fjörður.mp3", "Sigur Rós")
    ]


def test_a_list_and_a_file_in_the_old_encoding_find_each_other(tmp_path: Path) -> None:
    name = os.path.join(os.fsencode(tmp_path), "fjörður.mp3".encode("latin-1"))
    Path(os.fsdecode(name)).write_bytes(b"x")
    found = parse_playlist("fjörður.mp3\n".encode("latin-1"), str(tmp_path / "list.m3u"))
    assert Path(found[0].place).read_bytes() == b"x"


def test_a_list_from_windows_finds_its_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.mp3").write_bytes(b"x")
    found = parse_playlist(b"sub\\a.mp3\r\nC:\\gone.mp3\r\n", str(tmp_path / "list.m3u"))
    assert Path(found[0].place).read_bytes() == b"x"
    assert found[1].place.endswith("C:\\gone.mp3")


def test_a_file_address_is_a_path() -> None:
    assert entries(b"file:///music/a%20b.mp3\nfile://localhost/c.mp3\n") == [("/music/a b.mp3", ""), ("/c.mp3", "")]


@pytest.mark.parametrize(
    ("place", "kind", "head", "expected"),
    [
        ("list.m3u", "", b"a.mp3\n", True),
        ("LIST.PLS", "", b"[Playlist]\n", True),
        ("http://h/listen.pls?x=1", "", b"", True),
        ("http://h/listen", "audio/x-scpls", b"[playlist]", True),
        ("anything", "", b"\xef\xbb\xbf#EXTM3U\n", True),
        ("song.mp3", "audio/mpeg", b"ID3", False),
        ("http://h/song.m3u.mp3", "", b"\xff\xfb", False),
    ],
)
def test_a_playlist_is_told_by_its_name_its_kind_or_its_beginning(
    place: str, kind: str, head: bytes, *, expected: bool
) -> None:
    assert looks_like_playlist(place, kind, head) is expected


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"#EXTM3U\n#EXT-X-TARGETDURATION:10\na.ts\n", "list of segments"), (b"x" * (MOST_BYTES + 1), "too long")],
)
def test_what_is_no_playlist_for_us_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(MediaError, match=words):
        parse_playlist(data, "list.m3u8")


def test_numbers_out_of_all_bounds_do_no_harm() -> None:
    data = b"[playlist]\nFile99999999999999999999=a\nFile0=b\nFilex=c\nTitle1=d\nFile3=\n"
    assert parse_playlist(data, "l.pls") == [PlaylistEntry("b", ""), PlaylistEntry("a", "")]
