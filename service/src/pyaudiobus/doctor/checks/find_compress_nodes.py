"""Whether the compress devices are there that the board file names."""

from __future__ import annotations

from pyaudiobus.doctor.checks.expected_nodes import missing_nodes
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, unchecked, well
from pyaudiobus.model.board import SinkKind


def find_compress_nodes(scene: Scene) -> Judgement:
    """Encoded audio goes there. A machine that has none and needs none is fine."""
    fault = missing_nodes(scene, SinkKind.COMPRESS)
    if fault is not None:
        return fault
    if not scene.sound.compress:
        return unchecked("no board file names any, and there is none")
    return well(", ".join(node.path for node in scene.sound.compress))
