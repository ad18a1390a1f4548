"""volume, mute, default, move, link, unlink, monitor: what people change, and how the bus tells of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.cli.loudness import parse_level
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.remote import Remote
from pyaudiobus.errors import UserError
from pyaudiobus.model.format import Encoding, PcmFormat
from tests.cli.bus_desk import BusDesk
from tests.client.live_bus import LiveBus

STEREO = PcmFormat(Encoding.S16, 48_000, 2)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBus]:
    with LiveBus(tmp_path_factory.mktemp("bus")) as live:
        yield live


@pytest.fixture
def desk(bus: LiveBus) -> Iterator[BusDesk]:
    desk = BusDesk(bus)
    yield desk
    for name in ("null", "other"):
        desk.told("volume", name, "100%")
        desk.told("mute", name, "off")
    desk.told("default", "null")


@pytest.fixture
def song(bus: LiveBus) -> Iterator[PlaybackStream]:
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "song", corked=True) as stream:
        yield stream


# ---- volume ----


@pytest.mark.parametrize(
    ("text", "before", "gain"),
    [
        ("80%", 1.0, 0.512),
        ("0%", 1.0, 0.0),
        ("150%", 1.0, 3.375),
        ("-6dB", 0.25, 10 ** (-6 / 20)),
        ("3 dB", 0.25, 10 ** (3 / 20)),
        ("+5%", 0.512, 0.85**3),
        ("-5%", 0.512, 0.75**3),
        ("5%-", 0.512, 0.75**3),
        ("-50%", 0.001, 0.0),
        ("+3dB", 0.5, 0.5 * 10 ** (3 / 20)),
        ("3dB-", 0.5, 0.5 * 10 ** (-3 / 20)),
        ("+3dB", 0.0, 0.0),
    ],
)
def test_a_level_is_per_cent_of_the_cube_scale_or_decibels(text: str, before: float, gain: float) -> None:
    assert parse_level(text).applied(before) == pytest.approx(gain)


@pytest.mark.parametrize("text", ["", "5", "loud", "5%%", "+5%-", "nan%", "1e3%", "--5%", "5 %dB", "\u0665%"])
def test_anything_else_is_no_level(text: str) -> None:
    with pytest.raises(UserError, match="is no volume"):
        parse_level(text)


def test_more_than_the_bus_gives_is_refused() -> None:
    with pytest.raises(UserError, match="more than the bus gives"):
        parse_level("500%").applied(1)
    assert parse_level("400%").applied(1) == 64


@pytest.mark.parametrize("level", ["-5%", "-6dB", "-6.5db", "+5%", "5%-"])
def test_a_level_that_begins_with_a_dash_is_no_flag(desk: BusDesk, level: str) -> None:
    words = desk.told("volume", "null", level)
    assert words["gains"] == pytest.approx([parse_level(level).applied(1)], rel=1e-5)


def test_the_default_sink_is_meant_where_nothing_is_named(desk: BusDesk) -> None:
    assert desk.run("volume").out == "null: 100% 0.0 dB\n"
    assert desk.run("volume", "@DEFAULT@", "50%").out == "null: 50% -18.1 dB\n"
    assert desk.told("inspect", "null")["facts"]["volume"] == "0.125"
    assert desk.run("volume", "+10%").out == "null: 60% -13.3 dB\n"
    assert desk.run("mute", "toggle").out == "null: muted 60%\n"


def test_channels_have_levels_of_their_own(desk: BusDesk) -> None:
    assert desk.told("volume", "other", "80%", "60%")["percent"] == [80, 60]
    assert desk.told("volume", "other", "+10%")["percent"] == [90, 70]
    assert desk.run("volume", "other").out == "other: 90% 70%\n"
    done = desk.run("volume", "other", "1%", "2%", "3%")
    assert (done.code, "other has 2 channels, and 3 levels were given" in done.err) == (2, True)


def test_a_limit_holds_a_volume_down(desk: BusDesk) -> None:
    assert desk.told("volume", "null", "+50%", "--limit", "110")["percent"] == [110]


def test_a_stream_has_a_volume_too(desk: BusDesk, song: PlaybackStream) -> None:
    assert desk.told("volume", "song", "25%")["serial"] == song.serial
    assert desk.told("volume", "song")["percent"] == [25]


def test_a_source_has_none_and_says_so(desk: BusDesk) -> None:
    done = desk.run("volume", "mic", "25%")
    assert (done.code, done.err) == (1, "audiobus: mic has no volume\n")


def test_mute_goes_on_and_off_and_leaves_the_volume(desk: BusDesk) -> None:
    assert desk.told("mute", "null", "on")["muted"]
    assert desk.run("mute", "null").out == "null: muted 100%\n"
    assert not desk.told("mute", "null", "toggle")["muted"]
    assert desk.told("mute", "null", "toggle")["muted"]
    assert desk.told("volume", "null")["percent"] == [100]


# ---- where ----


def test_the_default_sink_is_told_and_chosen(desk: BusDesk, song: PlaybackStream) -> None:
    assert desk.run("default").out == "null\n"
    assert desk.told("default", "ot") == {"serial": desk.told("inspect", "other")["serial"], "name": "other",
                                          "chosen": True}  # fmt: skip
    assert [one["serial"] for one in _sink(desk, "other")["playing"]] == [song.serial]
    assert desk.told("default", "--clear")["chosen"] is False


def test_a_stream_is_moved_and_comes_back_to_the_default(desk: BusDesk, song: PlaybackStream) -> None:
    assert desk.told("move", "song", "other")["target_name"] == "other"
    assert [one["serial"] for one in _sink(desk, "other")["playing"]] == [song.serial]
    desk.told("move", "song", "@DEFAULT@")
    assert [one["serial"] for one in _sink(desk, "null")["playing"]] == [song.serial]


def test_a_sink_that_cannot_play_it_says_why(desk: BusDesk, song: PlaybackStream) -> None:
    done = desk.run("move", str(song.serial), "slow")
    assert done.code == 1
    assert "44100" in done.err


def test_links_are_made_and_taken_out(desk: BusDesk, song: PlaybackStream) -> None:
    [gone] = desk.told("unlink", "song")
    assert gone["name"] == "song -> null"
    assert [one["serial"] for one in desk.told("status")["unlinked"]] == [song.serial]
    made = desk.told("link", "song", "other")
    assert [one["serial"] for one in _sink(desk, "other")["playing"]] == [song.serial]
    assert desk.told("unlink", str(made["serial"])) == [{"serial": made["serial"], "name": "song -> other"}]
    assert desk.run("unlink", "song").code == 2
    assert desk.run("link", "null", "other").code == 1


def _sink(desk: BusDesk, name: str) -> dict[str, list[dict[str, object]]]:
    [found] = [sink for sink in desk.told("status")["sinks"] if sink["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_device_is_closed_and_opened_by_hand(desk: BusDesk) -> None:
    assert desk.told("suspend", "other")["state"] == "suspended"
    assert desk.run("suspend", "other").out == "other: suspended\n"
    assert desk.told("resume", "other")["state"] in ("idle", "running")
    assert desk.run("suspend", "radio").code == 2


# ---- hearing of it ----


def _monitor(desk: BusDesk, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pyaudiobus.cli", "monitor", "--remote", desk.path, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_events_come_as_they_happen(desk: BusDesk, bus: LiveBus) -> None:
    watcher = _monitor(desk, "--json")
    assert watcher.stdout is not None
    while json.loads(watcher.stdout.readline()).get("name") != "null":
        pass
    with Remote("jukebox", bus.path) as remote, play(remote, STEREO, "tune", corked=True):
        desk.told("volume", "tune", "50%")
    seen: list[dict[str, Any]] = []
    while not seen or (seen[-1]["event"], seen[-1].get("name")) != ("removed", "tune"):
        seen.append(json.loads(watcher.stdout.readline()))
    tune = [event["event"] for event in seen if event.get("name") == "tune"]
    assert (tune[0], tune[-1]) == ("added", "removed")
    changes = [event["changes"]["facts"].get("volume") for event in seen if "facts" in event.get("changes", {})]
    assert ["1", "0.125"] in changes
    watcher.send_signal(signal.SIGINT)
    _, err = watcher.communicate(timeout=30)
    assert (watcher.returncode, err) == (130, "")


def test_a_reader_that_goes_ends_it_quietly(desk: BusDesk) -> None:
    watcher = _monitor(desk)
    assert watcher.stdout is not None
    watcher.stdout.readline()
    watcher.stdout.close()
    for level in ("50%", "60%", "70%", "80%"):
        desk.told("volume", "null", level)
    assert watcher.wait(30) == 141


def test_a_count_ends_it(desk: BusDesk) -> None:
    done = desk.run("monitor", "--kind", "node", "-n", "2")
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert done.out.startswith("+ node ")


def test_a_bus_that_ends_while_it_is_watched_is_told(tmp_path: Path) -> None:
    with LiveBus(tmp_path) as short_lived:
        watcher = _monitor(BusDesk(short_lived))
        assert watcher.stdout is not None
        watcher.stdout.readline()
    _, err = watcher.communicate(timeout=30)
    assert watcher.returncode == 1
    assert err.startswith("audiobus: ")
    assert "Traceback" not in err
