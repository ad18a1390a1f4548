"""What the kernel tells of a client. Nothing that a client says of itself is read here."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pyaudiobus.model.items import Item
from pyaudiobus.model.rule import Grant, as_text
from pyaudiobus.model.snapshot import Snapshot


def governor(bus: Snapshot) -> Item | None:
    """Return the client that is the session manager; None where the bus does not tell."""
    return next((bus.items.get(core.number("session")) for core in bus.of_kind("core")), None)


def fact(client: Item, name: str) -> str:
    """Return what the kernel tells; empty where it does not."""
    return as_text(client.facts.get(name)) or ""


def why_not_granted(client: Item, grant: Grant) -> str:
    """Return the first of a grant's conditions that a client does not fulfil; empty where it fulfils all."""
    groups = {fact(client, "gid"), *fact(client, "groups").split()}
    if grant.sockets and not _like(fact(client, "socket"), grant.sockets):
        return f"it came by {fact(client, 'socket') or 'a socket that is not known'}"
    if grant.users and fact(client, "uid") not in map(str, grant.users):
        return f"its user is {fact(client, 'uid') or 'not known'}"
    if grant.groups and not groups & set(map(str, grant.groups)):
        return "it is in none of the groups"
    if grant.cgroups and not _like(fact(client, "cgroup"), grant.cgroups):
        return f"its cgroup is {fact(client, 'cgroup') or 'not known'}"
    if grant.executables and not _like(fact(client, "executable"), grant.executables):
        return f"its program is {fact(client, 'executable') or 'not known'}"
    return ""


def _like(text: str, globs: Iterable[str]) -> bool:
    return bool(text) and any(fnmatchcase(text, glob) for glob in globs)


KERNEL_FACTS = ("kind", "pid", "uid", "gid", "groups", "executable", "cgroup", "socket")
"""What a client cannot lie about."""
