"""Whether there is a board file, and it can be read."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, well


def read_board_file(scene: Scene) -> Judgement:
    """A machine without one is fine: its devices are used as they are found."""
    file = scene.file
    if not file.path:
        return well("there is none; devices are used as they are found")
    if file.problem is None:
        name = f": {file.board.name}" if file.board.name else ""
        return well(f"{file.path}{name}")
    return broken(
        f"{file.path} cannot be used, so what the board needs is unknown",
        facts=(file.problem.what, *file.problem.facts),
        advice='Mend it; until then nothing is played, unless it is left out with --board "".',
        command=f"audiobus board check {file.path}",
        because="the board file cannot be used",
    )
