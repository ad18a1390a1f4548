"""What the daemon offers a session manager: streams wait for it, and are served whether it answers or not.

Past 300 lines because the rules are many and short, and share one stage; of encoded streams others are in
test_governing_encoded.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import (
    Cork,
    CreateStream,
    Hello,
    Named,
    Nothing,
    Refusal,
    SetProperties,
    SetVolume,
    Subscribe,
)
from pyaudiobus.protocol.session_messages import (
    AnswerQuestion,
    AskSession,
    ClaimSession,
    DuckStream,
    PauseStream,
    PlaceStream,
    SessionQuestion,
    SuspendNode,
)
from pyaudiobus.protocol.wire import FEATURES, VERSION, Refused
from pyaudiobus.protocol.words import Body, ObjectInfo
from tests.daemon.bench import FRAME, S16, Daemon, Observer, Player, Raw, Recorder, noise
from tests.daemon.dsp_bus import PCM, DspBus
from tests.daemon.governor import Governor, close_received, code_of, heard

SHORT = 20
"""Milliseconds: the patience of those that are to be found away."""


@pytest.fixture
def governor(shared: Daemon) -> Iterator[Governor]:
    with Governor(shared.remote("governor")) as made:
        yield made


@pytest.fixture
def player(shared: Daemon) -> Iterator[Raw]:
    """A client that was there before anybody governed."""
    with shared.raw().greet() as raw:
        yield raw


def ask(raw: Raw, name: str, **wish: Any) -> int:
    return raw.say("create-stream", CreateStream("playback", name, (S16,), **wish))


# ---- deciding ----


def test_a_new_stream_waits_until_it_is_placed(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song", target="second", dont_move=True)
    waiting = governor.stream("song")
    assert waiting.state == "waiting"
    assert waiting.facts["waits"] == "it waits for the session manager"
    assert (waiting.facts["formats"], waiting.facts["target"], waiting.facts["dont_move"]) == (
        "s16/48000/2",
        "second",
        True,
    )
    link = governor.place("song", "first", reason="it is loud there", decision="target-7")
    answer = close_received(player.answer(asked)).body
    assert (answer.serial, answer.device_name, answer.reason) == (waiting.serial, "first", "it is loud there")
    governor.picture.sync()
    facts = governor.picture.objects[link].facts
    assert (facts["reason"], facts["decision"]) == ("it is loud there", "target-7")
    assert governor.picture.objects[waiting.serial].state == "paused"
    assert governor.picture.objects[waiting.serial].facts.get("waits") is None


def test_marks_and_volume_that_a_waiting_stream_is_given_stay(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song")
    serial = governor.stream("song").serial
    governor.remote.ask("set-properties", SetProperties(serial, {"policy.state": "linked"}))
    governor.remote.ask("set-volume", SetVolume(serial, (0.25,)))
    governor.place("song", "first")
    close_received(player.answer(asked))
    found = governor.remote.ask("get", Named(serial))
    assert found.properties["policy.state"] == "linked"
    assert found.facts["volume"] == "0.25"


def test_a_refusal_reaches_the_client_in_the_policys_words(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song")
    governor.refuse("song", "no music at night")
    refusal = player.answer(asked).body
    assert isinstance(refusal, Refusal)
    assert (refusal.code.value, refusal.what) == ("state", "no music at night")
    governor.picture.sync()
    assert governor.picture.named("song") is None


def test_what_no_sink_plays_is_refused_before_anybody_is_asked(player: Raw, governor: Governor) -> None:
    shape = type(S16)("s16", 44_100, 2)
    answer = player.ask("create-stream", CreateStream("playback", "odd", (shape,)))
    assert answer.body.code.value == "invalid"
    governor.picture.sync()
    assert governor.picture.named("odd") is None


def test_a_stream_that_has_to_wait_may_be_written_to_and_plays_when_it_is_placed(
    player: Raw, governor: Governor
) -> None:
    asked = ask(player, "song")
    governor.hold("song", "the speaker is away")
    answer = close_received(player.answer(asked)).body
    assert (answer.device, answer.suspended, answer.reason) == (0, True, "the speaker is away")
    governor.picture.sync()
    waiting = governor.stream("song")
    assert (waiting.state, waiting.facts["waits"]) == ("waiting", "the speaker is away")
    governor.place("song", "second")
    moved = next(event for event in heard(player, "moved"))
    assert moved.device_name == "second"


def test_a_recording_hears_what_the_session_manager_says(player: Raw, governor: Governor) -> None:
    asked = player.say("create-stream", CreateStream("record", "ear", (S16,)))
    governor.place("ear", "tone", reason="it is the only voice", decision="target-9")
    answer = close_received(player.answer(asked)).body
    assert (answer.device_name, answer.reason) == ("tone", "it is the only voice")


def test_a_decision_about_a_bus_that_has_changed_is_stale(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song")
    link = governor.place("song", "first", expected=0)
    close_received(player.answer(asked))
    serial, second = governor.stream("song").serial, governor.picture.named("second")
    assert second is not None
    assert code_of(governor.remote, "place-stream", PlaceStream(serial, second.serial, expected=link + 1)) == "stale"
    assert governor.place("song", "second", expected=link) != link


def test_a_decision_that_agrees_disturbs_nothing(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song")
    link = governor.place("song", "first", decision="one")
    close_received(player.answer(asked))
    assert governor.place("song", "first", decision="two") == link
    player.ask("sync")
    assert not [event for event in player.events if event.name == "moved"]
    governor.picture.sync()
    assert governor.picture.objects[link].facts["decision"] == "two"


# ---- who governs ----


def test_a_second_session_manager_is_told_who_is_the_first(shared: Daemon, governor: Governor) -> None:
    with connect(shared, governor, "second") as second, pytest.raises(Refused) as refused:
        second.ask("claim-session", ClaimSession())
    assert refused.value.code.value == "busy"
    assert refused.value.facts[0].startswith(f"governor (client {governor.remote.welcome.client}, pid {os.getpid()})")


def connect(daemon: Daemon, governor: Governor, name: str, role: str = "") -> Remote:
    """Connect while somebody governs, who has to let us in; both ends are this thread's."""
    governor.remote.ask("release-session")
    made = daemon.remote(name)
    governor.remote.ask("claim-session", ClaimSession(10_000))
    if role:
        governor.admit(name, role)
    return made


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("place-stream", PlaceStream(1, 2)),
        ("suspend-node", SuspendNode(1)),
        ("try-node", Named(1)),
        ("release-session", Nothing()),
    ],
)
def test_only_the_session_manager_governs(shared: Daemon, governor: Governor, name: str, body: Body) -> None:
    with connect(shared, governor, "other") as other:
        assert code_of(other, name, body) == "access"


