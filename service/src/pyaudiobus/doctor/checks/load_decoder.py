"""Whether FFmpeg loads, for what no DSP takes."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, well


def load_decoder(scene: Scene) -> Judgement:
    """MP3 and FLAC on a DSP need no decoder; everything else does, and so does a DSP that fails."""
    program = scene.programs.decoder
    if program.release:
        return well(f"PyAV {program.release}, for what the DSP does not take")
    return doubtful(
        "PyAV does not load: only what the DSP takes can be played",
        facts=(program.problem,),
        advice="Install python3-av (IMAGE_INSTALL).",
        command='python3 -c "import av"',
    )
