"""Programs in a sandbox are not trusted."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.credentials import fact
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict

SANDBOXES = ("*/app-flatpak-*", "*/snap.*", "*/docker-*", "*/docker/*", "*/libpod-*", "/machine.slice/*", "*/lxc.*")
"""Control groups of Flatpak, Snap, Docker, Podman, nspawn and LXC."""


@hook(after=["find_ruled_role"])
def restrict_sandboxed(client: Item, bus: Snapshot) -> Verdict:  # noqa: ARG001
    """Restrict a client whose control group is a sandbox's or container's."""
    cgroup = fact(client, "cgroup")
    if cgroup and any(fnmatchcase(cgroup, glob) for glob in SANDBOXES):
        return Choice("restricted", f"it runs in a sandbox ({cgroup})")
    return Pass(f"its control group is no sandbox's ({cgroup or 'not known'})")
