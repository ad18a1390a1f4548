"""Where streams go, as tables against WirePlumber's documented order.

Past 300 lines because the tables are many and short, and share one board.
"""

from __future__ import annotations

import pytest

from pyaudiobus.model.policy import StreamRole
from pyaudiobus.policy.actions import Hold, Link, Move, Retry, TurnDown
from pyaudiobus.policy.happening import happen
from tests.policy.scene import Scene

EITHER = "mp3/44100/2 s16/48000/2"


def test_each_step_of_the_order_counts_while_those_before_it_have_no_answer() -> None:
    scene = Scene()
    scene.sink("best", priority_session="2000")
    scene.sink("usual")
    scene.sink("for-alerts", device_intended__roles="Alert")
    scene.sink("of-group", session_audio__group="game")
    scene.sink("wanted")
    scene.default("usual")
    scene.stream("player", target_object="wanted", session_audio__group="game", media_role="Alert")
    for place, gone in (
        ("wanted", {"target_object": None}),
        ("of-group", {"session_audio__group": None}),
        ("for-alerts", {"media_role": None}),
        ("usual", {}),
    ):
        scene.decide()
        assert scene.place("player") == place
        scene.change("player", **gone)
    scene.note("default.audio.sink", "")
    scene.decide()
    assert scene.place("player") == "best"


def test_what_somebody_moved_goes_before_what_the_stream_asks_for() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.sink("headset")
    player = scene.stream("player", target_object="speaker")
    scene.note("target.object", "headset", player.serial)
    scene.decide()
    assert scene.place("player") == "headset"


@pytest.mark.parametrize("way", ["dont-move", "setting"])
def test_metadata_move_nothing_that_may_not_be_moved(way: str) -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.sink("headset")
    more = {"node_dont__move": "true"} if way == "dont-move" else {}
    player = scene.stream("player", target_object="speaker", **more)
    scene.settings(linking_allow_moving_streams=way == "dont-move")
    scene.note("target.object", "headset", player.serial)
    scene.decide()
    assert scene.place("player") == "speaker"


@pytest.mark.parametrize(
    ("properties", "action", "is_final"),
    [
        ({}, Link, False),
        ({"node_dont__fallback": "true"}, TurnDown, True),
        ({"node_dont__fallback": "true", "node_linger": "true"}, Hold, False),
    ],
)
def test_a_target_that_is_not_there_is_made_up_for_as_the_stream_says(
    properties: dict[str, str], action: type, is_final: bool
) -> None:
    scene = Scene()
    scene.sink("speaker")
    player = scene.stream("player", target_object="nowhere", **properties)
    (made,) = [one for one in scene.decide().actions if one.subject == player.serial and isinstance(one, action)]
    assert getattr(made, "is_final", False) == is_final


def test_a_stream_waits_for_a_sink_and_gets_the_first_that_comes() -> None:
    scene = Scene()
    scene.stream("player")
    scene.decide()
    assert (scene.state("player"), scene.reason("player")) == ("waiting", "there is no sink")
    scene.sink("speaker")
    scene.decide()
    assert scene.place("player") == "speaker"


def test_encoded_streams_take_turns_on_the_dsp_and_decoded_ones_go_to_the_speaker() -> None:
    scene = Scene()
    scene.settings(encoded_when_busy=type(scene.bus.settings.encoded_when_busy).WAIT)
    scene.sink("speaker")
    scene.dsp()
    for name in ("first", "second", "third"):
        scene.stream(name, EITHER)
    scene.decide()
    assert [scene.place(name) for name in ("first", "second", "third")] == ["dsp", "", ""]
    assert scene.reason("third").endswith("it is second in line")
    scene.remove("first")
    scene.decide()
    assert [scene.place(name) for name in ("second", "third")] == ["dsp", ""]


def test_an_encoded_stream_that_finds_the_dsp_taken_is_decoded_and_stays_so() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.dsp()
    scene.stream("first", EITHER)
    scene.stream("second", EITHER)
    scene.decide()
    assert (scene.place("first"), scene.place("second")) == ("dsp", "speaker")
    scene.remove("first")
    assert not [one for one in scene.decide().actions if isinstance(one, Move)]


