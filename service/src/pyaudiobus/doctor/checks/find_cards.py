"""Whether the board's cards are there, with the drivers they are to have."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, well
from pyaudiobus.model.board import BoardCard

_LONGEST_DRIVER = 15
"""Characters of a driver's name that ALSA keeps (struct snd_card)."""


def find_cards(scene: Scene) -> Judgement:
    """The first card that is missing or another's decides."""
    listed = tuple(f"card {card.number}: {card.id} ({card.driver})" for card in scene.sound.cards)
    for wanted in scene.board.cards:
        fault = _fault(scene, wanted, listed)
        if fault is not None:
            return fault
    if scene.board.cards:
        return well(f"there is {', '.join(_described(scene, card) for card in scene.board.cards)}")
    return well("; ".join(listed) or "there is none")


def _fault(scene: Scene, wanted: BoardCard, listed: tuple[str, ...]) -> Judgement | None:
    card = scene.sound.card(wanted.id)
    if card is None:
        return broken(
            f"there is no card {wanted.id}",
            facts=(*(listed or ("the kernel lists no card at all",)), *scene.said("ASoC", "snd-card", "asoc")),
            advice="If nothing above is broken, the card's own driver has the last word:",
            command=f"dmesg | grep -i -e asoc -e snd -e {wanted.driver or 'sound'}",
            because=f"there is no card {wanted.id}",
        )
    if wanted.driver and wanted.driver[:_LONGEST_DRIVER] != card.driver:
        return broken(
            f"card {wanted.id} has the driver {card.driver}, not {wanted.driver}",
            facts=(f"{wanted.place} names {wanted.driver}",) if wanted.place else (),
            advice="Correct the board file if this is the right card: quirks are chosen by the driver.",
            command="cat /proc/asound/cards",
            because=f"card {wanted.id} is another driver's",
        ).replace(is_original=True)
    return None


def _described(scene: Scene, wanted: BoardCard) -> str:
    card = scene.sound.card(wanted.id)
    return f"{wanted.id} (card {card.number}, {card.driver})" if card else wanted.id
