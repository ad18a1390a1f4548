"""Whether one of our systemd units has failed."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well


def list_failed_units(scene: Scene) -> Judgement:
    """The doctor's own unit does not count: it failed because of what is told here."""
    if not scene.around.has_systemd:
        return unchecked("systemd does not run this machine")
    failed = scene.around.failed_units
    if failed is None:
        return unchecked("systemd does not answer")
    if not failed:
        return well("none of ours has failed")
    return broken(
        f"failed: {', '.join(failed)}",
        command=f"journalctl -b -u {failed[0]}",
    )