def test_a_dsp_never_becomes_the_default_for_pcm() -> None:
    scene = Scene()
    scene.dsp(priority_session="5000")
    scene.sink("speaker")
    scene.stream("player")
    scene.decide()
    assert scene.place("player") == "speaker"
    assert scene.bus.entry(0, "default.audio.sink") == "speaker"


def test_one_stream_only_has_a_sink_for_itself() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("one", node_exclusive="true")
    scene.stream("other", node_exclusive="true")
    scene.decide()
    assert (scene.place("one"), scene.place("other")) == ("speaker", "")
    assert scene.reason("other") == "speaker is held by one for itself alone"


def test_what_is_linked_once_is_not_linked_again() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("player", node_dont__reconnect="true")
    scene.decide()
    scene.remove("speaker")
    scene.sink("headset")
    (made,) = [one for one in scene.decide().actions if isinstance(one, TurnDown)]
    assert made.is_final


def test_who_wants_a_sink_for_itself_waits_until_the_last_other_has_left() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("song")
    scene.stream("bitperfect", node_exclusive="true")
    scene.stream("beep")
    scene.decide()
    assert scene.reason("bitperfect") == "speaker plays other streams, and bitperfect wants it for itself"
    assert not scene.decide().actions
    for name in ("song", "beep"):
        after = happen(scene.bus, f"remove {name}")
        scene.bus = after.bus
        scene.decide(after.concerned)
    assert scene.place("bitperfect") == "speaker"


def test_whoever_waits_is_asked_about_when_who_was_alone_has_left() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("alone", node_exclusive="true")
    scene.decide()
    scene.stream("song")
    scene.decide({scene.named("song").serial})
    assert scene.reason("song") == "speaker is held by alone for itself alone"
    after = happen(scene.bus, "remove alone")
    scene.bus = after.bus
    scene.decide(after.concerned)
    assert scene.place("song") == "speaker"


def test_a_stream_that_made_way_comes_back_to_the_default_when_that_is_free() -> None:
    scene = Scene()
    scene.sink("other")
    scene.sink("usual")
    scene.default("usual")
    scene.stream("alone", node_exclusive="true")
    scene.decide()
    scene.stream("song")
    scene.decide({scene.named("song").serial})
    assert scene.place("song") == "other"
    after = happen(scene.bus, "remove alone")
    scene.bus = after.bus
    scene.decide(after.concerned)
    assert scene.place("song") == "usual"


def test_a_default_means_a_sink_whatever_an_older_stream_is_called() -> None:
    scene = Scene()
    scene.stream("headset")
    scene.sink("speaker", priority_session="9")
    scene.sink("headset")
    scene.default("headset")
    scene.decide()
    assert scene.place("headset") == "headset"


def test_what_waits_for_a_target_of_its_own_keeps_no_dsp_from_others() -> None:
    scene = Scene()
    scene.dsp("dsp")
    scene.stream("song", "mp3/44100/2 s16/48000/2")
    flags = {"node_dont__fallback": "true", "node_linger": "true"}
    scene.stream("faithful", "mp3/44100/2", target_object="headset", media_role="alert", **flags)
    scene.policy(roles=(StreamRole("alert", 50),))
    scene.decide()
    assert (scene.place("song"), scene.state("faithful")) == ("dsp", "waiting")


