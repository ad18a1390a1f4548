"""Whether libtinycompress loads."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, unchecked, well


def load_tinycompress(scene: Scene) -> Judgement:
    """Without it the kernel's own calls are used, which do the same."""
    program = scene.programs.tinycompress
    if program.release:
        return well(f"libtinycompress is there, {program.release}")
    if not scene.is_meant_to_offload:
        return unchecked("nothing here needs it")
    if not scene.file.path:
        return well("libtinycompress is not there; the kernel is called directly")
    return doubtful(
        "libtinycompress does not load; the kernel is called directly",
        facts=(program.problem,),
        advice="Nothing is lost by that. To use the library, install tinycompress.",
        command="ldconfig -p | grep tinycompress",
    )
