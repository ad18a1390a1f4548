"""A restricted program that wants to know what others do: it learns nothing of them, whatever it asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pyaudiobus.client.happenings import close_all
from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import CreateLink, CreateStream, PlaySample, SetPermissions, Subscribe
from pyaudiobus.protocol.session_messages import AskSession, PauseStream
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, MetadataEntry, Permission
from tests.daemon.bench import FRAME, S16, Daemon, Player
from tests.daemon.dsp_bus import MP3, PCM, DspBus, Encoded, song_at
from tests.daemon.governor import Governor
from tests.daemon.test_samples import upload

SECRET = "SECRET-47"
KINDS = ("core", "client", "node", "port", "link", "device", "metadata", "sample", "player")
CONFIG = """
sockets:
  {0}/bus: {{mode: 0666}}
  {0}/narrow: {{role: restricted}}
sinks:
  speaker: {{kind: null}}
access:
  users: {{root: manager}}
"""


class Spy:
    """Keeps all that it is told, be it answer, event or refusal."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.told: list[Any] = []
        remote.watchers.append(self)

    def take(self, happening: Any) -> None:
        self.told.append(happening)

    def ask(self, name: str, body: Any) -> str:
        """Ask; return how it was refused, empty where it was not."""
        try:
            self.told.append(self.remote.ask(name, body))
        except Refused as refused:
            self.told.append((refused.what, refused.facts, refused.advice))
            return f"{refused.code}: {refused.what} {refused.facts}"
        return ""

    def text(self) -> str:
        """All of it, as text."""
        self.remote.ask("sync")
        for event in self.remote.happenings():
            close_all(event.descriptors)
            self.told.append(event)
        return repr([msgspec.to_builtins(one) if isinstance(one, msgspec.Struct) else one for one in self.told])


@pytest.fixture
def scene(launch: Callable[[str], Daemon], tmp_path: Path) -> Iterator[tuple[Remote, Spy, dict[str, int]]]:
    """A daemon with somebody's streams and samples on it, the spy, and the serials of what it should not find."""
    daemon = launch(CONFIG.format(tmp_path))
    with daemon.remote("manager") as manager, daemon.remote("narrow", str(tmp_path / "narrow")) as narrow:
        player = Player(manager, SECRET)
        upload(manager, SECRET, b"\1\0\2\0" * 64)
        yield manager, Spy(narrow), {"player": player.serial, "client": manager.welcome.client}


def test_it_lists_nothing_of_others_and_hears_of_nothing(scene: tuple[Remote, Spy, dict[str, int]]) -> None:
    manager, spy, hidden = scene
    spy.ask("subscribe", Subscribe(KINDS))
    manager.ask("set-metadata", MetadataEntry(0, "volume.keys", "string", SECRET))
    manager.ask("set-metadata", MetadataEntry(hidden["player"], "target.object", "string", SECRET))
    manager.ask("play-sample", PlaySample(SECRET))
    Player(manager, SECRET + "-2")
    assert not leaks(spy)


def test_it_can_neither_hear_play_nor_replace_what_others_have(scene: tuple[Remote, Spy, dict[str, int]]) -> None:
    manager, spy, hidden = scene
    for target in (hidden["player"], "speaker.monitor", SECRET, "speaker"):
        assert spy.ask("create-stream", CreateStream("record", "spy", (S16,), target=str(target)))
    assert spy.ask("play-sample", PlaySample(SECRET))
    upload(spy.remote, SECRET, b"\0\0\0\0" * 8)
    sizes = [one for one in told_of(manager, "sample") if one.name == SECRET]
    assert sorted(int(str(one.facts["bytes"])) // FRAME for one in sizes) == [8, 64]


def leaks(spy: Spy) -> list[str]:
    """What the spy was told that names the secret, with what is before it."""
    text = spy.text()
    return [text[max(0, place.start() - 150) : place.end()] for place in re.finditer(SECRET, text)]


def told_of(remote: Remote, kind: str) -> list[Any]:
    found: list[Any] = []

    class Ear:
        def take(self, happening: Any) -> None:
            found.append(happening.body)

    remote.watchers.append(Ear())
    remote.ask("subscribe", Subscribe((kind,)))
    return [one for one in found if getattr(one, "kind", "") == kind]


def test_a_serial_that_it_may_not_see_is_refused_like_one_that_there_is_not(
    scene: tuple[Remote, Spy, dict[str, int]],
) -> None:
    _, spy, hidden = scene
    own = spy.remote.ask_with_descriptors("create-stream", CreateStream("playback", "own", (S16,), corked=True))
    close_all(own[1])
    missing = 10**6

    def asks(serial: int) -> list[str]:
        text = str(serial)
        return [
            spy.ask("create-stream", CreateStream("record", "spy", (S16,), target=text)),
            spy.ask("create-stream", CreateStream("playback", "spy", (S16,), target=text)),
            spy.ask("create-link", CreateLink(own[0].serial, serial)),
            spy.ask("create-link", CreateLink(serial, own[0].serial)),
            spy.ask("set-permissions", SetPermissions(spy.remote.welcome.client, (Permission(serial, 1),))),
            spy.ask("play-sample", PlaySample(SECRET if serial != missing else "missing")),
        ]

    for name, serial in hidden.items():
        told = [one.replace(str(serial), "N").replace(SECRET, "X") for one in asks(serial)]
        wanted = [one.replace(str(missing), "N").replace("missing", "X") for one in asks(missing)]
        assert told == wanted, name
        assert all(told)


def test_it_is_not_told_who_has_the_dsp_and_why_it_waits(tmp_path: Path) -> None:
    shape, _ = song_at(MP3)
    with DspBus(tmp_path) as bus, bus.remote("first") as first, bus.remote("narrow") as narrow:
        Encoded(first, shape, PCM, name=SECRET)
        spy = Spy(narrow)
        first.ask(
            "set-permissions",
            SetPermissions(narrow.welcome.client, (Permission(0, 0), *(Permission(one, 5) for one in range(2, 8)))),
        )
        spy.ask("subscribe", Subscribe(KINDS))
        body, descriptors = narrow.ask_with_descriptors(
            "create-stream", CreateStream("playback", "own", (shape, PCM), attributes=Attributes())
        )
        close_all(descriptors)
        spy.told.append(body)
        assert spy.ask("create-stream", CreateStream("playback", "own", (shape,), target="dsp"))
        with Governor(bus.remote("governor")) as governor:
            governor.remote.ask("pause-stream", PauseStream(body.serial, True, reason=f"{SECRET} plays"))
            governor.hold("own", f"{SECRET} plays")
            governor.place("own", "null", reason=f"{SECRET} is gone", decision=SECRET)
            assert spy.ask("ask-session", AskSession("explain", {"subject": SECRET}))
            governor.refuse("own", f"{SECRET} is more important")
        assert not leaks(spy)
        assert "not told why" in spy.text()
