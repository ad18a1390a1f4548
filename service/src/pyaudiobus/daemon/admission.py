"""Clients that have just said hello: what they may do is the session manager's to say, before they are answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pyaudiobus.daemon.client import Client, Denied
from pyaudiobus.errors import UserError
from pyaudiobus.model.daemon_settings import Role
from pyaudiobus.protocol.messages import Right
from pyaudiobus.protocol.words import Permission

if TYPE_CHECKING:
    from pyaudiobus.daemon.bus import Bus

log = logging.getLogger("audiobusd")
MARKS = "policy."
"""Properties that begin so are the policy's own marks: people read them as its words."""


class Newcomer:
    """A client that waits to be let in."""

    def __init__(self, client: Client, let_in: Callable[[], None]) -> None:
        self.serial = client.serial
        self.question = 0
        self.client = client
        self.let_in = let_in
        self._is_waiting = True

    def fall_back(self, why: str) -> None:
        """Let it in as the daemon's configuration says."""
        role = self.client.permissions.role.value
        log.debug("client %d is %s, as the daemon's own configuration says: %s", self.serial, role, why)
        self.enter()

    def enter(self) -> None:
        """Answer its hello; once."""
        if self._is_waiting:
            self._is_waiting = False
            self.let_in()


class Admission:
    """The clients of one bus that wait to be let in."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._newcomers: dict[int, Newcomer] = {}

    def arrive(self, client: Client, let_in: Callable[[], None]) -> None:
        """Have a client let in: by the session manager where there is one, else at once."""
        if not self._bus.governing.governs:
            let_in()
            return
        newcomer = self._newcomers[client.serial] = Newcomer(client, let_in)
        self._bus.governing.wait_for_decision(newcomer)

    def admit(self, client: Client, role: str, permissions: Iterable[Permission]) -> None:
        """Say what a client may do, and let it in if it waits. UserError, Denied."""
        if client is self._bus.governing.holder and role not in ("", Role.MANAGER.value):
            raise Denied("the session manager remains a manager", advice="Leave it out of the rules about access.")
        if role:
            try:
                client.permissions.become(Role(role))
            except ValueError:
                known = ", ".join(known.value for known in Role)
                raise UserError(f"{role!r} is no role", facts=[f"roles: {known}"]) from None
        self.permit(client, permissions)
        self._bus.registry.changed(client, {"role": client.permissions.role.value})
        newcomer = self._newcomers.pop(client.serial, None)
        if newcomer is not None:
            self._bus.governing.decided(newcomer)
            newcomer.enter()

    def permit(self, client: Client, permissions: Iterable[Permission]) -> None:
        """Give rights on objects, and let what the client sees follow."""
        self._bus.registry.watch(client)  # an entry goes with its object
        for permission in permissions:
            client.permissions.set(permission.object, Right(permission.bits))
        client.rights_changed(self._bus.registry)

    def client_ended(self, client: Client) -> None:
        """Forget a client."""
        newcomer = self._newcomers.pop(client.serial, None)
        if newcomer is not None:
            self._bus.governing.decided(newcomer)


def check_marks(client: Client, keys: Iterable[str]) -> None:
    """Denied where somebody who is no manager speaks in the policy's name."""
    marks = [key for key in keys if key.startswith(MARKS)]
    if marks and client.permissions.role is not Role.MANAGER:
        raise Denied(f"{marks[0]} is a mark of the policy", facts=[f"only a manager sets what begins with {MARKS}"])
