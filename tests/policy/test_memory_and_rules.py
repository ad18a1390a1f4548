"""What is remembered of what people do, and what rules do to what comes."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from pyaudiobus.errors import UserError
from pyaudiobus.model.memory import Memory, RememberedVolume
from pyaudiobus.model.policy import DevicePolicy
from pyaudiobus.model.rule import Absent, Condition, Equals, Rule
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK, Entry
from pyaudiobus.policy.actions import SetProfile, SetRoute
from pyaudiobus.policy.defaults import BY_POLICY
from pyaudiobus.policy.happening import happen
from pyaudiobus.policy.remember import MOST_DEFAULTS, MOST_KEYS, remembered
from tests.policy.scene import Scene


def choose(memory: Memory, scene: Scene, name: str, kind: str = "string") -> Memory:
    return remembered(memory, None, Entry(BUS, DEFAULT_SINK, kind, name), scene.bus)


def test_defaults_are_a_stack_with_the_latest_choice_first() -> None:
    scene = Scene()
    memory = Memory()
    for name in ("a", "b", "a", *(f"c{number}" for number in range(MOST_DEFAULTS))):
        memory = choose(memory, scene, name)
    names = memory.defaults[DEFAULT_SINK]
    assert names[0] == f"c{MOST_DEFAULTS - 1}"
    assert len(names) == len(set(names)) == MOST_DEFAULTS


def test_what_a_decision_wrote_is_nobody_s_choice_and_a_choice_that_is_taken_back_is_forgotten() -> None:
    scene = Scene()
    memory = choose(Memory(), scene, "a")
    assert choose(memory, scene, "b", BY_POLICY) is memory
    assert remembered(memory, Entry(BUS, DEFAULT_SINK, "string", "a"), None, scene.bus).defaults == {}


def test_a_stream_s_volume_is_that_of_its_role_and_comes_back_with_the_next() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.stream("song", media_role="music")
    scene.decide()
    before = scene.named("song")
    scene.change("song", None, {"volume": "0.5"})
    memory = remembered(Memory(), before, scene.named("song"), scene.bus)
    assert memory.volumes == {"stream:media.role:music": RememberedVolume((0.5,))}
    scene.bus = scene.bus.replace(memory=memory)
    scene.stream("other", media_role="music")
    scene.decide()
    assert scene.named("other").facts["volume"] == "0.5"
    assert scene.named("song").facts["volume"] == "0.5"


def test_a_stream_that_was_moved_by_hand_goes_there_again() -> None:
    scene = Scene()
    scene.sink("headset")
    scene.sink("speaker")
    song = scene.stream("song", application_name="jukebox")
    moved = Entry(song.serial, "target.object", "string", "headset")
    scene.bus = scene.bus.replace(memory=remembered(Memory(), None, moved, scene.bus))
    scene.decide()
    assert scene.place("song") == "headset"
    scene.settings(linking_restore_targets=False)
    scene.stream("next", application_name="jukebox")
    scene.decide()
    assert scene.place("next") == "speaker"


def test_memory_is_bounded() -> None:
    scene = Scene()
    memory = Memory()
    for number in range(MOST_KEYS + 5):
        before = scene.sink(f"sink{number}")
        after = before.replace(facts=MappingProxyType({**before.facts, "volume": "0.1"}))
        memory = remembered(memory, before, after, scene.bus)
    assert len(memory.volumes) == MOST_KEYS
    assert "sink:sink0" not in memory.volumes


def rule(name: str, key: str, wanted: str | None, **given: str | None) -> Rule:
    test = Absent() if wanted is None else Equals((wanted,))
    properties = {word.replace("_", "."): value for word, value in given.items()}
    return Rule(name, ((Condition(key, test),),), MappingProxyType(properties))


def test_rules_give_properties_before_anything_is_decided_by_them() -> None:
    scene = Scene()
    scene.sink("speaker", priority_session="5")
    scene.sink("usb")
    scene.policy(rules=(rule("usb-first", "name", "usb", priority_session="9"),))
    scene.stream("player")
    scene.decide()
    assert scene.named("usb").properties["priority.session"] == "9"
    assert scene.place("player") == "usb"
    assert not scene.decide().actions


def test_the_last_rule_counts_and_rules_that_go_in_a_circle_are_told_and_left() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.policy(rules=(rule("one", "name", "speaker", a="1"), rule("two", "name", "speaker", a="2")))
    scene.decide()
    assert scene.named("speaker").properties["a"] == "2"
    scene.policy(rules=(rule("there", "b", None, b="x"), rule("back", "b", "x", b=None)))
    made = scene.decide()
    assert "b" not in scene.named("speaker").properties
    assert made.notes == ("rules contradict each other about speaker (1): b",)


def test_a_rule_never_changes_what_is_the_bus_s_own() -> None:
    scene = Scene()
    scene.sink("speaker")
    given = {"media.class": "Audio/Source", "policy.state": "x"}
    scene.policy(rules=(Rule("odd", ((Condition("name", Equals(("speaker",))),),), MappingProxyType(given)),))
    scene.decide()
    assert scene.named("speaker").media_class == "Audio/Sink"
    assert "policy.state" not in scene.named("speaker").properties


def test_a_card_that_did_not_come_can_be_tried_in_words() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.policy(devices=(DevicePolicy("board", profiles=("voice",)), DevicePolicy("speaker", routes=("phones",))))
    done = []
    for event in (
        "add card board hifi voice off alsa.driver=virtual",
        "tell speaker routes=boxes,phones",
        "tell board profiles.unavailable=voice",
        "tell speaker routes.unavailable=phones",
    ):
        after = happen(scene.bus, event)
        scene.bus = after.bus
        done += [
            action for action in scene.decide(after.concerned).actions if isinstance(action, SetProfile | SetRoute)
        ]
    told = [action.profile if isinstance(action, SetProfile) else action.route for action in done]
    assert told == ["voice", "phones", "hifi", "boxes"]
    assert scene.named("board").properties["alsa.driver"] == "virtual"


def test_a_file_s_stream_is_meant_by_the_file_s_name_where_that_is_one_s_alone() -> None:
    scene = Scene()
    scene.stream("/music/song.mp3")
    assert not happen(scene.bus, "remove song.mp3").bus.nodes()
    scene.stream("/other/song.mp3")
    with pytest.raises(UserError, match="there is no"):
        happen(scene.bus, "remove song.mp3")
