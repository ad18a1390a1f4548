"""Programs in a sandbox are not trusted."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pyaudiobus.model.items import Item
from pyaudiobus.model.snapshot import Snapshot
from pyaudiobus.policy.credentials import fact, governor
from pyaudiobus.policy.hook import hook
from pyaudiobus.policy.verdict import Choice, Pass, Verdict

SANDBOXES = ("app-flatpak-*", "snap.*", "docker-*", "docker", "libpod-*", "machine.slice", "lxc.*", "lxc", "kubepods*")
"""Parts of control groups' paths that Flatpak, Snap, Docker, Podman, nspawn, LXC and Kubernetes make."""


@hook(after=["find_ruled_role"])
def restrict_sandboxed(client: Item, bus: Snapshot) -> Verdict:
    """Restrict a client whose control group is a sandbox's or container's, unless the bus itself lives in there."""
    cgroup = fact(client, "cgroup")
    own = governor(bus)
    home = set(fact(own, "cgroup").split("/")) if own is not None else set()
    for part in cgroup.split("/"):
        if part not in home and any(fnmatchcase(part, glob) for glob in SANDBOXES):
            return Choice("restricted", f"it runs in a sandbox ({cgroup})")
    return Pass(f"its control group is no sandbox's ({cgroup or 'not known'})")
