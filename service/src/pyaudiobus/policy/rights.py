"""What a role may do, as entries of set-permissions."""

from __future__ import annotations

from pyaudiobus.model.snapshot import BUS, Snapshot

R, W, X, M, L = 1, 2, 4, 8, 16
"""See, change, call, be a metadata subject, be linked to: the protocol's bits."""
EVERYTHING = {"manager": R | W | X | M | L, "default": R | W | X | M, "restricted": 0}
"""On all objects that have no entry of their own."""
BUS_OBJECTS = R | X
"""What a restricted client may do with the daemon's own sinks and sources: play, and record what it is given."""


def permissions_for(role: str, bus: Snapshot, sees: int) -> tuple[tuple[tuple[int, int], ...], int]:
    """Return the entries for a role, and the last of the daemon's objects among them.

    A restricted client is told of the daemon's objects one by one; those up to `sees` it has been told of.
    """
    if role != "restricted":
        return ((BUS, EVERYTHING[role]),), 0
    own = [item.serial for item in bus.items.among(("owner", 0)) if item.kind not in ("link", "client")]
    fresh = tuple((serial, BUS_OBJECTS) for serial in own if serial > sees)
    first = () if sees else ((BUS, EVERYTHING[role]),)
    return (*first, *fresh), max(own, default=sees)
