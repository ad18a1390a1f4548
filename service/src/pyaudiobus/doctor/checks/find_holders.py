"""Whether somebody has a compress device open."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, unchecked, well

_OURS = ("audiobus", "pyfcplay")


def find_holders(scene: Scene) -> Judgement:
    """A DSP plays one stream: while another player has it, everybody else's files are decoded."""
    if not scene.sound.compress:
        return unchecked("there is no compress device")
    for node in scene.sound.compress:
        if node.holder and not node.holder.startswith(_OURS):
            return _is_held(node.path, node.holder, node.unit)
    held = [f"{node.holder} plays on {node.path}" for node in scene.sound.compress if node.holder]
    busy = next((answer for answer in scene.sound.answers if answer.reason.startswith("busy")), None)
    if busy is not None and not held:
        return _is_held(busy.node, "somebody whom this user does not see")
    nobody = "nobody has one open" if scene.people.me == 0 else "no process that this user sees has one open"
    return well("; ".join(held) or nobody)


def _is_held(path: str, holder: str, unit: str = "") -> Judgement:
    stop = f"systemctl stop {unit}" if unit else ""
    return doubtful(
        f"{holder} has {path} open",
        advice="Until it lets go, files are decoded and played as PCM.",
        command=stop or f"fuser -v {path}",
    )