def test_a_device_that_fails_for_ever_is_tried_ten_times_and_then_when_a_stream_needs_it() -> None:
    scene = Scene()
    busy = scene.sink("usb", state="error")
    attempts, now = 0, 0.0
    while True:
        scene.bus = scene.bus.replace(now=now, since={busy.serial: 0.0})
        made = scene.decide()
        attempts += sum(isinstance(action, Retry) for action in made.actions)
        if made.wake_at is None:
            break
        now = made.wake_at
    assert (attempts, now) == (10, 151.5)
    scene.bus = scene.bus.replace(now=4000.0)
    corked = scene.stream("paused")
    scene.change("paused", facts={"corked": True})
    assert not [one for one in scene.decide({corked.serial}).actions if isinstance(one, Retry)]
    heard = scene.stream("song")
    made = scene.decide({heard.serial})
    assert [one.subject for one in made.actions if isinstance(one, Retry)] == [busy.serial]
    assert made.wake_at is not None
    scene.change("usb", "suspended")
    scene.decide({busy.serial})
    scene.change("usb", "error")
    scene.bus = scene.bus.replace(now=5000.0, since={busy.serial: 5000.0})
    assert scene.decide({busy.serial}).wake_at == 5000.5


def test_after_a_long_sleep_a_lost_device_is_tried_once() -> None:
    scene = Scene()
    lost = scene.sink("usb", state="lost")
    scene.stream("song")
    scene.bus = scene.bus.replace(now=3600.0, since={lost.serial: 0.0})
    assert [type(action) for action in scene.decide().actions].count(Retry) == 1
    made = scene.decide()
    assert not made.actions
    assert made.wake_at is not None
    assert made.wake_at > 3600


def test_who_stands_in_line_is_told_when_somebody_before_him_has_gone() -> None:
    scene = Scene()
    scene.dsp("dsp", "mp3")
    for name in ("first", "second", "third"):
        scene.stream(name, "mp3/44100/2")
    scene.decide()
    gone = happen(scene.bus, "remove second")
    scene.bus = gone.bus
    scene.decide(gone.concerned)
    assert "it is first in line" in scene.reason("third")


def loopback(scene: Scene, heard: str) -> None:
    """Something that hears a sink, and plays what it hears."""
    group = {"node_link__group": "loopback"}
    scene.stream("ear", kind="record", stream_capture_sink="true", target_object=heard, **group)
    scene.stream("mouth", **group)


def test_what_hears_a_sink_does_not_play_there() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.default("speaker")
    loopback(scene, "speaker")
    scene.decide()
    assert scene.place("ear") == "speaker"
    assert (scene.place("mouth"), scene.state("mouth")) == ("", "waiting")
    assert scene.reason("mouth") == "speaker leads back to mouth"
    scene.sink("hdmi")
    scene.decide()
    assert scene.place("mouth") == "hdmi"


def test_what_plays_on_a_sink_does_not_hear_it() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("mouth", node_link__group="loopback")
    scene.decide()
    assert scene.place("mouth") == "speaker"
    scene.stream("ear", kind="record", stream_capture_sink="true", node_link__group="loopback")
    scene.decide()
    assert scene.place("ear") == ""
    assert "plays what ear hears" in scene.reason("ear")


def test_two_that_hear_each_other_s_sinks_form_no_circle() -> None:
    scene = Scene()
    scene.sink("a")
    scene.sink("b")
    for name, heard, target in (("x", "a", "b"), ("y", "b", "a")):
        group = {"node_link__group": name}
        scene.stream(f"{name} ear", kind="record", stream_capture_sink="true", target_object=heard, **group)
        scene.stream(f"{name} mouth", target_object=target, node_dont__fallback="true", node_linger="true", **group)
    scene.decide()
    assert [scene.place(name) for name in ("x ear", "x mouth", "y ear")] == ["a", "b", "b"]
    assert scene.place("y mouth") == ""
    assert "a leads back to y mouth" in scene.reason("y mouth")


def test_a_stream_that_waited_for_its_sink_says_that_it_plays_when_that_is_back() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("faithful", target_object="speaker", node_dont__fallback="true", node_linger="true")
    scene.stream("rooted", node_dont__move="true")
    scene.decide()
    scene.change("speaker", state="lost")
    scene.decide()
    assert [scene.state(name) for name in ("faithful", "rooted")] == ["waiting", "waiting"]
    scene.change("speaker", state="idle")
    scene.decide()
    assert [scene.state(name) for name in ("faithful", "rooted")] == ["linked", "linked"]
    assert scene.reason("faithful") == "it asks for it (speaker)"
