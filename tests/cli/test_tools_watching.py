"""metadata, dot, top, profile, kill, loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pyaudiobus.cli.cycle_picture import draw
from pyaudiobus.client.mirror import follow
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.record import record
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import PeerError
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus

STEREO = PcmFormat(Encoding.S16, 48_000, 2)
LOUD = b"\x11\x11" * 2 * 4_800


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def desk(bus: LiveBus) -> BusDesk:
    return BusDesk(bus)


@pytest.fixture
def song(bus: LiveBus) -> Iterator[PlaybackStream]:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, 'a "song" \\') as stream:
        yield stream


def start(desk: BusDesk, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pyaudiobus.cli", words[0], "--remote", desk.path, *words[1:]]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# ---- metadata ----


def test_metadata_are_set_told_and_deleted(desk: BusDesk) -> None:
    null = desk.told("inspect", "null")["serial"]
    assert desk.told("metadata", "set", "null", "note", "loud")["subject"] == null
    assert desk.run("metadata", "get", "null").out == f"{null} note = loud\n"
    assert desk.run("metadata", "get", "null", "note").out == f"{null} note = loud\n"
    assert desk.told("inspect", "null")["metadata"] == {"note": "loud"}
    assert desk.told("metadata", "delete", "null", "note")["key"] == "note"
    gone = desk.run("metadata", "get", "null", "note")
    assert (gone.code, gone.out) == (1, "")
    assert desk.run("metadata", "delete", "null", "note").code == 2


def test_metadata_about_the_bus_are_under_0(desk: BusDesk) -> None:
    assert "0 default.audio.sink = null\n" in desk.run("metadata").out
    desk.told("metadata", "set", "0", "default.audio.sink", "other")
    assert desk.run("default").out == "other\n"
    desk.told("metadata", "set", "0", "default.audio.sink", "null")


@pytest.mark.parametrize("words", [("set", "0", "key"), ("set",), ("delete",), ("get", "0", "key", "more")])
def test_metadata_with_words_missing_say_how_to_write_it(desk: BusDesk, words: tuple[str, ...]) -> None:
    done = desk.run("metadata", *words)
    assert (done.code, f"write: audiobus metadata {words[0]}" in done.err) == (2, True)


def test_metadata_are_watched(desk: BusDesk) -> None:
    watcher = start(desk, "metadata", "watch", "0", "mood", "--json")
    try:
        desk.told("metadata", "set", "0", "mood", "calm")
        assert watcher.stdout is not None
        assert json.loads(watcher.stdout.readline())["value"] == "calm"
        desk.told("metadata", "delete", "0", "mood")
        assert json.loads(watcher.stdout.readline())["event"] == "cleared"
    finally:
        watcher.send_signal(signal.SIGINT)
        assert watcher.wait(30) == 130


# ---- pictures ----


def test_the_graph_holds_nodes_links_and_whose_they_are(desk: BusDesk, song: PlaybackStream) -> None:
    out = desk.run("dot").out
    assert out.startswith("digraph audiobus {")
    assert 'label="jukebox\\nclient ' in out
    assert f'n{song.serial} [label="a \\"song\\" \\\\\\n{song.serial}' in out
    null = desk.told("inspect", "null")["serial"]
    assert f"n{song.serial} -> n{null} [" in out
    words = desk.told("dot")
    assert {"output": song.serial, "input": null} in [
        {"output": link["output"], "input": link["input"]} for link in words["links"]
    ]


def test_a_picture_without_graphviz_says_what_is_missing(desk: BusDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    done = desk.run("dot", "--svg")
    assert (done.code, "Graphviz's dot, which is not installed" in done.err) == (2, True)


def test_cycles_are_told_as_a_table_as_json_and_as_a_picture(
    desk: BusDesk, song: PlaybackStream, tmp_path: Path
) -> None:
    song.write(LOUD)
    song.drain()
    words = desk.told("profile", "null", "-n", "4")
    assert 0 < len(words["cycles"]) <= 4
    assert words["summary"]["busy_longest"] > 0
    assert all(cycle["finished"] >= cycle["awake"] for cycle in words["cycles"])
    assert "wait: median " in desk.run("profile", "null").out
    assert desk.run("profile", "--svg", str(tmp_path / "x.svg")).out == ""
    picture = ET.parse(tmp_path / "x.svg").getroot()
    assert picture.tag.endswith("svg")


def test_a_device_that_never_ran_has_no_cycles(desk: BusDesk) -> None:
    assert desk.run("profile", "slow").out.startswith("slow: no cycles; it is ")
    assert desk.told("profile", "slow")["cycles"] == []
    assert desk.run("profile", "slow", "--svg", "-").code == 0
    assert desk.run("profile", "radio").code == 2


@pytest.mark.parametrize("late", [0, 5_000_000])
def test_the_picture_stays_a_picture_whatever_the_name_and_the_times(late: int) -> None:
    cycle = {"due": 10, "awake": 10 + late, "finished": 500_010 + late, "frames": 1024, "queued": 0}
    ET.fromstring(draw("<&\x1b>", 48_000, [cycle] * 3))
    ET.fromstring(draw("empty", 0, []))


# ---- top ----


def test_top_tells_what_devices_and_streams_cost(desk: BusDesk, song: PlaybackStream) -> None:
    song.write(LOUD)
    done = desk.run("top", "--json", "-n", "2", "-d", "0.05")
    first, second = (json.loads(line) for line in done.out.splitlines())
    [null] = [node for node in second["nodes"] if node["name"] == "null"]
    assert null["quantum"] > 0
    assert null["wakeups"] > 0
    [stream] = [node for node in first["nodes"] if node["serial"] == song.serial]
    assert stream["at"] == null["serial"]


def test_top_in_batches_fits_a_terminal(desk: BusDesk, song: PlaybackStream) -> None:
    done = desk.run("top", "--batch", "-n", "1", "-d", "0.01")
    lines = done.out.splitlines()
    assert lines[0].split() == ["ID", "NAME", "STATE", "QUANT", "WAIT", "BUSY", "LOAD", "XRUN", "WAKE/s", "DSP"]
    assert max(map(len, lines)) < 80
    null = next(at for at, line in enumerate(lines) if " null " in line)
    assert lines[null + 1].split()[:2] == [str(song.serial), "<-"]


def test_top_ends_quietly_when_interrupted(desk: BusDesk) -> None:
    watcher = start(desk, "top", "--batch", "-d", "0.01")
    assert watcher.stdout is not None
    watcher.stdout.readline()
    watcher.send_signal(signal.SIGINT)
    _, err = watcher.communicate(timeout=30)
    assert (watcher.returncode, err) == (130, "")


# ---- ends ----


def test_a_killed_client_loses_what_it_has(desk: BusDesk, bus: LiveBus) -> None:
    with Remote("victim", bus.path) as victim:
        play(victim, STEREO, "last words", corked=True)
        assert desk.told("kill", "victim")["name"] == "victim"
        with pytest.raises(PeerError):
            victim.ask("sync")
        assert desk.run("inspect", "last words").code == 2


def test_the_killer_does_not_kill_itself(desk: BusDesk) -> None:
    assert desk.run("kill", "audiobus kill").code == 2


def test_loopback_carries_sound_until_it_is_interrupted(desk: BusDesk, bus: LiveBus) -> None:
    carrier = start(desk, "loopback", "null", "other", "--json", "--latency", "20")
    assert carrier.stdout is not None
    told = json.loads(carrier.stdout.readline())
    assert (told["from"], told["to"]) == ("null", "other")
    with Remote("ear", bus.path) as ear, record(ear, STEREO, "tape", "other") as tape:
        with Remote("mouth", bus.path) as mouth, play(mouth, STEREO, "song", target="null") as song:
            mirror = follow(ear)
            while mirror.snapshot().items[told["record"]].state != "running":
                ear.wait()
            song.write(LOUD)
            song.drain()
        found = b""
        while not found:
            found = tape.read().lstrip(b"\0")
    assert found.startswith(b"\x11\x11")
    carrier.send_signal(signal.SIGINT)
    assert carrier.wait(30) == 130


def test_a_filter_passes_on_what_is_played_into_it_softer(desk: BusDesk, bus: LiveBus) -> None:
    carrier = start(desk, "filter", "softer", "--for", "null", "--volume", "0%", "--json", "--latency", "20")
    assert carrier.stdout is not None
    told = json.loads(carrier.stdout.readline())
    with Remote("looker", bus.path) as looker:
        snapshot = follow(looker).snapshot()
        sink, out = snapshot.items[told["sink"]], snapshot.items[told["playback"]]
        assert (sink.name, sink.properties["filter.smart.target"], out.facts["volume"]) == ("softer", "null", "0")
        assert snapshot.items[told["record"]].properties["node.link-group"] == out.properties["node.link-group"]
    with Remote("mouth", bus.path) as mouth, play(mouth, STEREO, "song", target="softer") as song:
        song.write(LOUD)
        song.drain()
    carrier.send_signal(signal.SIGINT)
    assert carrier.wait(30) == 130


def test_a_sink_is_not_made_to_hear_itself(desk: BusDesk) -> None:
    done = desk.run("loopback", "null", "null")
    assert (done.code, "would hear itself" in done.err) == (2, True)