def test_only_a_manager_may_be_the_session_manager(shared: Daemon, governor: Governor) -> None:
    with connect(shared, governor, "ordinary", "default") as ordinary:
        governor.remote.ask("release-session")
        with pytest.raises(Refused) as refused:
            ordinary.ask("claim-session", ClaimSession())
        assert refused.value.facts == ("you are default",)
        own = ordinary.welcome.client
        assert code_of(ordinary, "set-properties", SetProperties(own, {"policy.role": "manager"})) == "access"


# ---- when it does not answer ----


def test_what_it_leaves_undecided_falls_to_the_static_policy(player: Raw, governor: Governor) -> None:
    asked = ask(player, "song", target="second")
    governor.stream("song")
    governor.answer()
    answer = close_received(player.answer(asked)).body
    assert answer.device_name == "second"
    assert answer.reason == "it was asked for by name (the session manager did not decide)"


def test_while_it_hangs_clients_are_served_and_when_it_answers_it_governs_again(shared: Daemon, player: Raw) -> None:
    with Governor(shared.remote("hung"), SHORT) as hung:
        first = close_received(player.answer(ask(player, "first song"))).body
        assert first.reason.endswith("(the session manager does not answer)")
        second = close_received(player.answer(ask(player, "second song"))).body
        assert second.reason == "it is the first sink, and no default is set"
        hung.picture.sync()
        assert state(hung) == "away"
        hung.answer()
        hung.picture.sync()
        assert state(hung) == "governs"
        third = ask(player, "third song")
        hung.place("third song", "second", reason="it is back")
        assert close_received(player.answer(third)).body.reason == "it is back"


def state(governor: Governor) -> object:
    return next(one for one in governor.picture.objects.values() if one.kind == "core").facts["session_state"]


def test_when_it_dies_everything_that_waits_is_served(shared: Daemon, player: Raw) -> None:
    with Governor(shared.remote("mortal")) as mortal:
        decided, held, fresh = ask(player, "decided"), ask(player, "held"), ask(player, "fresh")
        mortal.place("decided", "second")
        mortal.hold("held", "not yet")
        mortal.stream("fresh")
    assert close_received(player.answer(decided)).body.device_name == "second"
    assert close_received(player.answer(held)).body.reason == "not yet"
    assert "there is no session manager any more" in close_received(player.answer(fresh)).body.reason
    assert next(heard(player, "moved")).device_name == "first"
    assert close_received(player.answer(ask(player, "later"))).body.device_name == "first"


# ---- clients ----


def test_a_client_is_let_in_when_it_is_said_what_it_may_do(shared: Daemon, player: Raw, governor: Governor) -> None:
    close_received(player.answer(placed(player, governor, "song")))
    with shared.raw() as raw:
        greeting = raw.say("hello", Hello(VERSION, FEATURES, "stranger", {}))
        governor.admit("stranger", "restricted")
        raw.answer(greeting)
        raw.ask("subscribe", Subscribe(("node", "client")))
        raw.ask("sync")
        names = {event.body.name for event in raw.events if event.name == "object-added"}
        assert "song" not in names
        assert {"first", "stranger"} <= names


