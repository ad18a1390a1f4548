"""Steps of misbehaving_scripts.feature."""

from __future__ import annotations

import os
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.errors import UserError
from pyaudiobus.session.configuration import Places, read
from pyaudiobus.session.session import Session
from tests.daemon.bench import Raw
from tests.session.conftest import Stage, answered, ask

scenarios("misbehaving_scripts.feature")

HEAD = """
import os, time
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Rejected, Wait

@hook("target", before=["find_named_target"])
def {name}(stream, bus):
    "Misbehave."
"""
SCRIPTS = {
    "raises": ("raising", '    raise ValueError("no idea")'),
    "hangs": ("hanging", "    while True: pass"),
    "sleeps": ("sleeping", "    time.sleep(60)"),
    "says nonsense": ("babbling", '    return "the loud one"'),
    "names no sink": ("dreaming", '    return Choice(4711, "it was there in a dream")'),
    "kills itself": ("dying", "    os._exit(3)"),
    "eats memory": ("eating", "    return [b'x' * 2**30 for _ in range(8)]"),
    "never lets go": (
        "stubborn",
        "    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
    ),
    "changes the bus": ("meddling", '    stream.properties["node.exclusive"] = "true"'),
    "is asynchronous": ("postponing", '    return Pass("soon")'),
    "calls itself": ("circling", "    return circling(stream, bus)"),
    "ends itself": ("leaving", "    raise SystemExit(3)"),
    "waits for ever": ("expecting", '    return Wait("a better day", until="tomorrow")'),
    "waits backwards": ("regretting", '    return Wait("a day that is gone", until=-5.0)'),
    "says too much": ("chattering", '    return Pass("x", tuple(Rejected(1, "a", "b") for _ in range(20_000)))'),
    "splits itself in two": (
        "splitting",
        '    os.fork()\n    return Choice(bus.find("speaker", "node").serial, "the owner says so")',
    ),
    "takes 200 ms each time": ("slow", '    time.sleep(0.2)\n    return Pass("after a while")'),
    "prints a book": ("printing", '    print("word " * 20_000)\n    return Pass("read it")'),
    "prefers the speaker": (
        "preferring",
        '    return Choice(bus.find("speaker", "node").serial, "the owner says so")',
    ),
}
SLOW = ("hangs", "sleeps", "never lets go")
FILES = {
    "no Python": "def hook(:",
    "an absent import": "import absent_module",
    "an endless loop": "while True: pass",
    "an exit": "import os\nos._exit(0)",
    "no hook": "x = 1",
    "an unknown neighbour": HEAD.format(name="lost").replace("find_named_target", "find_named_taget") + "    pass",
    "a cycle": HEAD.format(name="cyclic").replace(
        'before=["find_named_target"]', 'before=["find_named_target"], after=["find_default_target"]'
    )
    + "    pass",
}


