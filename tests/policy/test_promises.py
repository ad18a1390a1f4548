"""What holds on every bus, whatever happens and in whichever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pyaudiobus.model.policy import Meeting, StreamRole, WhenBusy
from pyaudiobus.model.snapshot import PLAYBACK, SINK, Snapshot
from pyaudiobus.policy.applied import applied
from pyaudiobus.policy.happening import happen
from pyaudiobus.policy.offers import agreed, is_dsp
from pyaudiobus.policy.plan import plan
from pyaudiobus.policy.presets import chains_for
from pyaudiobus.policy.streams import EXCLUSIVE, is_set, place_of, players_on
from tests.policy.scene import Scene

CHAINS = chains_for("main")
ROLES = (
    StreamRole("music", 10),
    StreamRole("voice", 20, lower=Meeting.DUCK, same=Meeting.CORK),
    StreamRole("alert", 30, ("speaker",), Meeting.CORK),
)
FORMATS = ("mp3/44100/2 s16/48000/2", "mp3/44100/2", "s16/48000/2", "s16/44100/2", "flac/48000/2 s16/48000/2")
SINKS = ("s16/48000/2", "s16/44100/2", "mp3 flac", "mp3")

Sketch = tuple[list[str], list[tuple[str, str, str, set[str]]], WhenBusy, WhenBusy]

streams = st.tuples(
    st.sampled_from(FORMATS),
    st.sampled_from(("", "music", "voice", "alert")),
    st.sampled_from(("", "sink0", "sink1", "nowhere")),
    st.sets(st.sampled_from(("node.exclusive", "node.dont-fallback", "node.linger", "node.dont-move")), max_size=2),
)
events = st.sampled_from(
    (
        "remove sink0",
        "remove stream0",
        "state sink1 lost",
        "state sink1 suspended",
        "default sink0",
        "default sink1",
        "move stream1 sink0",
        "move stream0 -1",
        "add sink new s16/48000/2",
        "add sink sink0 s16/48000/2",
        "add stream sink1 s16/48000/2",
        "set sink0 priority.session=9",
        "add stream late mp3/44100/2 s16/48000/2",
        "after 4",
        "after 40",
        "set stream1 media.role=alert",
        "remove stream2",
    )
)
buses = st.tuples(
    st.lists(st.sampled_from(SINKS), max_size=4),
    st.lists(streams, max_size=5),
    st.sampled_from(tuple(WhenBusy)),
    st.sampled_from((WhenBusy.DECODE, WhenBusy.WAIT)),
)  # fmt: skip


def bus_of(sinks: list[str], known: list[tuple[str, str, str, set[str]]], busy: WhenBusy, taken: WhenBusy) -> Snapshot:
    scene = Scene()
    for number, form in enumerate(sinks):
        (scene.dsp if "/" not in form else scene.sink)(f"sink{number}", form)
    for number, (formats, role, target, flags) in enumerate(known):
        item = scene.stream(f"stream{number}", formats)
        given_ = {"media.role": role, "target.object": target, **dict.fromkeys(flags, "true")}
        properties = {**item.properties, **{key: value for key, value in given_.items() if value}}
        scene.bus = scene.bus.with_items({item.serial: item.replace(properties=properties)})
    scene.policy(roles=ROLES)
    scene.settings(encoded_when_busy=busy, encoded_preempted=taken)
    return scene.bus


def settled(bus: Snapshot, dirty: frozenset[int] | None = None) -> Snapshot:
    for action in plan(bus, CHAINS, dirty).actions:
        bus = applied(bus, action)
    return bus


def after(bus: Snapshot, happened: list[str]) -> Snapshot:
    bus = settled(bus)
    for event in happened:
        words = event.split()
        if words[0] in ("remove", "state", "default", "move", "set") and bus.find(words[1]) is None:
            continue
        found = happen(bus, event)
        bus = settled(found.bus, None if words[0] == "after" else found.concerned)  # when time is up, all is asked
    return bus


@settings(max_examples=25, deadline=None)
@given(buses, st.lists(events, max_size=5))
def test_no_encoded_stream_is_on_a_pcm_sink_and_nobody_disturbs_who_is_alone(bus: Sketch, happened: list[str]) -> None:
    end = after(bus_of(*bus), happened)
    for sink in end.nodes(SINK):
        playing = players_on(sink, end)
        assert all(not agreed(stream, sink, end)[1] for stream in playing)
        assert len(playing) <= 1 or not (is_dsp(sink, end) or any(is_set(one, EXCLUSIVE) for one in playing))


@settings(max_examples=25, deadline=None)
@given(buses, st.lists(events, max_size=5))
def test_every_stream_is_linked_or_says_why_not(bus: Sketch, happened: list[str]) -> None:
    end = after(bus_of(*bus), happened)
    for stream in end.nodes(PLAYBACK):
        assert stream.properties["policy.state"] in ("linked", "waiting", "refused")
        assert stream.properties["policy.reason"]
        if place_of(stream, end) is None:
            assert stream.properties["policy.state"] != "linked"


@settings(max_examples=25, deadline=None)
@given(buses, st.lists(events, max_size=5))
def test_asking_again_changes_nothing(bus: Sketch, happened: list[str]) -> None:
    end = after(bus_of(*bus), happened)
    assert not plan(end, CHAINS).actions


@settings(max_examples=25, deadline=None)
@given(buses, st.permutations(("default sink0", "set stream0 media.title=x", "add source mic s16/48000/2")))
def test_the_order_of_unrelated_events_does_not_matter(bus: Sketch, happened: list[str]) -> None:
    sketch = bus_of(*bus)
    known = [event for event in happened if event.startswith("add") or sketch.find(event.split()[1]) is not None]
    ends = [after(sketch, order) for order in (known, sorted(known))]
    places = [{one.name: _name(place_of(one, end)) for one in end.nodes(PLAYBACK)} for end in ends]
    assert places[0] == places[1]


def _name(item: object) -> str:
    return getattr(item, "name", "")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(("", "f0", "f1", "f2", "speaker"))), max_size=4))
def test_filters_never_form_a_circle(given_: list[tuple[str, str]]) -> None:
    scene = Scene()
    scene.sink("speaker")
    for number, (group, target) in enumerate(given_):
        scene.sink(f"f{number}", node_link__group=group, filter_smart="true", filter_smart_target=target)
        scene.stream(f"f{number}-out", node_link__group=group)
    scene.stream("music")
    scene.decide()
    for stream in scene.bus.nodes(PLAYBACK):
        seen: set[int] = set()
        here = place_of(stream, scene.bus)
        while here is not None:
            assert here.serial not in seen
            seen.add(here.serial)
            own = here.properties.get("node.link-group")
            outs = [one for one in scene.bus.nodes(PLAYBACK) if own and one.properties.get("node.link-group") == own]
            here = place_of(outs[0], scene.bus) if outs else None
