"""Whether the kernel was booted with this board's device tree."""

from __future__ import annotations

from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, doubtful, unchecked, well


def match_device_tree(scene: Scene) -> Judgement:
    """The tree's sound node carries the card's name: the wrong tree describes another card, or none.

    Only judged where the board file names a remote processor: cards on USB or PCI are in no device tree.
    """
    kernel = scene.kernel
    if not scene.board.dsp.remoteproc:
        return unchecked("no board file names a DSP")
    if not kernel.model:
        return unchecked("this machine has no device tree")
    expected = [card.id for card in scene.board.cards]
    if not expected or any(_id(model) in expected for model in kernel.sound_models):
        return well(kernel.model)
    described = ", ".join(kernel.sound_models) or "none"
    line = f"it is of another board, or an old one: it has no sound card {expected[0]}"
    facts = (f"it is for: {kernel.model}", f"sound cards in it: {described}")
    if all(scene.sound.card(card) for card in expected):
        return doubtful("the cards are there, but it describes another", facts)
    return broken(
        line,
        facts,
        advice="Flash a boot image that was made with this board's .dtb (KERNEL_DEVICETREE).",
        command="cat /proc/device-tree/model",
        because="the device tree is not this board's",
    )


def _id(model: str) -> str:
    """A card's id is made from its name: no blanks or signs, up to 15 characters (sound/core/init.c)."""
    return "".join(char for char in model if char.isascii() and (char.isalnum() or char in "_-"))[:15]
