"""Users and groups by name or number. A name that this machine does not know stands for nobody."""

from __future__ import annotations

import grp
import pwd

from pyaudiobus.config.document import Node
from pyaudiobus.config.mistakes import Notes
from pyaudiobus.config.readers import Text

NOBODY = -1
"""The number of whom there is not: a grant for him fits no client, and not every client."""
_WHO = Text("a name or number", r"[A-Za-z0-9_.-]{1,64}\$?")


class UserId:
    """A user."""

    form = _WHO.form

    def read(self, node: Node, notes: Notes) -> int:
        """Return the number."""
        name = _WHO.read(node, notes)
        try:
            return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid
        except KeyError:
            return NOBODY


class GroupId:
    """A group."""

    form = _WHO.form

    def read(self, node: Node, notes: Notes) -> int:
        """Return the number."""
        name = _WHO.read(node, notes)
        try:
            return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid
        except KeyError:
            return NOBODY
