"""Who sees, calls and hears what: without r an object does not exist, without x it cannot be called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pyaudiobus.client.remote import Remote
from pyaudiobus.protocol.messages import (
    ClearMetadata,
    CreateLink,
    CreateStream,
    EnumParams,
    Move,
    Named,
    Permissions,
    Profile,
    Right,
    SetAttributes,
    SetMute,
    SetParam,
    SetPermissions,
    SetProperties,
    SetVolume,
)
from pyaudiobus.protocol.wire import Refused
from pyaudiobus.protocol.words import Attributes, Body, MetadataEntry, Permission
from tests.daemon.bench import S16, Daemon, Observer, Player, Recorder

RWXM = Right.R | Right.W | Right.X | Right.M


@pytest.fixture
def manager(shared: Daemon) -> Iterator[Remote]:
    with shared.remote("manager") as made:
        yield made


@pytest.fixture
def visitor(shared: Daemon) -> Iterator[Observer]:
    with shared.remote("visitor") as made:
        yield Observer(made)


def allow(manager: Remote, client: Observer, *entries: tuple[int, Right]) -> None:
    serial = client.remote.welcome.client
    manager.ask("set-permissions", SetPermissions(serial, tuple(Permission(one, int(bits)) for one, bits in entries)))
    client.sync()


def code(remote: Remote, name: str, body: Body) -> str:
    """Why a request is refused."""
    with pytest.raises(Refused) as refused:
        remote.ask(name, body)
    return refused.value.code.value


def requests_about(serial: int, client: int) -> list[tuple[str, Body]]:
    """Every request that names an object."""
    return [
        ("get", Named(serial)),
        ("set-properties", SetProperties(serial, {"a": "b"})),
        ("enum-params", EnumParams(serial, "Props")),
        ("set-param", SetParam(serial, "Props", "{}")),
        ("destroy", Named(serial)),
        ("create-link", CreateLink(serial, serial)),
        ("trigger", Named(serial)),
        ("prebuf", Named(serial)),
        ("flush", Named(serial)),
        ("drain", Named(serial)),
        ("set-attributes", SetAttributes(serial, Attributes())),
        ("set-volume", SetVolume(serial, (1.0,))),
        ("set-mute", SetMute(serial, muted=True)),
        ("move", Move(serial, "")),
        ("finish-upload", Named(serial)),
        ("set-metadata", MetadataEntry(serial, "k", "string", "v")),
        ("clear-metadata", ClearMetadata(serial, "k")),
        ("get-permissions", Named(serial)),
        ("set-permissions", SetPermissions(client, (Permission(serial, 0),))),
        ("profile", Profile(serial, 1)),
    ]


def test_what_may_not_be_seen_is_not_there_for_any_request(manager: Remote, visitor: Observer) -> None:
    player = Player(manager, "secret")
    allow(manager, visitor, (player.serial, Right(0)))
    missing = {
        name: code(visitor.remote, name, body) for name, body in requests_about(10**6, visitor.remote.welcome.client)
    }
    hidden = {
        name: code(visitor.remote, name, body)
        for name, body in requests_about(player.serial, visitor.remote.welcome.client)
    }
    assert hidden == missing
    assert set(hidden.values()) == {"not found"}


def test_what_may_not_be_seen_goes_with_its_ports_and_links_and_comes_back(manager: Remote, visitor: Observer) -> None:
    player = Player(manager, "veiled")
    visitor.sync()
    before = dict(visitor.objects)
    visitor.story.clear()
    allow(manager, visitor, (player.serial, Right(0)))
    gone = [body.serial for name, body in visitor.story if name == "object-removed"]
    assert [before[serial].kind for serial in gone] == ["link", "port", "node"]
    manager.ask("set-metadata", MetadataEntry(player.serial, "k", "string", "v"))
    manager.ask("set-mute", SetMute(player.serial, muted=True))
    visitor.story.clear()
    visitor.sync()
    assert not visitor.story
    allow(manager, visitor, (player.serial, RWXM))
    assert [body.kind for name, body in visitor.story if name == "object-added"] == ["node", "port", "link"]


def test_an_object_that_comes_hidden_is_never_told_of(manager: Remote, visitor: Observer) -> None:
    allow(manager, visitor, (0, Right(0)))
    assert {one.kind for one in visitor.objects.values()} == {"client"}
    visitor.story.clear()
    player = Player(manager, "unseen")
    manager.ask("set-metadata", MetadataEntry(0, "default.audio.sink", "string", "first"))
    manager.ask("set-metadata", MetadataEntry(player.serial, "k", "string", "v"))
    manager.ask("destroy", Named(player.serial))
    visitor.sync()
    assert not visitor.story
    assert code(visitor.remote, "create-stream", CreateStream("playback", "x", (S16,))) == "state"


@pytest.mark.parametrize(
    ("request_", "rights", "missing"),
    [
        ("trigger", RWXM & ~Right.X, "X"),
        ("set-volume", RWXM & ~Right.W, "W"),
        ("set-metadata", RWXM & ~Right.M, "M"),
        ("destroy", RWXM & ~Right.X, "X"),
    ],
)
def test_a_refusal_names_the_right_that_is_missing(
    manager: Remote, visitor: Observer, request_: str, rights: Right, missing: str
) -> None:
    player = Player(manager, "guarded")
    allow(manager, visitor, (player.serial, rights))
    body = dict(requests_about(player.serial, visitor.remote.welcome.client))[request_]
    with pytest.raises(Refused) as refused:
        visitor.remote.ask(request_, body)
    assert refused.value.code.value == "access"
    assert refused.value.facts == (f"missing: {missing}",)


def test_without_w_another_s_stream_is_only_looked_at(manager: Remote, visitor: Observer) -> None:
    player = Player(manager, "readable")
    allow(manager, visitor, (player.serial, Right.R | Right.X))
    visitor.remote.ask("get", Named(player.serial))
    assert code(visitor.remote, "destroy", Named(player.serial)) == "access"
    assert code(visitor.remote, "drain", Named(player.serial)) == "access"
    manager.ask("get", Named(player.serial))


def test_nobody_hears_another_s_stream_or_a_sink_without_leave(manager: Remote, visitor: Observer) -> None:
    player = Player(manager, "private", target="first")
    mine = Player(visitor.remote, "mine")
    first = visitor.named("first")
    assert first is not None
    allow(manager, visitor, (0, RWXM))
    for target in (str(player.serial), "first", "first.monitor"):
        assert code(visitor.remote, "create-stream", CreateStream("record", "spy", (S16,), target=target)) == "access"
    recorder = Recorder(visitor.remote, "tone")
    assert code(visitor.remote, "create-link", CreateLink(player.serial, recorder.serial)) == "access"
    assert code(visitor.remote, "create-link", CreateLink(first.serial, recorder.serial)) == "access"
    assert code(visitor.remote, "move", Move(recorder.serial, str(player.serial))) == "access"
    Recorder(visitor.remote, str(mine.serial))
    allow(manager, visitor, (player.serial, RWXM | Right.L))
    Recorder(visitor.remote, str(player.serial))


def test_a_sink_without_x_is_not_played_on(manager: Remote, visitor: Observer) -> None:
    second = visitor.named("second")
    assert second is not None
    allow(manager, visitor, (second.serial, Right.R))
    assert code(visitor.remote, "create-stream", CreateStream("playback", "x", (S16,), target="second")) == "not found"
    player = Player(visitor.remote, target="first")
    assert code(visitor.remote, "move", Move(player.serial, "second")) == "not found"
    assert code(visitor.remote, "create-link", CreateLink(player.serial, second.serial)) == "access"


def test_nobody_gives_what_he_has_not_got(manager: Remote, visitor: Observer) -> None:
    allow(manager, visitor, (0, RWXM))
    own, other = visitor.remote.welcome.client, manager.welcome.client
    for client in (own, other):
        wish = SetPermissions(client, (Permission(0, 31),))
        assert code(visitor.remote, "set-permissions", wish) == "access"
    visitor.remote.ask("set-permissions", SetPermissions(own, (Permission(0, 1),)))
    assert code(visitor.remote, "set-permissions", SetPermissions(own, (Permission(0, 3),))) == "access"


def test_permissions_tell_only_of_what_the_asker_knows(manager: Remote, visitor: Observer, shared: Daemon) -> None:
    player = Player(manager, "told")
    with shared.remote("third") as third:
        client = third.welcome.client
        manager.ask("set-permissions", SetPermissions(client, (Permission(player.serial, 1),)))
        found: Permissions = manager.ask("get-permissions", Named(client))
        assert player.serial in [one.object for one in found.permissions]
        allow(manager, visitor, (player.serial, Right(0)))
        found = visitor.remote.ask("get-permissions", Named(client))
        assert player.serial not in [one.object for one in found.permissions]


def test_what_is_one_s_own_stays_one_s_own(manager: Remote, visitor: Observer) -> None:
    player = Player(visitor.remote, "own")
    allow(manager, visitor, (player.serial, Right(0)))
    visitor.remote.ask("set-mute", SetMute(player.serial, muted=True))
    assert player.serial in visitor.objects


ROLES = """
sockets:
  {0}/bus: {{mode: 0666}}
  {0}/narrow: {{role: restricted}}
  {0}/plain: {{role: default}}
