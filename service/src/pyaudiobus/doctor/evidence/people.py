"""Users and groups: who asks, who plays, and who belongs to which group."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.model.record import Record

SERVICE_USER = "audiobus"
"""Whom the units run as."""
_PASSWD_FIELDS, _GROUP_FIELDS = 7, 4


class Group(Record):
    """One line of /etc/group."""

    name: str
    number: int
    members: tuple[str, ...]


class User(Record):
    """One line of /etc/passwd."""

    name: str
    number: int
    group: int
    """The number of the primary group."""


class People(Record):
    """Who there is."""

    me: int
    """The number of the user who asks."""
    my_groups: frozenset[int]
    """Numbers of the groups this process is in, which is what the kernel goes by."""
    users: tuple[User, ...]
    groups: tuple[Group, ...]

    @property
    def my_name(self) -> str:
        """The user who asks."""
        return next((user.name for user in self.users if user.number == self.me), str(self.me))

    def user(self, name: str) -> User | None:
        """Find a user."""
        return next((user for user in self.users if user.name == name), None)

    def group_name(self, number: int) -> str:
        """Name a group; its number where it has no name."""
        return next((group.name for group in self.groups if group.number == number), str(number))

    def belongs(self, name: str, group: int) -> bool:
        """Tell whether a user belongs to a group by /etc, as it will be after the next log-in."""
        user = self.user(name)
        listed = any(name in entry.members for entry in self.groups if entry.number == group)
        return listed or (user is not None and user.group == group)


def read_people(tree: Tree, me: int, my_groups: frozenset[int]) -> People:
    """Read /etc/passwd and /etc/group; lines of another form are left out."""
    users = (line.split(":") for line in tree.lines("etc/passwd"))
    groups = (line.split(":") for line in tree.lines("etc/group"))
    return People(
        me,
        my_groups,
        tuple(_user(fields) for fields in users if len(fields) == _PASSWD_FIELDS and _are_numbers(fields[2:4])),
        tuple(_group(fields) for fields in groups if len(fields) == _GROUP_FIELDS and _are_numbers(fields[2:3])),
    )


def _user(fields: list[str]) -> User:
    return User(fields[0], int(fields[2]), int(fields[3]))


def _group(fields: list[str]) -> Group:
    return Group(fields[0], int(fields[2]), tuple(name for name in fields[3].split(",") if name))


def _are_numbers(fields: list[str]) -> bool:
    return all(field.isdecimal() for field in fields)
