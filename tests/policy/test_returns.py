"""Whether a stream that plays decoded goes to a DSP that becomes free, and what is said of it."""

from __future__ import annotations

import pytest

from pyaudiobus.model.items import Fact
from pyaudiobus.model.policy import StreamRole, WhenBusy
from pyaudiobus.policy.actions import Move
from pyaudiobus.policy.decide import Decision
from pyaudiobus.policy.happening import happen
from tests.policy.scene import Scene

EITHER = "mp3/44100/2 s16/44100/2"


@pytest.fixture
def scene() -> Scene:
    """A DSP that plays one stream, and another that is decoded meanwhile and can go back."""
    made = Scene()
    made.sink("speaker", "s16/44100/2")
    made.dsp()
    made.policy(roles=(StreamRole("music", priority=10), StreamRole("alert", priority=50)))
    made.stream("owner", EITHER, media_role="music")
    made.decide()
    made.stream("song", EITHER, media_role="music")
    made.change("song", facts={"may_return": True})
    made.decide()
    assert (made.place("owner"), made.place("song")) == ("dsp", "speaker")
    return made


def said(scene: Scene, hook: str = "find_dsp_target") -> str:
    assert scene.last is not None
    (decision,) = [one for one in scene.last.decisions if one.question == "target" and one.name == "song"]
    return next(step.outcome.reason for step in decision.steps if step.hook == hook)


def decision_of(scene: Scene, question: str) -> Decision:
    assert scene.last is not None
    return next(one for one in scene.last.decisions if one.question == question)


def test_it_goes_back_when_the_dsp_is_free(scene: Scene) -> None:
    scene.remove("owner")
    made = scene.decide()
    (move,) = [action for action in made.actions if isinstance(action, Move)]
    assert (move.subject, move.format) == (scene.named("song").serial, "mp3/44100/2")
    assert scene.place("song") == "dsp"
    assert said(scene) == "it plays mp3/44100/2 undecoded"
    assert not scene.decide().actions


def test_a_change_of_the_owner_alone_is_news_enough(scene: Scene) -> None:
    after = happen(scene.bus, "remove owner")
    scene.bus = after.bus
    scene.decide(after.concerned)
    assert scene.place("song") == "dsp"


def test_while_the_dsp_is_taken_it_plays_on_decoded_whatever_newcomers_would_do(scene: Scene) -> None:
    for wish in WhenBusy:
        scene.settings(encoded_when_busy=wish)
        scene.decide()
        assert scene.place("song") == "speaker"
    assert said(scene).startswith("it plays decoded until a DSP is free: dsp plays owner")


@pytest.mark.parametrize(
    ("facts", "properties", "reason"),
    [
        ({"may_return": False, "losses": 3}, {}, "its device has failed (3 times in this track)"),
        ({"corked": True}, {}, "it is paused; a DSP is for who is heard"),
        ({"sync_group": 4}, {}, "it belongs to a group of streams that sound together"),
        ({}, {"node_dont__move": "true"}, "it does not want to be moved (node.dont-move)"),
        ({}, {"node_dont__reconnect": "true"}, "it does not want to be moved (node.dont-reconnect)"),
    ],
)
@pytest.mark.parametrize("targets", [(), ("dsp", "speaker")])
def test_it_stays_decoded_and_the_dsp_goes_to_who_can_use_it(
    scene: Scene, facts: dict[str, Fact], properties: dict[str, str], reason: str, targets: tuple[str, ...]
) -> None:
    scene.policy(roles=(StreamRole("music", priority=10, targets=targets),))
    scene.change("song", facts=facts, **properties)
    scene.remove("owner")
    scene.decide()
    assert scene.place("song") == "speaker"
    if targets:
        assert scene.last is not None
        target = next(one for one in scene.last.decisions if (one.question, one.name) == ("target", "song"))
        assert any(other.reason == reason for step in target.steps for other in getattr(step.outcome, "rejected", ()))
    elif "dont_reconnect" not in str(properties):
        assert said(scene) == f"it plays decoded, and goes on so: {reason}"
    scene.stream("later", EITHER)
    scene.decide()
    assert scene.place("later") == "dsp"


def test_it_stays_decoded_where_the_setting_says_so(scene: Scene) -> None:
    scene.settings(encoded_return=False)
    scene.remove("owner")
    scene.decide()
    assert scene.place("song") == "speaker"
    assert "encoded.return is off" in said(scene)


def test_a_program_that_cannot_go_back_is_left_alone(scene: Scene) -> None:
    song = scene.named("song")
    facts = {key: value for key, value in song.facts.items() if key != "may_return"}
    scene.bus = scene.bus.with_items({song.serial: song.replace(facts=facts)})
    scene.remove("owner")
    scene.decide()
    assert scene.place("song") == "speaker"
    assert "cannot go on undecoded in the middle" in said(scene)


def test_of_several_the_most_important_goes_back(scene: Scene) -> None:
    scene.stream("alert", EITHER, media_role="alert")
    scene.change("alert", facts={"may_return": True})
    scene.settings(encoded_preempt=False)
    scene.decide()
    assert scene.place("alert") == "speaker"
    scene.remove("owner")
    scene.decide()
    assert (scene.place("alert"), scene.place("song")) == ("dsp", "speaker")


def test_one_that_names_a_sink_that_mixes_stays_there(scene: Scene) -> None:
    scene.change("song", target_object="speaker")
    scene.remove("owner")
    scene.decide()
    assert scene.place("song") == "speaker"


def test_one_that_was_moved_to_the_dsp_by_name_goes_there(scene: Scene) -> None:
    scene.note("target.object", "dsp", scene.named("song").serial)
    scene.remove("owner")
    scene.decide()
    assert scene.place("song") == "dsp"