sinks:
  first: {{kind: null}}
access:
  users: {{root: manager}}
"""


def test_a_socket_gives_its_role(launch: Callable[[str], Daemon], tmp_path: Path) -> None:
    daemon = launch(ROLES.format(tmp_path))
    with (
        daemon.remote("manager") as manager,
        daemon.remote("plain", str(tmp_path / "plain")) as plain,
        daemon.remote("narrow", str(tmp_path / "narrow")) as narrow,
    ):
        player = Player(manager, "first player")
        seen = {name: Observer(one) for name, one in (("manager", manager), ("plain", plain), ("narrow", narrow))}
        assert seen["manager"].kinds() == seen["plain"].kinds()
        assert {one.name for one in seen["narrow"].objects.values() if one.kind in ("client", "node")} == {
            "narrow",
            "first",
        }
        Recorder(manager, "first")
        assert code(plain, "create-stream", CreateStream("record", "spy", (S16,), target="first")) == "access"
        plain.ask("set-mute", SetMute(player.serial, muted=True))
        assert code(narrow, "set-mute", SetMute(player.serial, muted=True)) == "not found"
        mine = Player(narrow, "narrow player")
        narrow.ask("set-mute", SetMute(mine.serial, muted=True))
        first = seen["narrow"].named("first")
        assert first is not None
        assert code(narrow, "set-volume", SetVolume(first.serial, (0.5,))) == "access"
        assert code(narrow, "set-metadata", MetadataEntry(0, "default.audio.sink", "string", "x")) == "access"
        seen["narrow"].sync()
        assert seen["narrow"].kinds()["link"] == 1


def test_what_the_kernel_tells_of_a_client_can_be_read(manager: Remote, visitor: Observer, shared: Daemon) -> None:
    told = manager.ask("get", Named(visitor.remote.welcome.client)).facts
    assert told["socket"] == str(shared.path)
    assert told["groups"] == " ".join(map(str, os.getgroups()))
    assert (told["uid"], told["role"]) == (os.getuid(), "manager")
