"""Whether there is a ring that the driver takes and that works with it."""

from __future__ import annotations

from pyaudiobus.devices.catalogue import Finding
from pyaudiobus.devices.quirks import quirks_for
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.judgement import Judgement, broken, unchecked, well
from pyaudiobus.model.board import SinkKind

_FEWEST = 2
"""Fragments: one plays while the other is filled."""


def fit_ring(scene: Scene) -> Judgement:
    """Drivers promise sizes that do not work; what is known of them, or the board file, limits that."""
    answers = [answer for answer in scene.sound.answers if answer.caps is not None]
    if not answers:
        return unchecked("no compress device was asked")
    for answer in answers:
        fault = _fault(answer, _largest(scene, answer))
        if fault is not None:
            return fault
    return well("; ".join(_described(answer, _largest(scene, answer)) for answer in answers))


def _largest(scene: Scene, answer: Finding) -> int:
    """Largest fragment that works, in bytes."""
    device = int(answer.name.rpartition(",")[2])
    sink = scene.board.sink_on(SinkKind.COMPRESS, answer.card.id, device)
    said = sink.quirks.max_fragment_size if sink is not None else None
    return said if said is not None else quirks_for(answer.driver).max_fragment_size


def _fault(answer: Finding, largest: int) -> Judgement | None:
    caps = answer.caps
    if caps is None:
        return None
    if caps.fragment_size.minimum > largest:
        return broken(
            f"{answer.name} wants fragments of {caps.fragment_size.minimum} bytes, above the {largest} that work",
            advice="Set max-fragment-size in the board file's quirks, if larger ones are known to work.",
            command="audiobus devices",
        )
    if caps.fragments.maximum < _FEWEST:
        return broken(f"{answer.name} takes a single fragment; a ring needs two", command="audiobus devices")
    return None


def _described(answer: Finding, largest: int) -> str:
    caps = answer.caps
    if caps is None:
        return ""
    most = min(caps.fragment_size.maximum, largest)
    return f"{answer.name}: {caps.fragments} fragments of {caps.fragment_size.minimum}..{most} bytes"
