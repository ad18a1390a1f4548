"""Steps of suspend_when_idle.feature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from pyaudiobus.protocol.messages import Cork, Killed, Named, Suspended
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes
from tests.daemon.bench import Daemon, Observer, Player, Recorder, attributes, noise

scenarios("suspend_when_idle.feature")
SOUND = noise(4800)


class Stage:
    """What a scenario works with."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.remote = daemon.remote("player")
        self.observer = Observer(daemon.remote("observer"))
        self.heard: list[Any] = []
        self.player: Player
        self.recorder: Recorder

    def play(self, **wish: Any) -> None:
        self.player = Player(self.remote, attributes=attributes(50), **wish)
        self.remote.listen(self.player.serial, lambda happening: self.heard.append(happening.body))

    def until_told(self, kind: type) -> Any:
        while not (found := [one for one in self.heard if isinstance(one, kind)]):
            assert self.remote.wait(timeout=30)
        self.heard.clear()
        return found[0]


@given(parsers.parse('a sink "{name}" that sleeps after a second'), target_fixture="stage")
def _(launch: Callable[[str], Daemon], name: str) -> Stage:
    return Stage(launch(f"sinks:\n  {name}: {{kind: null, suspend-after: 1 s}}\n"))


@given("a corked stream with sound in it")
def _(stage: Stage) -> None:
    stage.play(corked=True)
    stage.player.write(SOUND)


@given("a stream without sound in it")
def _(stage: Stage) -> None:
    stage.play()


@given("a corked stream that fails on suspend")
def _(stage: Stage) -> None:
    stage.play(corked=True, fail_on_suspend=True)


@when("nothing has sounded for a second")
def _(stage: Stage) -> None:
    def is_asleep() -> bool:
        lazy = stage.observer.named("lazy")
        return lazy is not None and lazy.state == "suspended"

    stage.observer.until(is_asleep)


@then(parsers.parse('"{name}" is suspended'))
def _(stage: Stage, name: str) -> None:
    found = stage.remote.ask("get", Named(stage.observer.named(name).serial))  # type: ignore[union-attr]
    assert found.state == "suspended"


@when("a program plays")
def _(stage: Stage) -> None:
    stage.play()


@then("the sound is heard to the byte")
@then("all of it is heard")
def _(stage: Stage) -> None:
    remote = stage.daemon.remote("listener")
    recorder = Recorder(remote, str(stage.player.serial), attributes=Attributes(fragsize=960))
    if not stage.player.ring.written:
        stage.player.write(SOUND)
        assert recorder.read_sound(len(SOUND)) == SOUND
    stage.remote.ask("drain", Named(stage.player.serial))
    assert stage.player.ring.space() == stage.player.ring.capacity


@then("the stream is told that its sink is suspended")
def _(stage: Stage) -> None:
    assert stage.until_told(Suspended).suspended


@when("the stream is let go")
def _(stage: Stage) -> None:
    stage.remote.ask("cork", Cork(stage.player.serial, corked=False))


@then("the stream is told that its sink is awake")
def _(stage: Stage) -> None:
    assert not stage.until_told(Suspended).suspended


@when("its program writes")
def _(stage: Stage) -> None:
    stage.player.write(SOUND)


@then("the stream is ended because lazy was suspended")
def _(stage: Stage) -> None:
    assert stage.until_told(Killed).reason == "lazy was suspended"


@then("a stream that fails on suspend is refused")
def _(stage: Stage) -> None:
    with pytest.raises(Refused, match="lazy is suspended") as refused:
        stage.play(fail_on_suspend=True)
    assert refused.value.code.value == "state"
