"""status, inspect, dump: what is told of a bus, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyaudiobus.cli.table import columns
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus

STEREO = PcmFormat(Encoding.S16, 48_000, 2)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def desk(bus: LiveBus) -> BusDesk:
    return BusDesk(bus)


@pytest.fixture
def song(bus: LiveBus) -> Iterator[PlaybackStream]:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "song", corked=True) as stream:
        yield stream


def test_the_default_sink_is_marked_and_shows_who_plays_there(desk: BusDesk, song: PlaybackStream) -> None:
    words = desk.told("status")
    [null] = [sink for sink in words["sinks"] if sink["default"]]
    assert null["name"] == "null"
    [playing] = null["playing"]
    assert (playing["serial"], playing["name"], playing["client"]["name"]) == (song.serial, "song", "jukebox")
    assert playing["client"]["pid"] > 0
    assert playing["volume"]["percent"] == [100]
    assert [source["name"] for source in words["sources"]] == ["mic"]


def test_status_fits_80_columns_and_says_why_a_stream_is_where_it_is(desk: BusDesk, song: PlaybackStream) -> None:
    song.set_properties(**{"media.name": "x"})
    out = desk.run("status").out
    assert max(map(len, out.splitlines())) < 80
    assert "*" in next(line for line in out.splitlines() if " null " in line)
    assert "by jukebox, pid" in out
    assert "it is the default sink" in out
    assert "\x1b" not in out


def test_what_hears_a_stream_stands_below_it(desk: BusDesk, bus: LiveBus, song: PlaybackStream) -> None:
    with Remote("spy", bus.path) as remote, record(remote, STEREO, "tape", str(song.serial)) as tape:
        [null] = [sink for sink in desk.told("status")["sinks"] if sink["default"]]
        assert [heard["serial"] for heard in null["playing"][0]["recording"]] == [tape.serial]
        assert null["recording"] == []


def test_the_tool_itself_is_not_in_its_picture(desk: BusDesk, song: PlaybackStream) -> None:
    assert [client["name"] for client in desk.told("status")["clients"]] == ["jukebox"]
    assert song.serial


@pytest.mark.parametrize("wanted", ["song", "so", "{serial}"])
def test_an_object_is_found_by_name_serial_or_beginning(desk: BusDesk, song: PlaybackStream, wanted: str) -> None:
    words = desk.told("inspect", wanted.format(serial=song.serial))
    assert words["serial"] == song.serial
    assert words["facts"]["format"] == "s16/48000/2"
    assert words["owner"]["name"] == "jukebox"
    assert [link["kind"] for link in words["links"]] == ["link"]
    assert words["params"]["Props"] == [{"volume": [1.0], "mute": False}]
    assert "    kind: ring, capacity: 4194304, frame_size: 4" in desk.run("inspect", str(song.serial)).out


def test_a_client_shows_what_it_may_do(desk: BusDesk, song: PlaybackStream) -> None:
    words = desk.told("inspect", "jukebox")
    assert words["kind"] == "client"
    assert song.serial in [one["serial"] for one in words["objects"]]
    out = desk.run("inspect", "jukebox").out
    assert "executable: " in out
    assert "rwxml" in out


def test_a_name_that_is_none_gets_the_list(desk: BusDesk) -> None:
    done = desk.run("inspect", "radio")
    assert done.code == 2
    assert "there is no object 'radio'" in done.err
    assert "  null  (Audio/Sink)" in done.err


def test_a_beginning_that_several_have_gets_their_numbers(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "tune one"), play(remote, STEREO, "tune two"):
        done = desk.run("inspect", "tune")
    assert done.code == 2
    assert "'tune' may be any of" in done.err
    assert "tune one" in done.err


def test_a_dump_holds_everything_and_can_be_looked_at_later(
    desk: BusDesk, song: PlaybackStream, tmp_path: Path
) -> None:
    done = desk.run("dump")
    words = json.loads(done.out)
    assert words["daemon"]["protocol"] >= 1
    kinds = {one["kind"] for one in words["bus"]["objects"]}
    assert {"core", "client", "node", "port", "link", "metadata"} <= kinds
    assert str(song.serial) in words["params"]
    [core] = [one for one in words["bus"]["objects"] if one["kind"] == "core"]
    assert core["facts"]["default_sink"] == "null"
    assert "other=null" in core["facts"]["sinks"]
    kept = tmp_path / "dump.json"
    kept.write_text(done.out)
    then = desk.told("status", "--from", str(kept))
    assert [sink["name"] for sink in then["sinks"]] == [sink["name"] for sink in desk.told("status")["sinks"]]


def test_something_else_is_no_dump(desk: BusDesk, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("[1, 2]")
    done = desk.run("status", "--from", str(tmp_path / "list"))
    assert (done.code, "is no dump of a bus" in done.err) == (2, True)


@pytest.mark.parametrize("words", [("status",), ("dump",), ("inspect", "null")])
def test_without_a_daemon_one_sentence_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    class Nowhere:
        path = str(tmp_path / "absent")

    done = BusDesk(Nowhere()).run(*words)  # type: ignore[arg-type]
    assert done.code == 2
    assert done.err.startswith("audiobus: cannot connect to the audio bus at ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize("words", [("status",), ("inspect", "evil"), ("monitor",), ("dot",), ("top",)])
def test_a_name_cannot_move_the_cursor_or_add_lines(desk: BusDesk, bus: LiveBus, words: tuple[str, ...]) -> None:
    ends = {"monitor": ("--kind", "node", "-n", "5"), "top": ("--batch", "-n", "1", "-d", "0.01")}
    with Remote("evil\x1b[2J\nclient", bus.path) as remote, play(remote, STEREO, "evil\x1b[31m\n\x07\u202e\x7f"):
        done = desk.run(words[0], *ends.get(words[0], words[1:]))
    assert done.code == 0, done.err
    assert not {"\x1b", "\x07", "\x7f", "\u202e"} & set(done.out)
    assert not any(line.startswith(("client", "\x07")) for line in done.out.splitlines())


def test_wide_letters_take_two_columns(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "音楽" * 20):
        line = next(line for line in desk.run("status").out.splitlines() if "音" in line)
    assert columns(line) < 80
    assert "~" in line


def test_of_a_file_that_plays_its_name_is_shown(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "/a/long/way/to/the/music/of/the/owner/song.mp3"):
        assert " song.mp3 " in desk.run("status").out
        assert "<- song.mp3 " in desk.run("top", "--batch", "-n", "1", "-d", "0.01").out


def test_many_streams_are_all_told(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("choir", bus.path) as remote:
        voices = [play(remote, STEREO, f"voice {number}", corked=True) for number in range(40)]
        [null] = [sink for sink in desk.told("status")["sinks"] if sink["default"]]
        assert {one["serial"] for one in null["playing"]} >= {voice.serial for voice in voices}
        assert desk.run("dump").code == 0
