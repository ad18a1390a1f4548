"""Snapshots as no bus would show them: policy says something about each, and falls over none."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.model.items import Fact, Item
from pyaudiobus.model.policy import Meeting, PolicySettings, StreamRole
from pyaudiobus.model.snapshot import PLAYBACK, RECORD, SINK, SOURCE, Entry, Snapshot
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.concern import concerned
from pyaudiobus.policy.explain import as_words, explain
from pyaudiobus.policy.in_words import in_words
from pyaudiobus.policy.plan import plan
from pyaudiobus.policy.presets import chains_for
from tests.policy.scene import Scene

CHAINS = chains_for("main")
WORDS = st.sampled_from(
    ("", "a", "b", "5", "-1", "true", "mp3", "s16/48000/2", "mp3/44100/2 s16/48000/2", "s16//2", "\x00")
)
ODD = st.one_of(st.integers(-2, 2**40), st.booleans(), st.none(), st.floats())
FACTS: st.SearchStrategy[Fact] = st.one_of(WORDS, ODD)
KEYS = st.sampled_from(
    (
        "target.object",
        "node.target",
        "media.role",
        "node.dont-move",
        "node.exclusive",
        "node.link-group",
        "filter.smart",
        "filter.smart.target",
        "filter.smart.after",
        "session.audio-group",
        "priority.session",
        "device.api",
        "alsa.device",
        "item.plugged.usec",
        "policy.state",
        "policy.attempt",
        "session.suspend-timeout-seconds",
        "node.dont-reconnect",
    )
)  # fmt: skip
TOLD = st.sampled_from(
    ("format", "formats", "volume", "corked", "held", "duck", "output", "input", "node", "stream", "error", "target",
     "route.available", "profiles", "routes", "exclusive", "suspend_after", "role", "uid", "cgroup")
)  # fmt: skip
ITEMS = st.builds(
    lambda serial, kind, media_class, name, state, properties, facts: Item(
        serial,
        kind,
        name,
        0,
        state,
        MappingProxyType({**properties, "media.class": media_class}),
        MappingProxyType(facts),
    ),
    st.integers(1, 12),
    st.sampled_from(("node", "node", "node", "link", "port", "client", "device", "strange")),
    st.sampled_from((SINK, PLAYBACK, SOURCE, RECORD, "Audio/Duplex", "Video/Sink", "")),
    WORDS,
    st.sampled_from(("idle", "running", "error", "lost", "waiting", "corked", "strange", "")),
    st.dictionaries(KEYS, WORDS, max_size=4),
    st.dictionaries(TOLD, FACTS, max_size=5),
)
ROLES = (StreamRole("a", 1, ("b",), Meeting.DUCK, Meeting.CORK), StreamRole("b", 2, (), Meeting.PAUSE))


@settings(max_examples=60, deadline=None)
@given(st.lists(ITEMS, max_size=10), st.lists(st.tuples(st.integers(0, 12), KEYS, WORDS), max_size=3))
def test_nothing_that_a_bus_tells_makes_policy_fall_over(items: list[Item], notes: list[tuple[int, str, str]]) -> None:
    entries = [Entry(subject, key, "string", value) for subject, key, value in notes]
    bus = Snapshot.of(items, entries, policy=PolicySettings(roles=ROLES))
    made = plan(bus, CHAINS)
    assert not [decision.failures for decision in made.decisions if decision.failures]
    for action in made.actions:
        in_words(action, bus)
        bus = applied(bus, action)
    explain(made.decisions, bus)
    json.dumps([as_words(decision) for decision in made.decisions])
    for item in items:
        plan(bus, CHAINS, concerned(item, None, bus))


def test_a_thousand_changes_are_one_question_about_whom_they_concern() -> None:
    scene = Scene()
    scene.sink("speaker")
    names = [f"stream{number}" for number in range(50)]
    for name in names:
        scene.stream(name)
    scene.decide()
    dirty: set[int] = set()
    for number in range(1000):
        before = scene.named(names[number % 5])
        scene.change(before.name, None, {"frames": number})
        dirty |= concerned(before, scene.named(before.name), scene.bus)
    assert dirty == {scene.named(name).serial for name in names[:5]}
    made = scene.decide(dirty)
    assert not made.actions
    assert sum(decision.question == "target" for decision in made.decisions) == 5


def test_what_changes_all_the_time_concerns_nobody() -> None:
    scene = Scene()
    scene.sink("speaker")
    before = scene.named("speaker")
    scene.change("speaker", None, {"wakeups": 5, "xruns": 1})
    assert not concerned(before, scene.named("speaker"), scene.bus)


def test_an_idle_bus_asks_for_nothing_and_never_wakes() -> None:
    scene = Scene()
    scene.sink("speaker")
    scene.dsp()
    scene.stream("music", "mp3/44100/2 s16/48000/2")
    scene.decide()
    made = scene.decide(())
    assert (made.actions, made.wake_at) == ((), None)


@pytest.mark.parametrize(
    "words",
    [
        {"serial": "x"},
        {"name": 5},
        {"properties": {"a": 5}},
        {"properties": []},
        {"facts": {"a": []}},
    ],
)
def test_objects_with_odd_words_are_refused_when_they_are_read(words: dict[str, object]) -> None:
    whole = {"serial": 1, "kind": "node", "name": "a", "owner": 0, "state": "", "properties": {}, "facts": {}}
    with pytest.raises(TypeError, match=r"^Item "):
        Snapshot.from_words({"objects": [{**whole, **words}]})
