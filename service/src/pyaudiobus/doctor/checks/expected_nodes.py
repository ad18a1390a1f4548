"""The device nodes a board file's sinks stand for, and what is wrong where one is missing. No check of its own."""

from __future__ import annotations

from pyaudiobus.devices.cards import Card
from pyaudiobus.doctor.evidence.scene import Scene
from pyaudiobus.doctor.evidence.sound import DeviceNode
from pyaudiobus.doctor.judgement import Judgement, broken
from pyaudiobus.model.board import BoardSink, SinkKind

_WORDS = {SinkKind.COMPRESS: "compress", SinkKind.PCM: "PCM"}


def missing_nodes(scene: Scene, kind: SinkKind) -> Judgement | None:
    """Judge the first sink of a kind whose device is missing; None if each has its own."""
    for sink in scene.board.sinks:
        if sink.kind is kind and (fault := _fault(scene, sink)) is not None:
            return fault
    return None


def nodes_of(scene: Scene, kind: SinkKind) -> tuple[DeviceNode, ...]:
    """Return the nodes of one kind."""
    return scene.sound.compress if kind is SinkKind.COMPRESS else scene.sound.pcm


def node_of(scene: Scene, sink: BoardSink) -> DeviceNode | None:
    """Find the node of a sink."""
    card = scene.sound.card(sink.card)
    place = (card.number, sink.device) if card is not None else None
    return next((node for node in nodes_of(scene, sink.kind) if (node.card, node.device) == place), None)


def _fault(scene: Scene, sink: BoardSink) -> Judgement | None:
    card = scene.sound.card(sink.card)
    if card is None:
        return broken(f"sink {sink.name} has no device: there is no card {sink.card}")
    if node_of(scene, sink) is not None:
        return None
    name = _node_name(sink, card)
    if name in scene.sound.deaf:
        return broken(f"{name}, which sink {sink.name} names, does not play", command="audiobus devices")
    if name in scene.sound.known:
        return broken(
            f"the kernel has {name}, but /dev/snd/{name} is missing",
            advice="udev has not made it, or a container does not pass it on.",
            command="udevadm trigger --action=add --subsystem-match=sound",
        )
    others = [node.name for node in nodes_of(scene, sink.kind) if node.card == card.number]
    kind = _WORDS[sink.kind]
    return broken(
        f"card {sink.card} has no {kind} device {sink.device}, which sink {sink.name} names",
        facts=(f"its {kind} devices: {', '.join(others) or 'none'}", *((sink.place,) if sink.place else ())),
        advice="Correct the device's number in the board file." if others else "Its driver was built without them.",
        command="audiobus devices" if sink.kind is SinkKind.COMPRESS else "cat /proc/asound/pcm",
    )


def _node_name(sink: BoardSink, card: Card) -> str:
    place = f"C{card.number}D{sink.device}"
    return f"compr{place}" if sink.kind is SinkKind.COMPRESS else f"pcm{place}p"