def placed(player: Raw, governor: Governor, name: str) -> int:
    asked = ask(player, name)
    governor.place(name, "first")
    return asked


def test_clients_come_in_though_nobody_says_what_they_may_do(shared: Daemon) -> None:
    with Governor(shared.remote("hung"), SHORT), shared.remote("patient") as patient:
        assert patient.ask("get", Named(patient.welcome.client)).facts["role"] == "manager"


# ---- beside each other ----


def test_ducking_is_a_gain_of_its_own_and_ends_with_the_session_manager(tmp_path: Path) -> None:
    with DspBus(tmp_path) as bus, bus.remote("player") as remote, Governor(bus.remote("governor"), SHORT) as governor:
        player = Player(remote, "music", PCM)
        recorder_sink = governor.picture.named("null")
        assert recorder_sink is not None
        governor.remote.ask("set-volume", SetVolume(player.serial, (0.5,), 0))
        governor.remote.ask("duck-stream", DuckStream(player.serial, 0.2, 0))
        governor.remote.ask("pause-stream", PauseStream(player.serial, True, reason="the phone rings"))
        found = governor.remote.ask("get", Named(player.serial))
        assert (found.facts["volume"], found.facts["duck"], found.state) == ("0.5", 0.2, "corked")
        remote.ask("sync")
        assert [event.body.reason for event in remote.happenings() if event.name == "stream-held"] == [
            "the phone rings"
        ]
        governor.remote.close()
        bus.call(bus.bus.orders.let_all_be)
        found = remote.ask("get", Named(player.serial))
        assert (found.facts["volume"], found.facts["duck"], found.state) == ("0.5", None, "paused")


def test_what_is_ducked_is_heard_softer(shared: Daemon) -> None:
    with shared.remote("player") as remote:
        song = noise(4800)
        player, recorder = Player(remote, "music", target="first", corked=True), Recorder(remote, "first.monitor")
        with Governor(shared.remote("governor")) as governor:
            governor.remote.ask("duck-stream", DuckStream(player.serial, 0.5, 0))
            governor.remote.ask("sync")
            player.write(song)
            remote.ask("cork", Cork(player.serial, False))
            remote.ask("trigger", Named(player.serial))
            data = memoryview(recorder.read_sound(400 * FRAME)).cast("h")
            expected = memoryview(song).cast("h")
            assert all(abs(2 * data[i] - expected[i]) <= 3 for i in range(800))


# ---- devices ----


def test_an_idle_device_is_closed(player: Raw, governor: Governor) -> None:
    close_received(player.answer(placed(player, governor, "song")))
    second = governor.picture.named("second")
    assert second is not None
    governor.remote.ask("suspend-node", SuspendNode(second.serial))
    governor.picture.sync()
    found = governor.picture.named("second")
    assert found is not None
    assert found.state == "suspended"


# ---- asking it ----


def test_a_question_finds_its_way_to_the_session_manager_and_back(player: Raw, governor: Governor) -> None:
    asked = player.say("ask-session", AskSession("explain", {"stream": "song"}))
    question = question_of(governor)
    assert (question.question, question.arguments, question.is_manager) == ("explain", {"stream": "song"}, True)
    governor.remote.ask("answer-question", AnswerQuestion(question.number, ("because",)))
    assert player.answer(asked).body.lines == ("because",)


def question_of(governor: Governor) -> SessionQuestion:
    while True:
        for event in governor.remote.happenings():
            if event.name == "session-question":
                question: SessionQuestion = event.body
                return question
        assert governor.remote.wait(timeout=30)


def test_a_question_without_anybody_to_answer_is_answered_so(shared: Daemon) -> None:
    with shared.remote() as remote:
        with pytest.raises(Refused) as refused:
            remote.ask("ask-session", AskSession("explain"))
        assert "there is no session manager" in refused.value.what


def test_who_asks_is_told_when_the_session_manager_dies(shared: Daemon, player: Raw) -> None:
    with Governor(shared.remote("mortal")) as mortal:
        asked = player.say("ask-session", AskSession("explain"))
        question_of(mortal)
    assert player.answer(asked).body.what == "the session manager left before it answered"


def test_the_bus_says_who_governs(launch: Callable[[str], Daemon]) -> None:
    daemon = launch("sinks: {speaker: {kind: null}}")
    with daemon.remote() as remote:
        picture = Observer(remote)
        with Governor(daemon.remote("governor"), SHORT) as governor:
            picture.until(lambda: state_of(picture) == "governs")
            assert core(picture).facts["session"] == governor.remote.welcome.client
        picture.until(lambda: state_of(picture) == "none")


def core(picture: Observer) -> ObjectInfo:
    return next(one for one in picture.objects.values() if one.kind == "core")


def state_of(picture: Observer) -> object:
    return core(picture).facts["session_state"]
