"""What systemd says of our units."""

from __future__ import annotations

import shutil
import subprocess

OURS = "audiobus*"
SELF = "audiobus-doctor.service"
"""The unit that runs the doctor. It failed when it last found something: that is no finding of its own."""
_PATIENCE = 5.0
"""Seconds."""


def failed_units() -> tuple[str, ...] | None:
    """Return our units that failed; None if systemd does not answer."""
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return None
    command = [systemctl, "list-units", "--failed", "--plain", "--no-legend", "--no-pager", OURS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    units = (line.split()[0] for line in done.stdout.splitlines() if line.strip())
    return tuple(unit for unit in units if unit != SELF)
