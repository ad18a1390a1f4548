"""Steps of decide_who_plays_where.feature."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.items import Fact
from pyaudiobus.model.memory import RememberedVolume
from pyaudiobus.model.policy import Meeting, StreamRole
from pyaudiobus.model.rule import Condition, Equals, Rule
from pyaudiobus.model.settings import with_setting
from pyaudiobus.model.snapshot import BUS, DEFAULT_SINK
from pyaudiobus.policy.actions import Suspend
from pyaudiobus.policy.happening import happen
from pyaudiobus.policy.streams import VOLUME_KEYS
from tests.policy.scene import Scene

scenarios("decide_who_plays_where.feature")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def settle(scene: Scene) -> None:
    scene.decide()


# ---- what there is ----


@given(parsers.re(r'a sink "(?P<name>\S+)" playing (?P<form>\S+)'))
@when(parsers.re(r'a sink "(?P<name>\S+)" playing (?P<form>\S+) is there'))
def sink(scene: Scene, name: str, form: str) -> None:
    scene.sink(name, form)
    settle(scene)


@given(parsers.parse('a DSP "{name}" playing {codecs}'))
def dsp(scene: Scene, name: str, codecs: str) -> None:
    scene.dsp(name, codecs)


@given(parsers.parse('a filter "{name}" before "{target}"'))
def smart_filter(scene: Scene, name: str, target: str) -> None:
    scene.sink(name, node_link__group="f", filter_smart="true", filter_smart_target=target)
    scene.stream(f"{name}-out", node_link__group="f")
    settle(scene)


@given(parsers.parse('"{name}" is taken away'))
@when(parsers.parse('"{name}" is taken away'))
def take_away(scene: Scene, name: str) -> None:
    after = happen(scene.bus, f"remove {name}")
    scene.bus = after.bus
    scene.decide(after.concerned)


STREAM = r'a stream "(?P<name>\S+)" offering (?P<formats>[\w/ ]+?)(?: of role (?P<role>\w+))?(?: with (?P<more>\S+))?'


@given(parsers.re(STREAM + " plays"))
@when(parsers.re(STREAM + " appears"))
def stream(scene: Scene, name: str, formats: str, role: str | None, more: str | None) -> None:
    words = [f"media.role={role}"] if role else []
    after = happen(scene.bus, " ".join(("add stream", name, formats, *words, more or "")))
    scene.bus = after.bus
    scene.decide(after.concerned)


@given(parsers.parse('the default sink is "{name}"'))
@when(parsers.parse('the default sink is "{name}"'))
def default(scene: Scene, name: str) -> None:
    scene.default(name)
    settle(scene)


@given(parsers.parse('"{name}" was chosen as the default before'))
def chosen_before(scene: Scene, name: str) -> None:
    memory = scene.bus.memory.replace(defaults=MappingProxyType({DEFAULT_SINK: (name,)}))
    scene.bus = scene.bus.replace(memory=memory)


@given(parsers.parse('"{key}" had the volume {gain:g} before'))
def louder_before(scene: Scene, key: str, gain: float) -> None:
    volumes = MappingProxyType({key: RememberedVolume((gain,))})
    scene.bus = scene.bus.replace(memory=scene.bus.memory.replace(volumes=volumes))


# ---- what the owner wants ----


@given(parsers.parse("the setting {name} is {value}"))
def setting(scene: Scene, name: str, value: str) -> None:
    scene.policy(settings=with_setting(scene.bus.settings, name, value))


@given(
    parsers.re(
        r"the role (?P<name>\w+) with priority (?P<priority>\d+)(?: that (?P<what>\w+)s others(?: to (?P<level>\S+))?)?"
    )
)
def role(scene: Scene, name: str, priority: str, what: str | None, level: str | None) -> None:
    made = StreamRole(name, int(priority), lower=Meeting(what or "mix"), duck_to=float(level) if level else None)
    scene.policy(roles=(*scene.bus.policy.roles, made))


@given(parsers.parse("a rule that gives every client with {key}={value} the role manager"))
def lying_rule(scene: Scene, key: str, value: str) -> None:
    scene.policy(rules=(Rule("boss", ((Condition(key, Equals((value,))),),), role=Role.MANAGER),))


# ---- what happens ----


@when(parsers.parse("{seconds:g} seconds pass"))
def pass_time(scene: Scene, seconds: float) -> None:
    settle(scene)  # a link that is gone leaves its sink idle
    for node in scene.bus.nodes():
        if node.state == "running" and not scene.bus.links_into(node.serial) and node.owner == 0:
            scene.bus = scene.bus.with_items({node.serial: node.replace(state="idle")})
            scene.bus = scene.bus.replace(since={**scene.bus.since, node.serial: scene.bus.now})
    scene.bus = scene.bus.replace(now=scene.bus.now + seconds)
    settle(scene)


@when(parsers.parse('"{name}" fails because {reason}'))
def fails(scene: Scene, name: str, reason: str) -> None:
    scene.change(name, "error", {"error": reason})
    scene.bus = scene.bus.replace(since={**scene.bus.since, scene.named(name).serial: scene.bus.now})
    settle(scene)


@when(parsers.re(r"a program in the control group (?P<cgroup>\S+) connects"))
@when(parsers.re(r"a program that says (?P<said>\S+) connects"))
def connects(scene: Scene, cgroup: str = "/user.slice", said: str = "") -> None:
    facts: dict[str, Fact] = {"uid": 1000, "cgroup": cgroup, "role": "default"}
    given_ = dict([said.split("=", 1)]) if said else {}
    scene.add("client", "program", "ready", 0, facts, **{key.replace(".", "_"): value for key, value in given_.items()})
    settle(scene)


# ---- what comes of it ----


@then(parsers.parse('"{name}" plays on "{sink}" as {form}'))
def plays_on(scene: Scene, name: str, sink: str, form: str) -> None:
    assert (scene.place(name), scene.named(name).facts["format"]) == (sink, form)
    assert not scene.decide().actions


@then(parsers.parse("the reason is that {reason}"))
def reason_is(scene: Scene, reason: str) -> None:
    assert reason in [str(item.properties.get("policy.reason")) for item in scene.bus.nodes()]


@then(parsers.re(r'"(?P<name>\S+)" (?P<state>waits|is refused) because (?P<reason>.*)'))
def not_linked(scene: Scene, name: str, state: str, reason: str) -> None:
    assert scene.place(name) == ""
    assert scene.state(name) == {"waits": "waiting", "is refused": "refused"}[state]
    assert reason in scene.reason(name)


@then(parsers.parse('"{name}" is ducked to {level:g}'))
def ducked(scene: Scene, name: str, level: float) -> None:
    scene.decide()
    assert scene.named(name).facts.get("duck") == level


@then(parsers.parse('"{name}" is ducked no more'))
def not_ducked(scene: Scene, name: str) -> None:
    assert scene.named(name).facts.get("duck") is None


@then(parsers.parse('"{name}" is held'))
def held(scene: Scene, name: str) -> None:
    assert scene.named(name).facts.get("held") is True


@then(parsers.parse('"{name}" goes on'))
def goes_on(scene: Scene, name: str) -> None:
    assert scene.named(name).facts.get("held") is None


@then(parsers.parse('the volume keys change "{name}"'))
def keys(scene: Scene, name: str) -> None:
    assert scene.bus.entry(BUS, VOLUME_KEYS) == str(scene.named(name).serial)


@then(parsers.parse('"{name}" has the volume {gain}'))
def volume(scene: Scene, name: str, gain: str) -> None:
    assert scene.named(name).facts["volume"] == gain


@then(parsers.parse('"{name}" sleeps'))
def sleeps(scene: Scene, name: str) -> None:
    assert scene.named(name).state == "suspended"
    assert scene.last is not None
    assert any(isinstance(action, Suspend) for action in scene.last.actions)


@then(parsers.parse('"{name}" is awake'))
def awake(scene: Scene, name: str) -> None:
    assert scene.named(name).state == "running"


@then(parsers.parse('"{name}" was tried {count} times'))
def tried(scene: Scene, name: str, count: str) -> None:
    assert scene.named(name).properties["policy.attempt"] == count


@then(parsers.parse("its published reason is {reason}"))
def published(scene: Scene, reason: str) -> None:
    assert reason in [str(item.properties.get("policy.reason")) for item in scene.bus.nodes()]


@then(parsers.parse("it becomes {role}"))
def becomes(scene: Scene, role: str) -> None:
    assert scene.last is not None
    assert [
        getattr(action, "role", "") for action in scene.last.actions if action.subject == scene.named("program").serial
    ] == [role]


@then("it keeps its role")
def keeps(scene: Scene) -> None:
    assert scene.last is not None
    assert not [action for action in scene.last.actions if action.subject == scene.named("program").serial]
