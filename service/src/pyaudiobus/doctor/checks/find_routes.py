"""Whether the mixer controls exist that join the DSP to a way out."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well
from pyaudiobus.model.board import SinkKind


def find_routes(scene: Scene) -> Judgement:
    """A driver like q6asm refuses parameters with EINVAL until one of them is on."""
    if scene.mixer.problem:
        return unchecked(scene.mixer.problem)
    routes = [(card.card, state) for card in scene.mixer.cards for state in card.routes]
    for card, state in routes:
        if state.problem:
            return broken(
                state.problem,
                facts=tuple(fact for fact in (state.hint, state.control.place) if fact),
                advice="Correct its name in the board file.",
                command=f"amixer -c {card} scontrols",
                because=state.problem,
            )
    if routes:
        return well(f"the outputs' controls are there ({len(routes)})")
    if scene.file.path and scene.file.has_sinks(SinkKind.COMPRESS) and scene.sound.compress:
        return doubtful(
            "the board file names no output for its DSP",
            advice="If nothing is heard, or the driver refuses parameters (EINVAL), a control has to be on.",
            command=f"amixer -c {scene.sound.compress[0].card} scontrols",
        )
    return unchecked("nothing names any")
