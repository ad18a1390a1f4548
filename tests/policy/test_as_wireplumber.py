"""Details of WirePlumber's documented order, one table each, and where this bus differs on purpose."""

from __future__ import annotations

import pytest

from pyaudiobus.model.policy import StreamRole
from pyaudiobus.policy.why_not import why_not
from tests.policy.scene import Scene


def two_sinks() -> Scene:
    scene = Scene()
    scene.sink("speaker", priority_session="1000")
    scene.sink("headset", priority_session="500", object_path="alsa:pcm:1")
    return scene


@pytest.mark.parametrize("target", ["headset", "2", "alsa:pcm:1"])
def test_a_target_is_a_name_a_serial_or_a_path(target: str) -> None:
    scene = two_sinks()
    scene.stream("player", target_object=target)
    scene.decide()
    assert scene.place("player") == "headset"


def test_minus_one_in_the_metadata_takes_back_what_the_stream_asked_for() -> None:
    scene = two_sinks()
    player = scene.stream("player", target_object="headset")
    scene.note("target.object", "-1", player.serial)
    scene.decide()
    assert scene.place("player") == "speaker"


@pytest.mark.parametrize(
    ("first", "second", "best"),
    [
        ({"priority_session": "5"}, {"priority_session": "6"}, "second"),
        ({"priority_driver": "6"}, {"priority_session": "5"}, "first"),
        ({}, {}, "second"),
        ({"item_plugged_usec": "20"}, {"item_plugged_usec": "10"}, "first"),
        ({"config_place": "f:1:1"}, {"config_place": "f:2:1"}, "first"),
        ({"config_place": "f:1:1"}, {}, "second"),
        ({"device_api": "alsa"}, {"device_api": "null"}, "first"),
        ({"device_api": "alsa", "alsa_device": "0"}, {"device_api": "alsa", "alsa_device": "1"}, "first"),
        ({"priority_session": "junk"}, {"priority_session": "1"}, "second"),
    ],
)
def test_the_best_sink_has_the_highest_priority_and_of_equals_came_last(
    first: dict[str, str], second: dict[str, str], best: str
) -> None:
    scene = Scene()
    scene.sink("first", **first)
    scene.sink("second", **second)
    scene.stream("player")
    scene.decide()
    assert scene.place("player") == best


def test_a_sink_without_a_way_out_is_not_chosen() -> None:
    scene = two_sinks()
    scene.change("speaker", None, {"route.available": "no"})
    scene.stream("player")
    scene.decide()
    assert scene.place("player") == "headset"


def test_a_recording_hears_a_source_and_a_sink_only_if_it_asks_for_that() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("recorder", kind="record")
    scene.stream("listener", kind="record", stream_capture_sink="true")
    scene.decide()
    assert scene.reason("recorder") == "there is no source"
    assert scene.place("listener") == "speaker"
    scene.source("microphone")
    scene.decide()
    assert scene.place("recorder") == "microphone"


def test_a_stream_that_links_itself_is_left_alone() -> None:
    scene = two_sinks()
    scene.stream("patchbay", node_autoconnect="false")
    scene.decide()
    assert (scene.place("patchbay"), scene.state("patchbay")) == ("", "waiting")


@pytest.mark.parametrize(
    ("stream", "place"),
    [
        ({}, "equalizer"),
        ({"target_object": "speaker"}, "equalizer"),
        ({"target_object": "headset"}, "headset"),
        ({"media_role": "alert"}, "speaker"),
    ],
)
def test_a_smart_filter_stands_before_its_target_but_before_no_role_s(stream: dict[str, str], place: str) -> None:
    scene = two_sinks()
    scene.policy(roles=(StreamRole("alert", 5, ("speaker",)),))
    scene.sink("equalizer", node_link__group="e", filter_smart="true", filter_smart_target="speaker")
    scene.stream("equalizer-out", node_link__group="e")
    scene.stream("player", **stream)
    scene.decide()
    assert (scene.place("player"), scene.place("equalizer-out")) == (place, "speaker")


def test_filters_for_one_target_stand_in_the_order_they_say() -> None:
    scene = two_sinks()
    for name, more in (("late", {"filter_smart_after": "early"}), ("early", {})):
        scene.sink(name, node_link__group=name, filter_smart="true", filter_smart_target="speaker", **more)
        scene.stream(f"{name}-out", node_link__group=name)
    scene.stream("player")
    scene.decide()
    assert [scene.place(name) for name in ("player", "early-out", "late-out")] == ["early", "late", "speaker"]