@given(parsers.parse("a script that {does}"), target_fixture="raw")
def _(stage: Stage, does: str, monkeypatch: pytest.MonkeyPatch) -> Raw:
    raw = stage.raw()
    if does not in SLOW:
        be_patient(monkeypatch)
    name, lines = SCRIPTS[does]
    head = HEAD.replace("def ", "async def ") if does == "is asynchronous" else HEAD
    stage.read(**{name: head.format(name=name) + lines + "\n"})
    return raw


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, what answers at all is in time."""
    monkeypatch.setattr("pyaudiobus.session.hook_process.DEADLINE", 5.0)
    monkeypatch.setattr("pyaudiobus.session.hook_process.RELOADING_DEADLINE", 5.0)


@when("it is asked ten times in one plan", target_fixture="outcomes")
def _(stage: Stage) -> list[Any]:
    session = governing(stage)
    hook = next(one for one in session.configuration.chains["target"].hooks if one.source)
    session.breaker.begin()
    bus = session.snapshot()
    return [session.breaker.ask(hook, next(iter(bus.items.values())), bus) for _ in range(10)]


@then("it is asked no more after a second, and named")
def _(outcomes: list[Any]) -> None:
    said = [outcome.reason for outcome in outcomes]
    assert said[0] == "after a while"
    assert "are not asked any more" in said[-1]
    assert said.count("after a while") <= 6


@then("each plays where the script wants it, or on the default sink")
def _(streams: list[Any]) -> None:
    assert {stream.reason for stream in streams} <= {"the owner says so", "it is the default sink"}


@given(parsers.parse("a file in policy.d with {mistake}, and one that prefers the speaker"), target_fixture="raw")
def _(stage: Stage, mistake: str, monkeypatch: pytest.MonkeyPatch) -> Raw:
    monkeypatch.setattr("pyaudiobus.session.hook_process.LOADING_DEADLINE", 1.0)
    be_patient(monkeypatch)
    raw = stage.raw()
    name, lines = SCRIPTS["prefers the speaker"]
    stage.read(script=FILES[mistake], **{name: HEAD.format(name=name) + lines + "\n"})
    return raw


@given(parsers.re(r"a file in policy.d with (?P<mistake>[\w ]+)"), target_fixture="raw")
def _(stage: Stage, mistake: str, monkeypatch: pytest.MonkeyPatch) -> Raw:
    monkeypatch.setattr("pyaudiobus.session.hook_process.LOADING_DEADLINE", 1.0)
    raw = stage.raw()
    stage.text = FILES[mistake]
    return raw


@when("a stream appears", target_fixture="streams")
def _(stage: Stage, raw: Raw) -> list[Any]:
    return [_played(stage, raw, "song")]


@when("four streams appear", target_fixture="streams")
def _(stage: Stage, raw: Raw) -> list[Any]:
    return [_played(stage, raw, f"song {number}") for number in range(4)]


def _played(stage: Stage, raw: Raw, name: str) -> Any:
    answer = answered(raw, governing(stage), ask(raw, name))
    for descriptor in answer.descriptors:
        os.close(descriptor)
    return answer.body


def governing(stage: Stage) -> Session:
    if stage.governing is None:
        if stage.text:
            stage.read(script=stage.text)
        stage.governing = stage.session()
    return stage.governing


@then("it plays on the default sink")
@then("all play on the default sink")
def _(streams: list[Any]) -> None:
    assert [stream.reason for stream in streams] == ["it is the default sink"] * len(streams)


@then(parsers.parse('it plays on the speaker because "{reason}"'))
def _(streams: list[Any], reason: str) -> None:
    assert [(stream.device_name, stream.reason) for stream in streams] == [("speaker", reason)]


@then(parsers.re(r"people can read that (?P<script>\w+) failed: (?P<reason>.*)"))
def _(stage: Stage, streams: list[Any], script: str, reason: str) -> None:
    decision = governing(stage).history.last(streams[0].serial, "target")
    assert decision is not None
    (step,) = (step for step in decision.steps if step.hook == script)
    assert reason in step.outcome.reason, step.outcome.reason
    assert step.source.endswith(f"policy.d/{script}.py")


@then(parsers.parse("people can read that {script} is switched off after three failures"))
def _(stage: Stage, script: str) -> None:
    (record,) = (one for one in governing(stage).breaker.records() if one.hook.name == script)
    assert record.is_off
    assert record.asked == 3


@then(parsers.parse("people can read that the file is left out: {reason}"))
def _(stage: Stage, reason: str) -> None:
    (mistake,) = governing(stage).configuration.mistakes
    assert reason in mistake
    assert "policy.d" in mistake


@then(parsers.parse('reading it is refused because "{reason}"'))
def _(stage: Stage, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refused:
        stage.read(script=stage.text)
    assert "script.py" in str(refused.value)


@then(parsers.parse('a start leaves it out because "{reason}"'))
def _(stage: Stage, reason: str) -> None:
    (stage.folder / "policy.d").mkdir()
    (stage.folder / "policy.d" / "script.py").write_text(stage.text)
    started = read(Places(scripts=str(stage.folder / "policy.d")), is_start=True)
    if started.process is not None:
        stage.stack.callback(started.process.stop)
    (mistake,) = started.mistakes
    assert "script.py" in mistake
    assert reason in mistake
    assert started.chains["target"].hooks
