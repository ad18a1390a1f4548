"""Who may do what: by what the kernel says of a client, whatever it says of itself."""

from __future__ import annotations

import pytest

from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.model.items import Fact
from pyaudiobus.model.rule import Grant
from pyaudiobus.policy.actions import SetRole
from tests.policy.scene import Scene

PLAIN: dict[str, Fact] = {
    "uid": 1000,
    "gid": 1000,
    "groups": "1000 29",
    "cgroup": "/user.slice/app.scope",
    "executable": "/usr/bin/player",
    "socket": "/run/audiobus/bus",
    "role": "default",
}


def role(*grants: Grant, **facts: Fact) -> str:
    scene = Scene()
    scene.policy(access=grants)
    scene.add("client", "program", "ready", 0, {**PLAIN, **facts})
    made = [action.role for action in scene.decide().actions if isinstance(action, SetRole)]
    assert not scene.decide().actions
    return made[0] if made else "as it was"


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (Grant("g", Role.RESTRICTED, sockets=("/run/audiobus/*",)), "restricted"),
        (Grant("g", Role.RESTRICTED, sockets=("/run/other",)), "as it was"),
        (Grant("g", Role.MANAGER, users=(1000,)), "manager"),
        (Grant("g", Role.MANAGER, users=(-1,)), "as it was"),
        (Grant("g", Role.MANAGER, groups=(29,)), "manager"),
        (Grant("g", Role.MANAGER, groups=(2,)), "as it was"),
        (Grant("g", Role.RESTRICTED, cgroups=("/user.slice/*",)), "restricted"),
        (Grant("g", Role.RESTRICTED, executables=("*/player",), users=(5,)), "as it was"),
        (Grant("g", Role.RESTRICTED, executables=("*/player",), users=(1000,)), "restricted"),
    ],
)
def test_a_grant_fits_who_fulfils_all_that_it_asks_for(grant: Grant, expected: str) -> None:
    assert role(grant) == expected


def test_the_first_grant_that_fits_counts() -> None:
    grants = (Grant("one", Role.RESTRICTED, users=(1000,)), Grant("two", Role.MANAGER, groups=(29,)))
    assert role(*grants) == "restricted"


@pytest.mark.parametrize(
    ("cgroup", "expected"),
    [
        ("/user.slice/user-1000.slice/app-flatpak-org.x-7.scope", "restricted"),
        ("/system.slice/snap.spotify.spotify.scope", "restricted"),
        ("/system.slice/docker-4711.scope", "restricted"),
        ("/docker/4711", "restricted"),
        ("/machine.slice/web.service", "restricted"),
        ("/system.slice/dockerd.service", "as it was"),
        ("", "as it was"),
    ],
)
def test_what_runs_in_a_sandbox_is_restricted(cgroup: str, expected: str) -> None:
    assert role(cgroup=cgroup) == expected


def test_where_the_bus_itself_lives_in_a_container_its_neighbours_are_no_strangers() -> None:
    scene = Scene()
    own = scene.add("client", "audiobus-session", "ready", 0, {**PLAIN, "cgroup": "/docker/4711", "role": "manager"})
    scene.add("core", "audiobus", "ready", 0, {"session": own.serial})
    scene.add("client", "neighbour", "ready", 0, {**PLAIN, "cgroup": "/docker/4711"})
    scene.add("client", "stranger", "ready", 0, {**PLAIN, "cgroup": "/docker/4711/docker-7.scope"})
    (made,) = [action for action in scene.decide().actions if isinstance(action, SetRole)]
    assert made.subject == scene.named("stranger").serial


def test_no_grant_makes_the_session_manager_less_than_it_is() -> None:
    scene = Scene()
    scene.policy(access=(Grant("all", Role.RESTRICTED, users=(1000,)),))
    own = scene.add("client", "audiobus-session", "ready", 0, {**PLAIN, "role": "manager"})
    scene.add("core", "audiobus", "ready", 0, {"session": own.serial})
    assert not scene.decide().actions
