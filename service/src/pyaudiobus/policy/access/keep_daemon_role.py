"""Everybody else keeps what the daemon gave him."""

from __future__ import annotations

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.credentials import fact
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Pass, Verdict


@hook(after=["restrict_sandboxed"])
def keep_daemon_role(client: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Leave a client the role that the daemon's own file gave it."""
    return Pass(f"it keeps the role {fact(client, 'role') or 'it has'} from the daemon")
