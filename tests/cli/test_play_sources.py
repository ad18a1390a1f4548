"""`audiobus play` of what is no file that lies there: pipes, addresses, playlists."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAMS, Desk
from tests.media.origin.web_server import WebServer, head, ranges, raw, serving, whole

FAST = ("--private", "--device", "virtual:q6asm", "--speed", "inf", "--json")


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as made:
        yield made


def test_standard_input_and_the_file_itself_are_sent_alike(desk: Desk, mp3: Path) -> None:
    desk.run("audiobus", "play", str(mp3), *FAST, "--tap", "file.bin")
    command = [str(PROGRAMS / "audiobus"), "play", "-", *FAST, "--tap", "pipe.bin"]
    with subprocess.Popen(["cat", str(mp3)], stdout=subprocess.PIPE) as cat:
        environment = {**os.environ, "AUDIOBUS_BOARD": ""}
        done = subprocess.run(command, stdin=cat.stdout, cwd=desk.folder, env=environment, check=False, timeout=60)
    assert done.returncode == 0
    assert (desk.folder / "pipe.bin").read_bytes() == (desk.folder / "file.bin").read_bytes()


def test_an_address_plays_undecoded_and_a_missing_one_is_told_and_passed_over(
    desk: Desk, mp3: Path, server: WebServer
) -> None:
    song = server.on("/song.mp3", ranges(mp3.read_bytes()))
    gone = server.on("/gone", raw(head("HTTP/1.1 404 Not Found", Content_Length=0)))
    done = desk.run("audiobus", "play", gone, song, *FAST)
    assert done.code == 2
    assert f"{gone}: the server answers 404 Not Found" in done.err
    assert done.last("summary")["mode"] == "offload"
    assert done.last("summary")["file"] == song


def test_playlists_are_played_in_order_and_what_is_missing_is_named(desk: Desk, mp3: Path, short_flac: Path) -> None:
    (desk.folder / "music").mkdir()
    desk.put("music/a.mp3", mp3.read_bytes())
    desk.put("music/b.flac", short_flac.read_bytes())
    desk.put("music/inner.pls", b"[playlist]\nFile1=b.flac\nFile2=../outer.m3u\n")
    desk.put("outer.m3u", b"#EXTM3U\n#EXTINF:9,One\nmusic/a.mp3\nmusic/missing.mp3\nmusic/inner.pls\n")
    done = desk.run("audiobus", "play", "outer.m3u", *FAST)
    files = [event["file"] for event in done.events if event["event"] == "summary"]
    assert files == ["music/a.mp3", "music/b.flac"]
    assert done.code == 2
    assert "music/missing.mp3 does not exist" in done.err
    assert "playlists name each other in a circle" in done.err


def test_an_address_that_turns_out_to_be_a_playlist_plays_what_it_lists(
    desk: Desk, mp3: Path, server: WebServer
) -> None:
    server.on("/song.mp3", whole(mp3.read_bytes()))
    tune = server.on("/tune", whole(b"#EXTM3U\n#EXTINF:1,x\nsong.mp3\n", Content_Type="audio/x-mpegurl"))
    done = desk.run("audiobus", "play", tune, *FAST)
    assert done.last("summary")["seconds"] == 9.0
    assert done.code == 0


def test_a_playlist_from_the_web_names_no_files_of_this_machine(desk: Desk, server: WebServer) -> None:
    place = server.on("/list.m3u", whole(b"file:///etc/passwd\n"))
    done = desk.run("audiobus", "play", place, *FAST)
    assert done.code == 2
    assert "a playlist from the web names a file of this machine" in done.err


def test_a_file_plays_without_what_speaks_http_or_decodes(desk: Desk, mp3: Path) -> None:
    program = (
        "import sys; from pyaudiobus.cli.audiobus import main; "
        f"sys.argv = ['audiobus', 'play', {str(mp3)!r}, *{FAST!r}]; main(); "
        "heavy = {'http', 'http.client', 'ssl', 'asyncio', 'yaml', 'termios'}; "
        "own = [name for name in sys.modules if name.startswith('pyaudiobus.client.stream')]; "
        "print(sorted(heavy & set(sys.modules)), own, file=sys.stderr)"
    )
    done = desk.run("python", "-c", program)
    assert done.err.splitlines()[-1] == "[] []"
