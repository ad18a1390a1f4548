"""Boots systemd in a guest and runs commands in what it made. What is installed there is installed.py's matter."""

from __future__ import annotations

import json
from typing import Any

from qemu.guest import Background, Guest
from qemu.result import Result

DSP = "/sys/kernel/debug/snd_virtual_dsp"
"""The driver's own books; its README explains each file."""

_NAMESPACES = "/run/guest/system"
_PATIENCE = 360.0
"""Seconds of the host's clock for a boot, or for one command."""
_NOT_OURS = (
    *("systemd-logind", "systemd-binfmt", "systemd-random-seed", "systemd-update-utmp", "systemd-update-utmp-runlevel"),
    *(
        "systemd-firstboot",
        "systemd-machine-id-commit",
        "systemd-repart",
        "systemd-modules-load",
        "systemd-hwdb-update",
    ),
    *("systemd-remount-fs", "systemd-journal-flush", "systemd-user-sessions", "kmod-static-nodes", "ldconfig"),
    *("modprobe@", "getty@", "serial-getty@"),
)
"""Services that nothing of ours needs, and that take an emulated machine long."""

_PREPARE = f"""
set -e
# The host's own services, mounts and leftovers are none of this system's.
rm -rf /.dockerenv /etc/fstab
find /etc/systemd/system -mindepth 1 -delete
for unit in {" ".join(_NOT_OURS)}; do ln -s /dev/null "/etc/systemd/system/$unit.service"; done
# How long things take says nothing on an emulated machine that shares a busy host.
mkdir -p /etc/systemd/system/service.d
printf '[Service]\\nTimeoutStartSec=infinity\\n' >/etc/systemd/system/service.d/patience.conf
mkdir -p {_NAMESPACES}
touch {_NAMESPACES}/pid {_NAMESPACES}/mnt
"""
# The guest's agent stays process 1 of the machine, and systemd is process 1 of a namespace: all it starts, mounts and
# guards is as on a machine of its own, and the host can still ask for anything.
# The checkout may lie below /tmp: what is needed of it is installed by then.
_BOOT = f"""
for place in /tmp /var/tmp /var/log; do mount -t tmpfs -o mode=1777 tmpfs "$place"; done
exec unshare --fork --kill-child --pid={_NAMESPACES}/pid --mount={_NAMESPACES}/mnt --mount-proc \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin $(command -v /lib/systemd/systemd /usr/lib/systemd/systemd | head -n 1) \
    --unit=multi-user.target
"""
_WAIT = "until [ -S /run/systemd/private ]; do sleep 0.2; done"
_ENTER = ["nsenter", f"--pid={_NAMESPACES}/pid", f"--mount={_NAMESPACES}/mnt"]
_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}


class System:
    """A guest with systemd as its process 1, once it is booted; before that, files can be put there."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self._init: Background | None = None
        guest.run(["sh", "-c", _PREPARE]).check()

    def boot(self) -> None:
        """Start systemd and wait until it has started all it was to start, well or not."""
        self._init = self.guest.spawn(["sh", "-c", _BOOT], cwd="/")
        self.guest.run(["sh", "-c", _WAIT], timeout=_PATIENCE, cwd="/").check()
        self.run("systemctl is-system-running --wait")

    def run(self, script: str, *, timeout: float = _PATIENCE) -> Result:
        """Run a shell script there as root."""
        return self.guest.run([*_ENTER, "sh", "-c", script], env=_ENV, cwd="/", timeout=timeout)

    def shows(self, unit: str) -> dict[str, str]:
        """Return what systemd knows of a unit."""
        lines = self.run(f"systemctl show '{unit}'").check().text.splitlines()
        return dict(line.partition("=")[::2] for line in lines)

    def journal(self, unit: str) -> list[str]:
        """Return what a unit's programs said since boot; what systemd says of it is left out."""
        lines = self.run(f"journalctl --output=json --unit='{unit}'").check().text.splitlines()
        entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [str(entry["MESSAGE"]) for entry in entries if entry.get("_PID") != "1"]

    def order(self, command: str) -> None:
        """Write one command to the control file of the DSP's driver."""
        self.guest.write(f"{DSP}/ctl", command.encode() + b"\n")
