"""Whether the PCM devices are there that the board file names."""

from __future__ import annotations

from pyaudiobus.doctor.checks.expected_nodes import missing_nodes
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, unchecked, well
from pyaudiobus.model.board import SinkKind


def find_pcm_devices(scene: Scene) -> Judgement:
    """Decoded audio goes there."""
    fault = missing_nodes(scene, SinkKind.PCM)
    if fault is not None:
        return fault
    if not scene.file.has_sinks(SinkKind.PCM) and not scene.sound.pcm:
        return unchecked("no board file names any, and there is none")
    return well(", ".join(node.name for node in scene.sound.pcm))
