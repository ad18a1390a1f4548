"""The session manager on a real bus, a step at a time: what it hears, decides, sends and remembers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pyaudiobus.client.commands import set_default_sink
from pyaudiobus.engine.ring import RingDescriptors, RingProducer
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.messages import CreateNode, CreateStream, Moved, Named, Refusal, SetProperties, SetVolume
from pyaudiobus.protocol.wire import Message, Refused
from pyaudiobus.session import session as live
from pyaudiobus.session.recorder import Recorder, replay
from pyaudiobus.session.session import Session
from pyaudiobus.session.state_file import StateFile
from tests.daemon.bench import S16, Raw, attributes, noise
from tests.session.conftest import Stage, answered, ask

RING_LAST = """
roles:
  music: {priority: 10}
  alert: {priority: 50, lower-priority: duck, duck-to: 0.2}
"""


def close(message: Message) -> Message:
    for descriptor in message.descriptors:
        os.close(descriptor)
    return message


def played(raw: Raw, session: Session, name: str, **wish: object) -> tuple[int, str]:
    """Have a stream made; return its serial and where it plays."""
    created = close(answered(raw, session, ask(raw, name, **wish))).body
    assert not isinstance(created, Refusal), created
    session.settle()
    return created.serial, created.device_name


def moves(raw: Raw) -> list[Moved]:
    raw.ask("sync")
    return [event.body for event in raw.events if event.name == "moved"]


def next_move(raw: Raw) -> Moved:
    """Wait until a stream has been moved."""
    while not (moved := [event for event in raw.events if event.name == "moved"]):
        raw.hear()
    raw.events.remove(moved[0])
    body: Moved = moved[0].body
    return body


def test_a_stream_goes_where_policy_wants_it_and_the_link_says_why(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    serial, _ = played(raw, session, "song")
    bus = session.snapshot()
    (link,) = bus.links_from(serial)
    decision = session.history.last(serial, "target")
    assert decision is not None
    assert (link.facts["decision"], link.facts["reason"]) == (decision.id, "it is the default sink")
    assert bus.items[serial].properties["policy.state"] == "linked"


def test_a_decision_that_was_carried_out_leads_to_no_other(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    played(raw, session, "song")
    plans, done = session.plans, session.doing.done
    session.settle()
    assert (session.plans, session.doing.done) == (plans, done)


def test_a_filter_s_program_is_put_between_and_when_it_ends_the_song_goes_on_without_it(stage: Stage) -> None:
    raw, maker, session = stage.raw(), stage.raw(), stage.session()
    _, first = played(raw, session, "song")
    group = {"node.link-group": "e"}
    smart = {"filter.smart": "true", "filter.smart.target": "speaker", **group}
    sink = {"media.class": "Audio/Sink", "audio.format": "s16/48000/2", **smart}
    made = answered(maker, session, maker.say("create-node", CreateNode("equalizer", sink))).body.serial
    _, behind = played(maker, session, "equalizer out", properties=group)
    ear = CreateStream("record", "equalizer in", (S16,), target=str(made), properties=group)
    heard = close(answered(maker, session, maker.say("create-stream", ear))).body.device_name
    assert (first, behind, heard) == ("speaker", "speaker", "equalizer")
    assert next_move(raw).device_name == "equalizer"
    maker.close()
    while session.snapshot().find("equalizer", "node") is not None:
        session.wait()
    assert next_move(raw).device_name == "speaker"


def test_a_thousand_events_lead_to_one_plan(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LINGER_SECONDS", 2)  # a slow machine takes so long between two of them
    monkeypatch.setattr(live, "BURST_SECONDS", 60)
    stage.read("settings: {power.suspend-after: 0}\n")  # a slow machine takes so long that a sink may sleep
    raw, session = stage.raw(), stage.session()
    serial, _ = played(raw, session, "song")
    before, events = session.plans, session.picture.events
    for number in range(1000):
        raw.ask("set-properties", SetProperties(serial, {"media.title": str(number)}))
    while session.picture.events < events + 1000:
        session.wait()
    assert session.plans == before + 1


def test_a_bus_with_streams_is_adopted_without_a_click(stage: Stage) -> None:
    raw = stage.raw()
    created = close(raw.answer(ask(raw, "song"))).body
    session = stage.session()
    (link,) = session.snapshot().links_from(created.serial)
    decision = session.history.last(created.serial, "target")
    assert decision is not None
    assert session.snapshot().items[created.serial].properties["policy.decision"] == decision.id
    assert link.facts["input"] == created.device or moves(raw) != []


def test_one_that_comes_back_relinks_nothing(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    serial, _ = played(raw, session, "song")
    (link,) = session.snapshot().links_from(serial)
    stage.leave(session)
    again = stage.session()
    assert [one.serial for one in again.snapshot().links_from(serial)] == [link.serial]
    assert moves(raw) == []


def test_a_stream_follows_the_default_that_people_choose(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    _, place = played(raw, session, "song")
    other = "speaker" if place == "hdmi" else "hdmi"
    raw.ask("set-metadata", set_default_sink(other).body)
    session.wait()
    assert [move.device_name for move in moves(raw)] == [other]


def test_a_stream_whose_target_is_away_waits_with_a_reason_and_goes_there_when_it_comes(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    wish = {"target": "headset", "properties": {"node.dont-fallback": "true", "node.linger": "true"}}
    serial, place = played(raw, session, "song", **wish)
    assert place == ""
    found = session.snapshot().items[serial]
    assert found.state == "waiting"
    assert "headset" in str(found.facts["waits"])
    assert found.properties["policy.state"] == "waiting"


def test_what_is_refused_is_refused_in_the_policys_words(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    wish = {"target": "headset", "properties": {"node.dont-fallback": "true"}, "dont_reconnect": True}
    refusal = answered(raw, session, ask(raw, "song", **wish)).body
    assert isinstance(refusal, Refusal)
    assert "headset" in refusal.what


def test_an_alert_ducks_music_and_music_comes_back(stage: Stage) -> None:
    raw = stage.raw()
    stage.read(RING_LAST)
    session = stage.session()
    music, _ = played(raw, session, "song", properties={"media.role": "music"})
    alert, _ = played(raw, session, "bell", properties={"media.role": "alert"})
    assert session.snapshot().items[music].facts["duck"] == 0.2
    assert session.snapshot().items[music].facts["volume"] == "1"
    raw.ask("destroy", Named(alert))
    while "duck" in session.snapshot().items[music].facts:
        session.wait()


def test_a_stream_that_has_said_all_is_no_reason_any_more_to_be_softer(stage: Stage) -> None:
    raw = stage.raw()
    stage.read(RING_LAST)
    session = stage.session()
    music, _ = played(raw, session, "song", properties={"media.role": "music"})
    wish = {"properties": {"media.role": "alert"}, "attributes": attributes(20)}
    made = answered(raw, session, ask(raw, "bell", **wish))
    session.settle()
    assert session.snapshot().items[music].facts["duck"] == 0.2
    ring = RingProducer.attach(RingDescriptors(*made.descriptors))
    ring.view(0, 9600)[:] = noise(2400)
    ring.publish(9600)
    ring.mark_end(9600)
    while "duck" in session.snapshot().items[music].facts:
        session.wait()
    assert session.snapshot().items[made.body.serial].state == "drained"


def test_what_people_choose_is_remembered_and_what_policy_does_is_not(stage: Stage, tmp_path: Path) -> None:
    stage.state = StateFile(str(tmp_path / "state.json"))
    raw, session = stage.raw(), stage.session()
    serial, _ = played(raw, session, "song", properties={"media.role": "music"})
    session.save()
    assert not (tmp_path / "state.json").exists()
    raw.ask("set-volume", SetVolume(serial, (0.25,)))
    session.wait()
    session.save()
    volumes = json.loads((tmp_path / "state.json").read_text())["volumes"]
    assert [one["gains"] for one in volumes.values()] == [[0.25]]


def test_a_second_session_manager_is_told_who_is_the_first(stage: Stage) -> None:
    with stage.daemon.remote("second") as second:
        stage.session()
        with pytest.raises(Refused) as refused:
            Session(second, stage.read(), StateFile(None)).start()
    assert "session (client" in refused.value.facts[0]


def test_a_client_is_let_in_with_the_role_that_policy_gives_it(stage: Stage) -> None:
    stage.read("access:\n  sandbox: {executables: ['*'], role: restricted}\n")
    session = stage.session()
    raw = stage.stack.enter_context(stage.daemon.raw())
    from pyaudiobus.protocol.messages import Hello
    from pyaudiobus.protocol.wire import FEATURES, VERSION

    asked = raw.say("hello", Hello(VERSION, FEATURES, "stranger", {"policy": "let me be a manager"}))
    welcome = answered(raw, session, asked).body
    assert session.snapshot().items[welcome.client].facts["role"] == Role.RESTRICTED.value


def test_a_record_can_be_decided_again(stage: Stage, tmp_path: Path) -> None:
    raw = stage.raw()
    path = tmp_path / "record"
    with path.open("w") as file:
        session = stage.session(recorder=Recorder(file))
        played(raw, session, "song")
        played(raw, session, "other song", target="speaker")
    lines = path.read_text().splitlines()
    again = list(replay(lines, session.configuration.chains, session.policy))
    assert len(again) == session.plans
    assert [made.differences for made in again] == [[]] * len(again)
    assert any(made.recorded for made in again)


def test_a_record_of_what_a_script_decided_is_decided_so_again_by_the_script(stage: Stage, tmp_path: Path) -> None:
    raw = stage.raw()
    stage.read(
        to_hdmi=(
            "from pyaudiobus.policy.hook import hook\n"
            "from pyaudiobus.policy.verdict import Choice\n"
            "@hook('target', before=['find_named_target'])\n"
            "def to_hdmi(stream, bus):\n"
            "    return Choice(bus.find('hdmi').serial, 'the owner likes it')\n"
        )
    )
    path = tmp_path / "record"
    with path.open("w") as file:
        session = stage.session(recorder=Recorder(file))
        assert played(raw, session, "song")[1] == "hdmi"
    lines = path.read_text().splitlines()
    chains, policy = session.configuration.chains, session.policy
    assert not any(made.differences for made in replay(lines, chains, policy, session.breaker.ask))


def test_a_stream_that_two_hooks_fight_over_is_left_alone(stage: Stage) -> None:
    raw = stage.raw()
    stage.read(
        ping_pong=(
            "import itertools\n"
            "from pyaudiobus.policy.hook import hook\n"
            "from pyaudiobus.policy.verdict import Choice, Pass\n"
            "turns = itertools.count()\n"
            "@hook('target', before=['find_named_target'])\n"
            "def ping_pong(stream, bus):\n"
            "    'Never be content.'\n"
            "    sinks = bus.nodes('Audio/Sink')\n"
            "    return Choice(sinks[next(turns) % len(sinks)].serial, 'the other one')\n"
        )
    )
    session = stage.session()
    asked = ask(raw, "song")
    close(answered(raw, session, asked))
    session.settle()
    assert session.plans < 40
    assert len(moves(raw)) <= 10


def test_streams_of_different_rates_may_offer_what_no_default_plays(stage: Stage) -> None:
    raw, session = stage.raw(), stage.session()
    shape = type(S16)("s16", 44_100, 2)
    refusal = answered(raw, session, raw.say("create-stream", CreateStream("playback", "odd", (shape,)))).body
    assert refusal.code.value == "invalid"
