"""Whether the driver takes the codecs that the board file and our players count on."""

from __future__ import annotations

from pyaudiobus.devices.catalogue import Finding
from pyaudiobus.doctor.checks.expected_nodes import node_of
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well
from pyaudiobus.model.board import SinkKind
from pyaudiobus.model.format import Codec

_FRAMED = (Codec.MP3, Codec.FLAC)
"""What players send undecoded."""


def compare_codecs(scene: Scene) -> Judgement:
    """By GET_CAPS, which is asked only while nobody plays."""
    if not scene.sound.compress:
        return unchecked("there is no compress device")
    asked = [answer for answer in scene.sound.answers if not answer.reason.startswith("busy")]
    if not asked:
        is_held = scene.sound.answers or any(node.holder for node in scene.sound.compress)
        return unchecked("a player has the device open" if is_held else "the devices cannot be asked")
    for answer in asked:
        fault = _fault(answer)
        if fault is not None:
            return fault
    surplus = _promised_in_vain(scene)
    if surplus is not None:
        return surplus
    return well("; ".join(f"{answer.name} takes {_listed(answer)}" for answer in asked))


def _fault(answer: Finding) -> Judgement | None:
    if answer.caps is None:
        return broken(
            f"{answer.name} does not tell what it can do",
            facts=(answer.reason,),
            command="dmesg | tail -20",
        )
    if not answer.caps.codecs:
        return broken(f"{answer.name} takes no codec at all", command="audiobus devices")
    absent = [codec.value for codec in _FRAMED if codec not in answer.caps.codecs]
    if absent:
        return doubtful(
            f"{answer.name} does not take {' and '.join(absent)}: such files are decoded",
            facts=(f"it takes {_listed(answer)}",),
            command="audiobus devices",
        )
    return None


def _promised_in_vain(scene: Scene) -> Judgement | None:
    for sink in scene.board.sinks:
        node = node_of(scene, sink)
        answer = scene.sound.answer_of(node) if node is not None and sink.kind is SinkKind.COMPRESS else None
        caps = answer.caps if answer is not None else None
        surplus = [codec.value for codec in sink.codecs or () if caps is not None and codec not in caps.codecs]
        if surplus:
            return doubtful(
                f"sink {sink.name} is to take {', '.join(surplus)}, which its driver does not",
                facts=(sink.place,) if sink.place else (),
                advice="Take it out of the board file's codecs.",
                command=f"audiobus board show --board {scene.file.path}",
            )
    return None


def _listed(answer: Finding) -> str:
    return " ".join(codec.value for codec in answer.caps.codecs) if answer.caps else ""
