"""Whether there is a board file, and it can be read."""

from __future__ import annotations

from pyaudiobus.config.mistakes import FileMistakes
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
    if not isinstance(file.problem, FileMistakes):
        return broken(
            file.problem.what,
            advice="Let every user read it (chmod 644), or name another with --board or AUDIOBUS_BOARD.",
            command=f"ls -l {file.path}; echo AUDIOBUS_BOARD=$AUDIOBUS_BOARD",
            because="the board file cannot be read",
        )
    return broken(
        f"{file.path} cannot be used, so what the board needs is unknown",
        facts=(file.problem.what, *file.problem.facts),
        advice='Mend it; until then nothing is played, unless it is left out with --board "".',
        command=f"audiobus board check {file.path}",
        because="the board file cannot be used",
    )
