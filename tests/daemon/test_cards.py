"""Sound cards as objects of the bus: their profiles and routes, and cards that are late, busy, or taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.client.mirror import look
from pyaudiobus.client.playback import PlaybackStream, play
from pyaudiobus.client.remote import Remote
from pyaudiobus.daemon.formats import pcm_format
from pyaudiobus.model.items import Item
from pyaudiobus.protocol.messages import CreateNode, CreateStream, EnumParams, Named, SetParam
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import PcmShape
from tests.daemon.card_bus import CardBus
from tests.daemon.dsp_bus import MP3, PATIENCE, PCM, Encoded, song_at


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[CardBus]:
    with CardBus(tmp_path) as made:
        yield made


@pytest.fixture
def remote(bus: CardBus) -> Iterator[Remote]:
    with bus.remote() as made:
        yield made


def card(remote: Remote, name: str = "Board") -> Item:
    found = look(remote).find(name, "device")
    assert found is not None
    return found


def sinks(remote: Remote, of: Item) -> list[str]:
    known = look(remote).nodes()
    return sorted(one.name for one in known if one.properties.get("device.id") == str(of.serial))


def put(remote: Remote, serial: int, param: str, **words: Any) -> None:
    remote.ask("set-param", SetParam(serial, param, json.dumps(words)))


def values(remote: Remote, serial: int, param: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in remote.ask("enum-params", EnumParams(serial, param)).values]


def test_a_card_of_the_board_file_is_brought_into_the_profile_it_names(bus: CardBus, remote: Remote) -> None:
    found = card(remote)
    assert (found.state, found.facts["profiles"], found.facts["profile"]) == ("ready", "hifi voice off", "hifi")
    assert bus.mixers.set == ["Mode=HiFi"]
    assert sinks(remote, found) == ["hdmi", "offload", "speaker"]
    assert [one["name"] for one in values(remote, found.serial, "EnumProfile")] == ["hifi", "voice", "off"]
    assert [one["name"] for one in values(remote, found.serial, "Profile")] == ["hifi"]


def test_a_profile_takes_out_the_sinks_it_has_not_and_brings_them_back(bus: CardBus, remote: Remote) -> None:
    found = card(remote)
    put(remote, found.serial, "Profile", name="voice", save=True)
    assert sinks(remote, found) == ["hdmi"]
    assert bus.mixers.set == ["Mode=HiFi", "Mode=Voice"]
    told = card(remote)
    assert (told.facts["profile"], told.facts["profile.save"]) == ("voice", True)
    put(remote, found.serial, "Profile", name="off")
    assert sinks(remote, found) == []
    put(remote, found.serial, "Profile", name="hifi")
    assert sinks(remote, found) == ["hdmi", "offload", "speaker"]
    assert "profile.save" not in {key for key, value in card(remote).facts.items() if value}


def test_what_plays_on_a_sink_that_goes_plays_on_where_it_can(remote: Remote) -> None:
    shape, data = song_at(MP3)
    song = Encoded(remote, shape, PCM, target="offload")
    song.write(data)
    pcm = remote.ask_with_descriptors("create-stream", CreateStream("playback", "pcm", (PCM,), target="null"))[0]
    put(remote, card(remote).serial, "Profile", name="voice")
    assert song.await_event("format-lost").shape == PCM
    assert {one.name for one in look(remote).of_kind("link")} >= {"song -> null", "pcm -> null"}
    remote.ask("destroy", Named(pcm.serial))


def test_a_profile_that_cannot_be_set_leaves_the_former_and_says_why(bus: CardBus, remote: Remote) -> None:
    bus.mixers.broken.add("Mode")
    found = card(remote)
    with pytest.raises(Refused, match="cannot set the mixer control 'Mode'"):
        put(remote, found.serial, "Profile", name="voice")
    told = card(remote)
    assert (told.state, told.facts["profile"]) == ("error", "hifi")
    assert "Mode" in str(told.facts["error"])
    assert sinks(remote, found) == ["hdmi", "offload", "speaker"]
    bus.mixers.broken.clear()
    bus.call(bus.try_card)
    assert (card(remote).state, card(remote).facts["profile"]) == ("ready", "voice")


def test_a_profile_that_a_card_has_not_is_refused_by_name(remote: Remote) -> None:
    with pytest.raises(Refused, match="no profile 'surround'") as refused:
        put(remote, card(remote).serial, "Profile", name="surround")
    assert refused.value.facts == ("profiles: hifi, voice, off",)


@pytest.mark.parametrize("text", ['{"nome": "hifi"}', '{"name": 1}', "[]", "{", '{"name": "hifi", "save": "yes"}'])
def test_nonsense_for_a_profile_is_refused_and_changes_nothing(remote: Remote, text: str) -> None:
    found = card(remote)
    with pytest.raises(Refused):
        remote.ask("set-param", SetParam(found.serial, "Profile", text))
    assert card(remote) == found


def test_a_card_that_is_late_says_so_and_comes_into_its_profile(tmp_path: Path) -> None:
    with CardBus(tmp_path, is_plugged=False) as bus, bus.remote() as remote:
        assert (card(remote).state, card(remote).facts["error"]) == ("lost", "there is no sound card 'Board'")
        with pytest.raises(Refused, match="is not there"):
            put(remote, card(remote).serial, "Profile", name="voice")
        bus.plug(Board=2)
        assert (card(remote).state, card(remote).facts["profile"], card(remote).facts["card"]) == ("ready", "hifi", 2)
        assert sinks(remote, card(remote)) == ["hdmi", "offload", "speaker"]


def test_a_card_that_was_away_comes_back_as_it_was(bus: CardBus, remote: Remote) -> None:
    put(remote, card(remote).serial, "Profile", name="voice", save=True)
    bus.unplug()
    assert card(remote).state == "lost"
    bus.plug(Board=1)
    assert (card(remote).state, card(remote).facts["profile"]) == ("ready", "voice")
    assert bus.mixers.set == ["Mode=HiFi", "Mode=Voice", "Mode=Voice"]


def test_a_card_of_which_no_file_says_anything_is_whole_or_off(bus: CardBus, remote: Remote) -> None:
    bus.plug(Board=0, Headset=1)
    assert card(remote, "Headset").facts["profiles"] == "default off"
    assert card(remote, "Headset").facts["profile"] == "default"


def test_what_plays_to_nobody_goes_to_a_card_that_comes_and_is_back_while_that_is_away(tmp_path: Path) -> None:
    shape = PcmShape("s16", 48_000, 2)  # as the stand-in and cards have it, and the bus's own null sink has not
    with CardBus(tmp_path, is_plugged=False, board="sinks: {}") as bus, bus.remote() as remote:
        with play(remote, pcm_format(shape), "radio") as radio, play(remote, pcm_format(shape), "hum", dont_move=True):
            assert radio.device == "null.2"
            bus.plug(Board=0)
            assert moved(remote, radio) == "Board-0"
            assert {one.name for one in look(remote).of_kind("link")} == {"radio -> Board-0", "hum -> null.2"}
            bus.unplug()
            assert moved(remote, radio) == "null.2"
            bus.plug(Headset=1, Board=2)
            assert moved(remote, radio) == "Board-0"
        with play(remote, pcm_format(shape), "next") as following:
            assert following.device == "Board-0"


def moved(remote: Remote, stream: PlaybackStream) -> str:
    """Wait until a stream is told that it plays elsewhere; return where."""
    while True:
        while stream.happenings:
            if (told := stream.happenings.popleft()).name == "moved":
                return str(told.body.device_name)
        assert remote.wait(timeout=PATIENCE), "it was not moved"


def sink(remote: Remote, name: str) -> Item:
    found = look(remote).find(name, "node")
    assert found is not None
    return found


def test_a_route_is_switched_on_while_its_sink_is_open_and_another_can_be_chosen(bus: CardBus, remote: Remote) -> None:
    found = sink(remote, "speaker")
    assert (found.facts["routes"], found.facts["route"]) == ("speaker headphones", "speaker")
    assert bus.mixers.on == ["Amp"]
    put(remote, found.serial, "Route", name="headphones", save=True)
    assert bus.mixers.on == ["Phones"]
    assert (sink(remote, "speaker").facts["route"], sink(remote, "speaker").facts["route.save"]) == ("headphones", True)
    put(remote, found.serial, "Props", suspended=True)
    assert bus.mixers.on == []
    put(remote, found.serial, "Route", name="speaker")
    assert bus.mixers.on == []
    put(remote, found.serial, "Props", suspended=False)
    assert bus.mixers.on == ["Amp"]


def test_a_card_lists_the_routes_of_its_sinks_and_takes_one_by_name(remote: Remote) -> None:
    found = card(remote)
    listed = values(remote, found.serial, "EnumRoute")
    assert [(one["name"], one["device"]) for one in listed] == [("speaker", "speaker"), ("headphones", "speaker")]
    put(remote, found.serial, "Route", name="headphones", device="speaker")
    assert [one["name"] for one in values(remote, found.serial, "Route")] == ["headphones"]
    for words in ({"name": "headphones", "device": "hdmi"}, {"name": "antenna"}):
        with pytest.raises(Refused):
            put(remote, found.serial, "Route", **words)


def test_a_route_that_cannot_be_switched_on_leaves_the_former(bus: CardBus, remote: Remote) -> None:
    bus.mixers.broken.add("Phones")
    with pytest.raises(Refused, match="'Phones'"):
        put(remote, sink(remote, "speaker").serial, "Route", name="headphones")
    told = sink(remote, "speaker")
    assert (told.facts["route"], told.facts["routes.unavailable"]) == ("speaker", "headphones")
    assert bus.mixers.on == ["Amp"]


def test_a_stream_has_neither_profile_nor_route(remote: Remote) -> None:
    found = sink(remote, "hdmi")
    for param, words in (("Route", {"name": "x"}), ("Profile", {"name": "hifi"})):
        with pytest.raises(Refused) as refused:
            put(remote, found.serial, param, **words)
        assert "hdmi" in refused.value.what


def test_a_sink_whose_name_is_taken_gets_another_and_is_found_again(bus: CardBus, remote: Remote) -> None:
    taken = {"media.class": "Audio/Sink", "audio.format": "s16/48000/2"}
    put(remote, card(remote).serial, "Profile", name="off")
    remote.ask("create-node", CreateNode("speaker", taken))
    put(remote, card(remote).serial, "Profile", name="hifi")
    assert sinks(remote, card(remote)) == ["hdmi", "offload", "speaker.2"]
    bus.plug(Board=0)
    assert sinks(remote, card(remote)) == ["hdmi", "offload", "speaker.2"]
    with pytest.raises(Refused, match="there is a sink or source 'offload' already"):
        remote.ask("create-node", CreateNode("offload", taken))
    relay = remote.ask("create-node", CreateNode("hdmi", {"media.class": "Audio/Source"})).serial
    assert look(remote).items[relay].name == "hdmi.2"
