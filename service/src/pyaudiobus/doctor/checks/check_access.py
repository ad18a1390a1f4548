"""Whether this user may open the devices, and the service's user too."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.people import SERVICE_USER
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.evidence.sound import DeviceNode
from pyaudiobus.doctor.judgement import Judgement, Standing, broken, doubtful, unchecked, well

_ANYBODY, _GROUP = 0o002, 0o020
_NOBODY = 0
"""root's group: nobody else belongs to it."""
_CONTAINER = "This is a container: its host has to pass on the device (--device /dev/snd, DeviceAllow=char-alsa)."


def check_access(scene: Scene) -> Judgement:
    """A node's mode decides, or an access list that the log-in made; for the service's user only the mode counts.

    On a machine that has nothing to offload to, nobody has asked for the sound card yet: a warning will do.
    """
    found = _judged(scene)
    if found.standing is Standing.BROKEN and not scene.is_meant_to_offload:
        return doubtful(found.line, found.facts, advice=found.advice, command=found.command)
    return found


def _judged(scene: Scene) -> Judgement:
    nodes = (*scene.sound.compress, *scene.sound.pcm)
    if not nodes:
        return unchecked("there is no device to open")
    closed = next((node for node in nodes if not node.rights.may_open), None)
    if closed is not None:
        return _is_closed(scene, closed)
    refused = next((answer for answer in scene.sound.answers if "not allowed to open" in answer.reason), None)
    if refused is not None:
        return broken(refused.reason, advice=_CONTAINER if scene.around.is_container else "")
    user = scene.people.user(SERVICE_USER)
    shut = next((node for node in nodes if user is not None and not _serves(scene, node, SERVICE_USER)), None)
    if shut is not None:
        return _is_shut_to(scene, shut, SERVICE_USER)
    names = dict.fromkeys((scene.people.my_name, *((SERVICE_USER,) if user else ())))
    return well(f"{' and '.join(names)} may open {nodes[0].path}")


def _is_closed(scene: Scene, node: DeviceNode) -> Judgement:
    people, group = scene.people, node.rights.group
    if not _serves(scene, node, people.my_name) or group in people.my_groups:
        return _is_shut_to(scene, node, people.my_name)
    line = f"{people.my_name} is in the group {people.group_name(group)}, but logged in before that"
    return broken(
        line,
        facts=(_described(scene, node),),
        advice="Log in again.",
        command=f"newgrp {people.group_name(group)}",
        because=line,
    )


def _is_shut_to(scene: Scene, node: DeviceNode, name: str) -> Judgement:
    facts = (_described(scene, node),)
    if scene.around.is_container and _serves(scene, node, name):
        line = f"{name} may not open {node.path} from inside this container"
        return broken(line, facts, advice=_CONTAINER, because=line)
    if node.rights.group == _NOBODY or not node.rights.mode & _GROUP:
        line = f"only root may open {node.path}"
        return broken(
            line,
            facts,
            advice="udev has not put it into the group audio; its rules (50-udev-default.rules) did not run.",
            command="udevadm trigger --action=add --subsystem-match=sound",
            because=line,
        )
    group = scene.people.group_name(node.rights.group)
    line = f"{name} may not open {node.path}: not in the group {group}"
    return broken(
        line,
        facts,
        advice="Log in again afterwards." if name != SERVICE_USER else "",
        command=f"usermod -aG {group} {name}",
        because=line,
    )


def _serves(scene: Scene, node: DeviceNode, name: str) -> bool:
    return bool(
        node.rights.mode & _ANYBODY or (node.rights.mode & _GROUP and scene.people.belongs(name, node.rights.group))
    )


def _described(scene: Scene, node: DeviceNode) -> str:
    return f"{node.path}: group {scene.people.group_name(node.rights.group)}, mode {node.rights.mode:04o}"