def test_a_saved_default_goes_before_any_priority() -> None:
    scene = two_sinks()
    scene.default("headset")
    scene.stream("player")
    scene.decide()
    assert scene.place("player") == "headset"
    scene.change("headset", "lost")
    scene.decide()
    assert scene.place("player") == "speaker"
    scene.change("headset", "idle")
    scene.default("headset")
    scene.decide()
    assert scene.place("player") == "headset"


def test_a_stream_with_dont_move_waits_for_its_own_sink() -> None:
    scene = two_sinks()
    scene.stream("player", target_object="headset", node_dont__move="true")
    scene.decide()
    scene.change("headset", "lost")
    scene.decide()
    assert scene.place("player") == "headset"
    assert scene.state("player") == "waiting"


def test_a_role_s_device_that_does_not_fit_is_passed_over() -> None:
    scene = two_sinks()
    scene.sink("bell", "s16/44100/1", device_intended__roles="Alert")
    scene.stream("player", media_role="Alert")
    scene.decide()
    assert scene.place("player") == "speaker"


def test_why_not_tells_who_decided_before() -> None:
    scene = two_sinks()
    scene.stream("player", target_object="headset")
    made = scene.decide()
    (decision,) = [one for one in made.decisions if one.question == "target"]
    told = why_not(scene.named("player"), scene.named("speaker"), decision, scene.bus, scene.chains)
    assert told[:3] == [
        "player is not on speaker",
        "  it would fit, but find_named_target decided: it asks for it (headset)",
        "  find_default_target would choose it, and is asked later",
    ]


def test_why_not_tells_what_does_not_fit() -> None:
    scene = two_sinks()
    scene.sink("slow", "s16/8000/1")
    scene.stream("player")
    made = scene.decide()
    (decision,) = [one for one in made.decisions if one.question == "target"]
    told = why_not(scene.named("player"), scene.named("slow"), decision, scene.bus, scene.chains)
    assert told[1] == "  it cannot be: slow plays at 8000 Hz, not 48000"


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({}, "waiting"),
        ({"node_dont__reconnect": "true"}, "refused"),
        ({"node_dont__reconnect": "true", "node_linger": "true"}, "waiting"),
    ],
)
def test_without_any_sink_a_stream_waits_unless_it_is_linked_once_only(flags: dict[str, str], state: str) -> None:
    scene = Scene()
    scene.stream("player", **flags)
    made = scene.decide()
    (decision,) = [one for one in made.decisions if one.question == "target"]
    found = scene.bus.find("player")
    assert (found is None) == (state == "refused")
    assert decision.verdict.reason.startswith("there is no sink")


@pytest.mark.parametrize(("flags", "is_there"), [({}, False), ({"node_linger": "true"}, True)])
def test_what_is_linked_once_ends_with_its_sink_unless_it_lingers(flags: dict[str, str], *, is_there: bool) -> None:
    scene = two_sinks()
    scene.stream("player", node_dont__reconnect="true", **flags)
    scene.decide()
    scene.remove("speaker")
    scene.decide()
    assert (scene.bus.find("player") is not None) == is_there
    assert scene.place("player") == "" if is_there else True


def test_what_no_sink_plays_is_refused_unless_it_lingers() -> None:
    scene = two_sinks()
    for name, flags in (("hasty", {}), ("patient", {"node_linger": "true"})):
        scene.stream(name, "s16/8000/1", **flags)
    scene.decide()
    assert (scene.state("hasty"), scene.state("patient")) == ("refused", "waiting")


@pytest.mark.parametrize(
    ("stream", "device", "way"),
    [
        ({}, "headset", "audiobus move player headset"),
        ({"node_dont__move": "true"}, "headset", "its program has to allow it to be moved (node.dont-move)"),
        ({}, "taken", "audiobus move alone elsewhere, or end it"),
        ({}, "gone", "gone has to come back first (audiobus explain gone)"),
        ({}, "slow", "its program has to offer a format that is played there"),
    ],
)
def test_why_not_tells_a_way_that_leads_there(stream: dict[str, str], device: str, way: str) -> None:
    scene = two_sinks()
    scene.sink("taken", priority_session="1")
    scene.sink("gone", state="lost", priority_session="1")
    scene.sink("slow", "s16/8000/1", priority_session="1")
    scene.stream("alone", target_object="taken", node_exclusive="true")
    scene.stream("player", **stream)
    made = scene.decide()
    (decision,) = [one for one in made.decisions if (one.question, one.name) == ("target", "player")]
    told = why_not(scene.named("player"), scene.named(device), decision, scene.bus, scene.chains)
    assert told[-1] == f"  to have it there: {way}"
