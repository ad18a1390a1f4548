"""Cards and device nodes as they stand, who may open them, who has, and what the compress drivers say."""

from __future__ import annotations

import os
from collections.abc import Callable

from pyaudiobus.devices.cards import Card, cards
from pyaudiobus.devices.catalogue import Finding
from pyaudiobus.devices.holder import holder_of
from pyaudiobus.doctor.evidence.rights import Rights
from pyaudiobus.doctor.evidence.tree import Tree
from pyaudiobus.errors import DeviceError
from pyaudiobus.model.record import Record

_NODES = "dev/snd"
_CLASS = "sys/class/sound"
_DEAF = "it does not play"
"""How devices/catalogue.py begins to say so."""


class DeviceNode(Record):
    """One file below /dev/snd."""

    name: str
    """"comprC0D3"."""
    card: int
    device: int
    rights: Rights
    holder: str = ""
    """The process that has it open, "mpd (pid 321)"; empty if none is seen."""
    unit: str = ""
    """The systemd service that process belongs to, if it belongs to one."""

    @property
    def path(self) -> str:
        """Where it lies on the machine."""
        return f"/{_NODES}/{self.name}"


class Sound(Record):
    """Everything ALSA shows."""

    has_core: bool
    """Whether the kernel has sound at all."""
    cards: tuple[Card, ...]
    compress: tuple[DeviceNode, ...]
    pcm: tuple[DeviceNode, ...]
    """Playback devices."""
    known: frozenset[str]
    """Names of the devices the kernel knows, whether or not they have a node."""
    deaf: frozenset[str]
    """Compress devices that do not play: some drivers have them to record, or to convert."""
    answers: tuple[Finding, ...]
    """What the compress drivers said; nothing where asking would disturb one that plays."""

    def card(self, card_id: str) -> Card | None:
        """Find a card by its id."""
        return next((card for card in self.cards if card.id == card_id), None)

    def card_numbered(self, number: int) -> Card | None:
        """Find a card by its number."""
        return next((card for card in self.cards if card.number == number), None)

    def answer_of(self, node: DeviceNode) -> Finding | None:
        """Return what the driver of a node said; None if it was not asked."""
        return next((answer for answer in self.answers if os.path.basename(answer.node) == node.name), None)


def read_sound(tree: Tree, rights: Callable[[str], Rights], ask: Callable[[], list[Finding]]) -> Sound:
    """Read /proc, /sys and /dev; `ask` opens the compress devices, and is called only while nobody holds one.

    q6asm takes a second open of a playing device for its own stream, and its close ends that.
    """
    compress = _nodes(tree, "compr", "", rights)
    answers = () if any(node.holder for node in compress) else tuple(ask())
    deaf = frozenset(os.path.basename(answer.node) for answer in answers if answer.reason.startswith(_DEAF))
    return Sound(
        has_core=tree.exists("proc/asound") or tree.exists(_CLASS),
        cards=_cards(tree),
        compress=tuple(node for node in compress if node.name not in deaf),
        pcm=_nodes(tree, "pcm", "p", rights),
        known=frozenset(tree.names(_CLASS)),
        deaf=deaf,
        answers=tuple(answer for answer in answers if os.path.basename(answer.node) not in deaf),
    )


def _cards(tree: Tree) -> tuple[Card, ...]:
    try:
        return tuple(cards(tree.root).values())
    except DeviceError:
        return ()


def _nodes(tree: Tree, kind: str, ending: str, rights: Callable[[str], Rights]) -> tuple[DeviceNode, ...]:
    found = []
    for name in tree.names(_NODES):
        card, letter, device = name.removeprefix(f"{kind}C").partition("D")
        number = device.removesuffix(ending)
        is_kind = name.startswith(f"{kind}C") and letter and device.endswith(ending)
        if is_kind and card.isdecimal() and number.isdecimal():
            found.append((int(card), int(number), name))
    return tuple(_node(tree, *place, rights) for place in sorted(found))


def _node(tree: Tree, card: int, device: int, name: str, rights: Callable[[str], Rights]) -> DeviceNode:
    path = tree.path(f"{_NODES}/{name}")
    holder = holder_of(path, tree.root) if name.startswith("compr") else ""
    return DeviceNode(name, card, device, rights(path), holder, _unit_of(tree, holder))


def _unit_of(tree: Tree, holder: str) -> str:
    """Return the service in whose control group a process is."""
    pid = holder.rpartition("(pid ")[2].rstrip(")")
    unit = tree.text(f"proc/{pid}/cgroup").rpartition("/")[2] if holder else ""
    return unit if unit.endswith(".service") else ""
