"""Whether the cards' controls stand as the board file sets them."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.mixer import ControlState
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well

_MOST = 5
"""Controls that are told by name."""


def compare_mixer(scene: Scene) -> Judgement:
    """They are set once, when the card appears; somebody may have moved one since."""
    if scene.mixer.problem:
        return unchecked(scene.mixer.problem)
    settings = [(card.card, state) for card in scene.mixer.cards for state in card.settings]
    if not settings:
        return unchecked("no board file sets any")
    for card, state in settings:
        if state.problem:
            return broken(
                state.problem,
                facts=tuple(fact for fact in (state.hint, state.control.place) if fact),
                advice="Correct its name in the board file.",
                command=f"amixer -c {card} scontrols",
            )
    moved = [(card, state) for card, state in settings if not state.is_right]
    if not moved:
        return well(f"the cards' controls stand as the board file sets them ({len(settings)})")
    return doubtful(
        f"controls that stand otherwise than the board file sets them: {len(moved)} of {len(settings)}",
        facts=[_described(state) for _, state in moved[:_MOST]],
        command=f"audiobus board apply --card {moved[0][0]}",
    )


def _described(state: ControlState) -> str:
    return f"{state.control.name}: {_word(state.present)}, not {_word(state.control.value)}"


def _word(value: bool | int | str | None) -> str:  # noqa: FBT001  # a control's value, not a flag
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value} %" if isinstance(value, int) else str(value)
