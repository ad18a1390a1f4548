"""Whether mutagen loads, for tags."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, doubtful, well


def load_tag_reader(scene: Scene) -> Judgement:
    """Files play without it; titles and loudness are not told."""
    program = scene.programs.tag_reader
    if program.release:
        return well(f"mutagen {program.release}")
    return doubtful(
        "mutagen does not load: audiobus probe tells nothing",
        facts=(program.problem,),
        advice="Install python3-mutagen (IMAGE_INSTALL).",
        command='python3 -c "import mutagen"',
    )
